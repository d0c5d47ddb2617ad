-- What recipients write: drafts of replies with their files, and what was sent.  Sealed to the temporary
-- public key of the delivery that is answered, so that nobody but its recipient opens it.
create table writing (
	id          uuid primary key,
	delivery_id uuid not null references delivery,
	kind        smallint not null check (kind in (1, 2)), -- 1 draft, 2 sent
	key_wrap    bytea not null,             -- its key to the delivery's temporary public key
	sealed      bytea not null,             -- text and what goes with it, under that key
	written_at  bigint not null
);
create unique index writing_draft on writing (delivery_id) where kind = 1;
create index writing_sent on writing (delivery_id, id) where kind = 2;
alter table writing alter column sealed set storage external;

-- Files of drafts.  Those that came in one form lie in one bundle: chunks like those of a message.
create table draft_file (
	id          uuid primary key,
	delivery_id uuid not null references delivery,
	bundle_id   uuid not null,              -- chunk.message_id
	bundle_size bigint not null check (bundle_size > 0),
	chunk_count integer not null check (chunk_count > 0),
	key_wrap    bytea not null,             -- the bundle's key to the delivery's temporary public key
	size        bigint not null check (size >= 0), -- of the file
	sealed      bytea not null              -- its name, its type and where it lies, under the bundle's key
);
create index draft_file_of_delivery on draft_file (delivery_id, id);
create index draft_file_of_bundle on draft_file (bundle_id);
