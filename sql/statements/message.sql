-- Materialised, so that the rows are picked (and locked) once whatever the plan.
-- name: message_claim_new
with picked as materialized (
	select id from message
	where state = 1 and claimed_until = 0
	order by id
	limit $2
	for update skip locked
), taken as (
	update message set claims = claims + 1, claimed_until = $1
	from picked where message.id = picked.id
	returning message.id
)
select id from taken order by id

-- One only: whoever claimed it before did not finish, perhaps because of what is in it.
-- name: message_claim_again
with picked as materialized (
	select id from message
	where state = 1 and claimed_until > 0 and claimed_until <= $2
	order by claimed_until, id
	limit 1
	for update skip locked
)
update message set claims = claims + 1, claimed_until = $1
from picked where message.id = picked.id
returning message.id

-- name: message_read
select id, origin, state, received_at, size, chunk_count, chunk, gateway_wrap, envelope, manifest,
       sender, sender_index, subject, parent_delivery, claims, transfer, returns,
       envelope_id
from message where id = $1

-- name: message_read_locked
select id, origin, state, received_at, size, chunk_count, chunk, gateway_wrap, envelope, manifest,
       sender, sender_index, subject, parent_delivery, claims, transfer, returns,
       envelope_id
from message where id = $1 for update skip locked

-- name: message_exists
select 1 from message where id = $1

-- name: message_chunk
select body from chunk where message_id = $1 and number = $2

-- name: message_set_routed
update message set state = 2, manifest = $2, sender = $3, sender_index = $4, subject = $5,
       transfer = $6, returns = $7, envelope_id = $8
where id = $1 and state = 1

-- name: message_set_stuck
update message set state = 4 where id = $1 and state = 1

-- name: message_drop_gateway_wrap
update message set gateway_wrap = null where id = $1

-- What is left: id, origin, times, size, and whom a reply answered.
-- name: message_destroy
with unmarked as (
	delete from upload where message_id = $1
)
update message set state = 3, chunk = null, gateway_wrap = null, envelope = null, manifest = null,
       sender = null, sender_index = null, subject = null, envelope_id = null
where id = $1

-- A part of them: all of a large message would take longer than a statement may.
-- name: message_destroy_chunks
delete from chunk using (
	select number from chunk where message_id = $1 order by number limit $2
) as picked
where message_id = $1 and chunk.number = picked.number

-- name: message_replies
select id from message where parent_delivery = $1 order by id

-- A few uploads at a time, and so many chunks of them: an upload whose chunks are not all among these
-- keeps its mark for the next time.  Those that are files of a draft stay.  Counts the uploads unmarked and the
-- chunks deleted.
-- name: message_sweep_uploads
with old as materialized (
	select message_id from upload
	where started_at < $1
	  and not exists (select 1 from draft_file where draft_file.bundle_id = upload.message_id)
	order by started_at limit $2
	for update skip locked
), lost as materialized (
	select message_id, number from chunk join old using (message_id)
	where not exists (select 1 from message where message.id = message_id)
	limit $3
), gone as (
	delete from chunk using lost
	where chunk.message_id = lost.message_id and chunk.number = lost.number
	returning 1
), unmarked as (
	delete from upload using old where upload.message_id = old.message_id
	  and ((select count(*) from lost) < $3
	       or exists (select 1 from message where message.id = old.message_id))
	returning 1
)
select (select count(*) from unmarked), (select count(*) from gone)
