-- No target: with one, the portal would need SELECT here.
-- name: outbox_insert
insert into outbox (id, kind, message_id, delivery_id, code_id, generation, created_at, next_at, tries)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict do nothing

-- $4: the lanes that take nothing now, "{1,2}".  A lease moves next_at: a leased row is due again when the lease ends, and is not looked at before.
-- name: outbox_claim
with picked as materialized (
	select id, next_at from outbox
	where state = 1 and next_at <= $2 and lane <> all ($4::text::bigint[])
	order by next_at, id limit $3
	for update skip locked
), taken as (
	update outbox set next_at = $1 from picked where outbox.id = picked.id
	returning outbox.id, kind, message_id, delivery_id, code_id, generation, created_at, picked.next_at, tries
)
select id, kind, message_id, delivery_id, code_id, generation, created_at, next_at, tries
from taken order by next_at, id

-- name: outbox_lock
select 1 from outbox where id = $1 and state = 1 for update skip locked

-- The lock, and the message in the same breath.
-- name: outbox_lock_message
with locked as materialized (
	select message_id from outbox where id = $1 and state = 1 for update skip locked
)
select message.id, origin, message.state, received_at, size, chunk_count, chunk, gateway_wrap, envelope, manifest,
       sender, sender_index, subject, parent_delivery, claims, transfer, returns, envelope_id
from message join locked on message.id = locked.message_id

-- name: outbox_queued
select 1 from outbox where id = $1 and state = 1

-- Whatever still needs the message's bytes.
-- name: outbox_queued_of_message
select 1 from outbox where message_id = $1 and state in (1, 4)
union all select 1 from harvest where message_id = $1 limit 1

-- name: outbox_set_sent
update outbox set state = 2 where id = $1 and state = 1

-- The common end, in one statement: the only recipient has the message, nothing else waits, and what is
-- left of it goes.  All of it or nothing: the row is locked, and nobody else changes a queued delivery.
-- name: outbox_set_whole
with free as materialized (
	select 1 where not exists (select 1 from outbox where message_id = $2 and state in (1, 4) and id <> $1)
	               and not exists (select 1 from harvest where message_id = $2)
), sent as (
	update outbox set state = 2 where id = $1 and state = 1 and exists (select 1 from free)
), arrived as (
	update delivery set state = 6, relay_status = $4, relay_reply = $5, relay_host = $6, relayed_at = $7,
	       closed_at = $7, gateway_wrap = null, message_key_wrap = null, cleared = true, lock_id = null
	where id = $3 and state = 1 and exists (select 1 from free)
), gone as (
	delete from chunk where message_id = $2 and exists (select 1 from free)
), unmarked as (
	delete from upload where message_id = $2 and exists (select 1 from free)
)
update message set state = 3, chunk = null, gateway_wrap = null, envelope = null, manifest = null,
       sender = null, sender_index = null, subject = null, envelope_id = null
where id = $2 and exists (select 1 from free)

-- name: outbox_set_failed
update outbox set state = 3 where id = $1 and state = 1

-- name: outbox_set_later
update outbox set tries = tries + 1, next_at = $2, lane = 0 where id = $1 and state = 1

-- Nobody was asked: no try is counted.
-- name: outbox_set_waiting
update outbox set next_at = $2, lane = $3 where id = $1 and state = 1

-- What the administrator sees, oldest first, from behind a place in the list: (created_at, id).
-- name: outbox_list
select outbox.id, kind, message_id, delivery_id, code_id, generation, outbox.created_at, next_at, tries,
       outbox.state, lane, message.sender, message.sender_index, message.size
from outbox left join message on message.id = outbox.message_id
where outbox.state in (1, 4) and (outbox.created_at, outbox.id) > ($1, $2)
order by outbox.created_at, outbox.id limit $3

-- name: outbox_read
select outbox.id, kind, message_id, delivery_id, code_id, generation, outbox.created_at, next_at, tries,
       outbox.state, lane, message.sender, message.sender_index, message.size
from outbox left join message on message.id = outbox.message_id
where outbox.id = $1 and outbox.state in (1, 4)

-- name: outbox_retry
update outbox set next_at = $2, lane = 0 where id = $1 and state = 1

-- name: outbox_hold
update outbox set state = 4 where id = $1 and state = 1

-- name: outbox_release
update outbox set state = 1, next_at = $2, lane = 0 where id = $1 and state = 4

-- name: outbox_delete
update outbox set state = 3 where id = $1 and state in (1, 4)

-- name: outbox_next_due
select min(next_at) from outbox where state = 1
