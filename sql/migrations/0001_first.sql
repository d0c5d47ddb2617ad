-- The first schema.  Times are seconds since 1970 (UTC), handed in by the programs.
-- Columns named *_wrap hold keys sealed by crypto/pair or crypto/box; sender, recipient,
-- subject, clue and relay_reply are sealed under the display key; *_index are keyed hashes.

create table message (
	id              uuid primary key,
	origin          smallint not null default 1 check (origin in (1, 2)), -- 1 by SMTP, 2 written in the portal
	state           smallint not null default 1 check (state between 1 and 4),
	                                        -- 1 received, 2 routed, 3 destroyed, 4 stuck
	received_at     bigint not null,
	size            bigint not null check (size >= 0),              -- plain bytes
	chunk_count     integer not null check (chunk_count > 0),
	chunk           bytea,                  -- the only chunk of a message that fits one
	gateway_wrap    bytea,                  -- K to the gateway, while the courier must work on it
	envelope        bytea,                  -- sealed under K
	parent_delivery uuid,                   -- of a reply: the delivery it answers
	once            bytea unique,           -- of a reply: hash of its form, so that two clicks send one
	manifest        bytea,                  -- sealed under K
	sender          bytea,
	sender_index    bytea,
	subject         bytea,
	claims          smallint not null default 0,
	claimed_until   bigint not null default 0
);
alter table message alter column chunk set storage external;
alter table message alter column manifest set storage external;
create index message_received on message (claimed_until, id) where state = 1;
create index message_by_sender on message (sender_index, received_at desc) where sender_index is not null;
create index message_replies on message (parent_delivery) where parent_delivery is not null;

-- Chunks of messages larger than one.  They are written before their message row exists.
create table chunk (
	message_id uuid not null,
	number     integer not null,
	body       bytea not null,
	primary key (message_id, number)
);
alter table chunk alter column body set storage external;

-- What is being received: lets the courier find chunks whose message never came.
create table upload (
	message_id uuid primary key,
	started_at bigint not null
);
create index upload_started on upload (started_at);

create table lock (
	id         uuid primary key,
	public_wrap bytea not null,             -- the lock's public key, to the gateway: see docs/cryptography.md
	salt       bytea not null check (octet_length(salt) = 16),
	ops        integer not null,
	memory_kib integer not null,
	rule       smallint not null check (rule in (1, 2)),
	clue       bytea not null,
	created_at bigint not null
);

create table delivery (
	id               uuid primary key,
	message_id       uuid not null references message,
	state            smallint not null check (state between 1 and 10),
	                        -- 1 queued, 2 held, 3 securing, 4 ready, 5 opened, 6 sent, 7 failed,
	                        -- 8 expired, 9 recalled, 10 destroyed
	route            smallint not null check (route between 1 and 7),
	                        -- 1 plain, 2 portal, 3 refuse, 4 smime, 5 openpgp, 6 tls, 7 pdf
	reason           text not null,         -- stable words: which mark or policy, which template
	recipient        bytea not null,
	recipient_index  bytea not null,
	sender_index     bytea not null,
	temporary_public bytea,
	gateway_wrap     bytea,                 -- T to the gateway, while held
	outer_wrap       bytea,                 -- T to the lock, then to the link
	rescue_wrap      bytea,                 -- T to the sender's link
	sender_wrap      bytea,                 -- the sender's link, while held, for the mail that carries it
	message_key_wrap bytea,                 -- K to the temporary public key
	lock_id          uuid references lock,
	link_generation  integer not null default 0,
	sender_generation integer not null default 0,
	lifetime_days    integer,
	notify           boolean not null default false,
	created_at       bigint not null,
	secured_at       bigint,
	opened_at        bigint,
	replied_at       bigint,
	closed_at        bigint,                -- when it came to its last state
	expires_at       bigint,                -- held: when its sender must have finished; ready: when it dies
	wrong_tries      integer not null default 0,
	retry_at         bigint not null default 0,
	suspended_at     bigint,
	cleared          boolean not null default false, -- bytes and wraps are gone
	relay_status     text,
	relay_reply      bytea,
	claimed_until    bigint not null default 0
);
create index delivery_of_message on delivery (message_id);
create index delivery_securing on delivery (claimed_until) where state = 3;
create index delivery_suspended on delivery (claimed_until) where suspended_at is not null;
create index delivery_expiring on delivery (expires_at) where state in (2, 3, 4, 5);
create index delivery_uncleared on delivery (closed_at) where not cleared and state in (6, 7, 8, 9, 10);
create index delivery_by_sender on delivery (sender_index, created_at desc);

create table link (
	hash        bytea primary key check (octet_length(hash) = 32),
	delivery_id uuid not null references delivery,
	kind        smallint not null check (kind in (1, 2)),   -- 1 recipient, 2 sender
	generation  integer not null,
	ended       smallint not null default 0 check (ended between 0 and 2), -- 1 replaced, 2 suspended
	pickup_hash bytea,
	pickup_wrap bytea
);
create unique index link_pickup on link (pickup_hash) where pickup_hash is not null;
create index link_of_delivery on link (delivery_id, kind);

create table template (
	id              uuid primary key,
	owner           bytea not null,
	owner_index     bytea not null,
	recipient       bytea not null,
	recipient_index bytea not null,
	lock_id         uuid not null references lock,
	lifetime_days   integer not null,
	notify          boolean not null,
	created_at      bigint not null,
	used_at         bigint,
	unique (owner_index, recipient_index)
);

create table outbox (
	id            uuid primary key,
	kind          smallint not null check (kind between 1 and 9),
	                -- 1 plain, 2 finish, 3 notice, 4 reply, 5 bounce, 6 opened, 7 suspended (recipient),
	                -- 8 suspended (sender), 9 expired unread
	state         smallint not null default 1 check (state between 1 and 3), -- 1 queued, 2 sent, 3 failed
	message_id    uuid not null references message,
	delivery_id   uuid references delivery,
	generation    integer not null default 0,       -- of the link the mail carries
	created_at    bigint not null,
	next_at       bigint not null,                  -- due; while leased: when the lease ends
	tries         integer not null default 0
);
create index outbox_due on outbox (next_at) where state = 1;
create index outbox_of_message on outbox (message_id) where state = 1;
create unique index outbox_opened_once on outbox (delivery_id) where kind = 6;

create table session (
	token_hash  bytea primary key check (octet_length(token_hash) = 32),
	delivery_id uuid not null references delivery,
	sealed      bytea not null,             -- T under the cookie
	created_at  bigint not null,
	seen_at     bigint not null
);
create index session_of_delivery on session (delivery_id);
create index session_seen on session (seen_at);
create index session_created on session (created_at);

create table throttle (
	key        bytea primary key,
	failures   integer not null,
	first_at   bigint not null,
	retry_at   bigint not null
);
create index throttle_age on throttle (first_at);
