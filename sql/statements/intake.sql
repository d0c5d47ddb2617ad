-- The way in.  Ingest may run these and nothing else, so none of them may need SELECT: no RETURNING,
-- no ON CONFLICT with a target.

-- name: intake_begin
begin

-- name: intake_commit
commit

-- Staged chunks need not be on disk before the message row is: its flush comes later in the same WAL.
-- name: intake_lazy
set local synchronous_commit = off

-- origin is left to its default: ingest has no right to say that a message came from the portal.
-- name: intake_message
insert into message (id, received_at, size, chunk_count, chunk, gateway_wrap, envelope)
values ($1, $2, $3, $4, $5, $6, $7)

-- name: intake_reply
insert into message (id, received_at, size, chunk_count, chunk, gateway_wrap, envelope, origin,
                     parent_delivery, once)
values ($1, $2, $3, $4, $5, $6, $7, 2, $8, $9)

-- name: intake_upload
insert into upload (message_id, started_at) values ($1, $2)

-- name: intake_chunk
insert into chunk (message_id, number, body) values ($1, $2, $3)

-- What its writer reads of a reply later, and the draft that is done with.
-- name: intake_sent
insert into writing (id, delivery_id, kind, key_wrap, sealed, written_at) values ($1, $2, 2, $3, $4, $5)

-- Only what was there to be sent: a file that came meanwhile stays.
-- name: intake_drop_draft
with files as (
	delete from draft_file where delivery_id = $1 and id <= $2
)
delete from writing where delivery_id = $1 and kind = 1
