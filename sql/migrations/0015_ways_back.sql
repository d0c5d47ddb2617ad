-- Ways back for recipients: a mailbox whose passphrase is forgotten is given up, and second factors that are
-- lost are taken away when a sender asks for it.

-- A mailbox comes to its end without its passphrase, after a time in which its owner can stop it.  Rows stay for a
-- while as a record of what became of it.
create table give_up (
	id          uuid primary key,
	owner_index bytea not null,
	address     bytea not null,             -- under the display key, as are the names below
	mailbox_id  uuid references mailbox on delete cascade, -- while it is begun
	language    text,                       -- of mails about it
	state       smallint not null default 1 check (state between 1 and 6),
	                        -- 1 asked for, 2 begun by an administrator, 3 waits, 4 done, 5 stopped, 6 lapsed
	link_hash   bytea unique check (octet_length(link_hash) = 32),
	link_wrap   bytea,                      -- its secret to the gateway, until it is mailed
	begun_by    bytea,                      -- an administrator; null: by the link
	ended_by    bytea,                      -- the second one
	asked_at    bigint not null,
	begun_at    bigint,
	ready_at    bigint,                     -- not done before
	lapses_at   bigint not null,            -- of the link, or of what a second administrator has to complete
	ended_at    bigint
);
create unique index give_up_asked on give_up (owner_index) where state = 1;
create unique index give_up_begun on give_up (mailbox_id) where state in (2, 3);
create index give_up_of_owner on give_up (owner_index, id);
create index give_up_due on give_up (ready_at) where state = 3;

-- When somebody last came in.
alter table mailbox add column entered_at bigint;

-- From when on nobody but its sender can make it open again: the mailbox that it lay in was given up.
alter table delivery
	add column lost_at bigint,
	drop constraint delivery_closed_by_check,
	add constraint delivery_closed_by_check check (closed_by between 0 and 4); -- 4 with the mailbox that it lay in

-- A sender asks for it, and somebody else agrees: its owner by a mailed link, or an administrator.
alter table account_reset
	drop constraint account_reset_state_check,
	add constraint account_reset_state_check check (state between 1 and 6),
	                        -- 5 asked for by a sender, 6 agreed to: done by itself when it is ready
	add column by_sender boolean not null default false,
	add column language  text,              -- of mails about it
	add column link_hash bytea unique check (octet_length(link_hash) = 32),
	add column link_wrap bytea;             -- its secret to the gateway, until it is mailed
drop index account_reset_begun;
create unique index account_reset_begun on account_reset (owner_index) where state in (1, 5, 6);
create index account_reset_due on account_reset (ready_at) where state = 6;

-- 27 about a mailbox that is given up, 28 about factors that a sender says are lost: code_id says which, generation what.
alter table outbox
	drop constraint outbox_kind_check,
	add constraint outbox_kind_check check (kind between 1 and 28),
	drop constraint outbox_subject_check,
	add constraint outbox_subject_check check ((message_id is null) = (kind in (18, 24, 27, 28)));
