-- Second factors of people who sign in, the codes for whoever lost one, and what they are told of by mail.

create table account_factor (
	id          uuid primary key,
	owner_index bytea not null,
	kind        smallint not null check (kind = 1), -- 1 codes by the clock (TOTP)
	secret      bytea not null,             -- under the display key
	last_step   bigint not null default 0,  -- the last code that was used: none is good for twice
	confirmed   boolean not null default false, -- a code of it was seen
	created_at  bigint not null,
	used_at     bigint not null default 0
);
create index account_factor_of_owner on account_factor (owner_index, id);
create index account_factor_begun on account_factor (created_at) where not confirmed;

create table recovery_code (
	owner_index bytea not null,
	hash        bytea not null check (octet_length(hash) = 32), -- keyed with the pepper
	created_at  bigint not null,
	primary key (owner_index, hash)
);

-- Something that somebody is told of by mail: 1 second factor set up, 2 taken away, 3 a recovery code used,
-- 4 new recovery codes.
create table account_event (
	id         uuid primary key,
	what       smallint not null check (what between 1 and 4),
	address    bytea not null,
	created_at bigint not null
);
create index account_event_created on account_event (created_at);

-- Whose mailed code was right, and who owes the second factor.
alter table sign_in
	add column coded_at bigint,
	add column factor_tries integer not null default 0;

alter table outbox
	drop constraint outbox_kind_check,
	add constraint outbox_kind_check check (kind between 1 and 24), -- 24 something that an account is told of
	drop constraint outbox_subject_check,
	add constraint outbox_subject_check check ((message_id is null) = (kind in (18, 24)));
