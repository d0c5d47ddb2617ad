-- The sender's desk: receipts of several kinds, reminders, a link that is mailed again or anew,
-- a passphrase set anew, templates without a lock, threads, signing in.

-- What the sender wants to be told by mail: 1 opened, 2 file taken, 4 with its name, 8 answered,
-- 16 notice accepted.
alter table delivery
	add column wishes smallint not null default 0 check (wishes between 0 and 31),
	add column remind_days integer not null default 0 check (remind_days >= 0),
	add column remind_at bigint,            -- held: its sender is reminded; ready: its recipient
	add column reminders smallint not null default 0, -- how many went out since the state began
	add column asked_at bigint,             -- the recipient does not know the answer
	add column resent_at bigint,            -- the sender had the link mailed again, or a new one
	add column relink_at bigint,            -- a new link is asked for
	add column link_letter uuid,            -- the outbox row of the mail that carries the sender's link
	add column by_template boolean not null default false,
	add column closed_by smallint not null default 0 check (closed_by between 0 and 3);
	                        -- 0 time, 1 recipient, 2 sender, 3 administrator
update delivery set wishes = 1 where notify;
alter table delivery
	drop column notify,
	drop column sender_generation;

drop index delivery_suspended;
create index delivery_relinking on delivery (claimed_until)
	where suspended_at is not null or relink_at is not null;
create index delivery_reminding on delivery (remind_at) where remind_at is not null;
-- The desk reads newest first, from a place in the list: (created_at, id).
drop index delivery_by_sender;
create index delivery_desk on delivery (sender_index, created_at, id) where route <> 1;
create index delivery_desk_plain on delivery (sender_index, created_at, id) where route = 1;

-- A template without a lock is prepared: it holds its first message, and fills in the form.
alter table template
	alter column lock_id drop not null,
	add column clue bytea,                  -- the lock's once more, so that a list needs no other table;
	                                        -- missing in rows older than this
	add column forgiving boolean not null default false,
	add column wishes smallint not null default 0 check (wishes between 0 and 31),
	add column remind_days integer not null default 0 check (remind_days >= 0),
	add column way smallint not null default 1 check (way in (1, 2)), -- 1 at once, 2 ask each time
	add column link_mail boolean not null default true; -- each message's link is mailed to its sender
update template set wishes = 1 where notify;
alter table template drop column notify;

create index template_of_owner on template (owner_index, id);
create index template_of_lock on template (lock_id) where lock_id is not null;
create index delivery_of_lock on delivery (lock_id) where lock_id is not null;

-- Which files the recipient took.
create table taken (
	delivery_id uuid not null references delivery,
	part        bigint not null,
	name        bytea,                      -- under the display key, when the sender asked for names
	taken_at    bigint not null,
	primary key (delivery_id, part)
);

-- Messages of secured conversations: keyed hashes of their Message-IDs.
create table thread (
	hash    bytea primary key check (octet_length(hash) = 32),
	seen_at bigint not null
);
create index thread_seen on thread (seen_at);

-- A code on its way to somebody who wants to sign in.
create table sign_in (
	id            uuid primary key,
	token_hash    bytea not null unique check (octet_length(token_hash) = 32), -- of the browser's cookie
	address       bytea not null,
	address_index bytea not null,
	code_hash     bytea not null check (octet_length(code_hash) = 32), -- keyed with the pepper
	code_wrap     bytea,                    -- the code to the gateway, until it is mailed
	tries         integer not null default 0,
	created_at    bigint not null
);
create index sign_in_created on sign_in (created_at);

create table desk_session (
	id            uuid primary key,
	token_hash    bytea not null unique check (octet_length(token_hash) = 32),
	address       bytea not null,
	address_index bytea not null,
	created_at    bigint not null,
	seen_at       bigint not null
);
create index desk_session_seen on desk_session (seen_at);
create index desk_session_created on desk_session (created_at);

alter table outbox
	alter column message_id drop not null,
	add column sign_in_id uuid,
	drop constraint outbox_kind_check,
	add constraint outbox_kind_check check (kind between 1 and 18),
	add constraint outbox_subject_check check ((message_id is null) = (kind = 18));
	        -- 10 sent securely, 11 asked, 12 new clue, 13 reminder (recipient), 14 reminder (sender),
	        -- 15 files taken, 16 answered, 17 notice accepted, 18 code to sign in
create unique index outbox_taken_once on outbox (delivery_id) where kind = 15 and state = 1;

-- When the couriers last knew what time it was: whoever starts, or sees the clock jump, compares.
create table heartbeat (
	one     boolean primary key default true check (one),
	seen_at bigint not null
);
