-- Keys of people outside, the searches for them, and what is needed to believe them.  Addresses, keys and
-- evidence are sealed under the display key; *_index are keyed hashes: who has only the database learns
-- neither whom the organisation writes to, nor by asking a directory whose key it is.

create table key (
	id            uuid primary key,
	kind          smallint not null check (kind in (1, 2)), -- 1 certificate (S/MIME), 2 OpenPGP
	standing      smallint not null check (standing between 1 and 4),
	                -- 1 found: used while it is believed; 2 accepted by the administrator;
	                -- 3 in review; 4 banned
	source        smallint not null check (source between 1 and 20),
	address       bytea not null,
	address_index bytea not null,
	print_index   bytea not null,           -- of the fingerprint
	material      bytea not null,
	evidence      bytea not null,           -- where it was found, and how sure that is
	capabilities  integer not null default 0, -- what its owner's program can read
	told_at       bigint not null default 0, -- when its owner signed that; 0: only its certificate says so
	vouched       boolean not null,         -- its owner's domain says that it is theirs
	reason        text,                     -- why it is in review
	found_at      bigint not null,
	seen_at       bigint not null,          -- the last time that a source gave it
	expires_at    bigint not null,          -- its own end; 0: none
	unique (address_index, print_index)
);
alter table key alter column material set storage external;
create index key_by_print on key (print_index);
create index key_in_order on key (found_at, id);
create index key_in_review on key (found_at, id) where standing = 3;
create index key_undecided on key (seen_at) where standing in (1, 3);

-- Messages that bring keys of their authors, until these were looked at: seconds, as a rule.  The bytes of
-- such a message stay so long.
create table harvest (
	message_id    uuid primary key,
	key_wrap      bytea not null,           -- the message's key to the gateway
	noted_at      bigint not null,
	claims        smallint not null default 0,
	claimed_until bigint not null default 0
);
create index harvest_waiting on harvest (claimed_until, noted_at);

-- What looking for the keys of an address gave, and until when that counts.  A row without an answer
-- is a question, which the courier takes up.
create table key_search (
	address_index bytea primary key,
	address       bytea not null,
	asked_at      bigint not null,
	answered_at   bigint not null default 0,
	until         bigint not null default 0,
	outcome       bytea,                    -- what each source said
	claimed_until bigint not null default 0
);
create index key_search_asked on key_search (claimed_until) where answered_at < asked_at;
create index key_search_old on key_search (until);

-- Keys of the organisation itself, to sign with.  The private half is sealed to the gateway's public key.
create table own_key (
	id            uuid primary key,
	kind          smallint not null check (kind in (1, 2)),
	address       bytea not null,           -- whose; of the gateway itself: the system's address
	address_index bytea not null,
	print_index   bytea not null,
	material      bytea not null,
	evidence      bytea not null,           -- fingerprint, owner, issuer
	key_wrap      bytea not null,           -- a key to the gateway
	private       bytea not null,           -- the private half under that key
	added_at      bigint not null,
	expires_at    bigint not null,          -- 0: never
	unique (address_index, print_index)
);
create index own_key_of_address on own_key (address_index, kind, added_at desc);
alter table own_key alter column private set storage external;

-- Who may vouch for certificates.  These are public.
create table authority (
	id          uuid primary key,
	print       bytea not null unique check (octet_length(print) = 32), -- SHA-256 of the certificate
	certificate bytea not null,
	root        boolean not null,           -- false: only a step on the way to a root
	added_at    bigint not null
);

-- Lists of revoked certificates, fetched ahead, and answers about single ones.
create table revocation (
	place_hash bytea primary key check (octet_length(place_hash) = 32), -- SHA-256 of the address
	place      text not null,
	issuer     bytea,                       -- certificate of who signs the list; null: not fetched ahead
	list       bytea,                       -- the last good one
	fetched_at bigint not null default 0,   -- that one
	until      bigint not null default 0,   -- its next update
	tried_at   bigint not null default 0,
	next_at    bigint not null,             -- when to fetch
	used_at    bigint not null,
	fault      text                         -- why the last try failed
);
create index revocation_due on revocation (next_at);

alter table outbox drop constraint outbox_kind_check;
alter table outbox add constraint outbox_kind_check check (kind between 1 and 22); -- 21 encrypted, 22 verified TLS

-- Which key a message left under, as it was seen then.
alter table delivery add column key_id uuid;
alter table delivery add column evidence bytea;

-- A server may have taken it by verified TLS, though it did not say so: its way is not changed any more.
alter table delivery add column handed_over boolean not null default false;

alter table message drop constraint message_transfer_check;
alter table message add constraint message_transfer_check check (transfer between 0 and 7); -- 4: by a machine
