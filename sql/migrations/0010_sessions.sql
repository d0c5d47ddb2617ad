-- Sessions that people look at and end, places they sign in from, and factors that are lost.

-- From where somebody signed in: a program, its system and a network, under the display key.
alter table desk_session add column place bytea;
create index desk_session_of_owner on desk_session (address_index);
create index sign_in_of_owner on sign_in (address_index);

-- Whoever has ever signed in: the first time of all is told to nobody.
create table account (
	owner_index bytea primary key,
	since       bigint not null
);

-- Places that are known, by keyed hashes (with the pepper) of owner and place.
create table account_place (
	owner_index bytea not null,
	hash        bytea not null check (octet_length(hash) = 32),
	used_at     bigint not null,
	primary key (owner_index, hash)
);
create index account_place_used on account_place (used_at);

-- Two administrators take all factors of somebody away: one begins, another completes.  Rows stay as a
-- record of who did.
create table account_reset (
	id          uuid primary key,
	owner_index bytea not null,
	address     bytea not null,             -- these under the display key
	begun_by    bytea not null,             -- a name, and the account that ran the command
	ended_by    bytea,
	state       smallint not null default 1 check (state between 1 and 4),
	                        -- 1 begun, 2 completed, 3 stopped by the person, 4 lapsed
	begun_at    bigint not null,
	ready_at    bigint not null,            -- not completed before
	lapses_at   bigint not null,            -- nor from then on
	ended_at    bigint
);
create unique index account_reset_begun on account_reset (owner_index) where state = 1;
create index account_reset_of_owner on account_reset (owner_index, id);

-- 20 signed in from a new place, 21 a reset begun, 22 completed, 23 stopped.
alter table account_event
	drop constraint account_event_what_check,
	add constraint account_event_what_check check (what between 1 and 29),
	add column owner_index bytea,
	add column detail bytea,                -- a place, or a name, under the display key
	add column until bigint;                -- of a reset: when it may be completed
create index account_event_of_owner on account_event (owner_index, id) where owner_index is not null;
