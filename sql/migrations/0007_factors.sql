-- Second factors: what a recipient shows besides the passphrase.

-- 0 none; 1 a code that is mailed to the recipient's address.
alter table delivery
	add column factor smallint not null default 0 check (factor in (0, 1)),
	add column factor_at bigint;            -- when the recipient last showed it
alter table template
	add column factor smallint not null default 0 check (factor in (0, 1));

-- Visitors whose passphrase was right, and who owe a code.  The temporary private key waits under a key that
-- takes both the browser's cookie and the code.
create table factor_try (
	id          uuid primary key,
	token_hash  bytea not null unique check (octet_length(token_hash) = 32), -- of the browser's cookie
	delivery_id uuid not null references delivery,
	sealed      bytea not null,
	code_wrap   bytea,                      -- the code to the gateway, until it is mailed
	tries       integer not null default 0,
	created_at  bigint not null
);
create index factor_try_of_delivery on factor_try (delivery_id);
create index factor_try_created on factor_try (created_at);

alter table outbox
	drop constraint outbox_kind_check,
	add constraint outbox_kind_check check (kind between 1 and 23);
	        -- 23 code of a recipient
-- Whose code it is: a row of sign_in, or of factor_try.
alter table outbox rename column sign_in_id to code_id;
