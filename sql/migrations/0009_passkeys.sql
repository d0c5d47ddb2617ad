-- Passkeys (WebAuthn) of people who sign in: several for each, beside codes by the clock.

create table passkey (
	id          uuid primary key,
	owner_index bytea not null,
	name        bytea not null,             -- as its owner calls it; this and the next two under the display key
	credential  bytea not null,             -- the id that its device knows it by
	public_key  bytea not null,
	algorithm   smallint not null check (algorithm in (-7, -8, -257)), -- COSE: ES256, EdDSA, RS256
	counter     bigint not null check (counter between 0 and 4294967295), -- of its device; grows, or stays 0
	created_at  bigint not null,
	used_at     bigint not null default 0
);
create index passkey_of_owner on passkey (owner_index, id);

-- What a device is to sign next: one for each browser and use.  It is here as it is, not hashed: it is in the page
-- that asks, says nothing and opens nothing without the device, and a page that is looked at twice asks for the
-- same.  A try deletes it, whatever becomes of the try.
create table passkey_challenge (
	holder     bytea primary key check (octet_length(holder) = 32), -- hash of the browser's cookie and of the use
	challenge  bytea not null check (octet_length(challenge) = 32),
	created_at bigint not null
);
create index passkey_challenge_created on passkey_challenge (created_at);

-- 5 a passkey added, 6 one taken away, 7 the last one, and nothing else is left; 8 codes by an app taken away, and
-- passkeys are left; 9 a passkey that seems to be copied was refused.
alter table account_event
	drop constraint account_event_what_check,
	add constraint account_event_what_check check (what between 1 and 9);
