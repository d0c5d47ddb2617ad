-- No target: with one, the portal would need SELECT here.
-- name: outbox_insert
insert into outbox (id, kind, message_id, delivery_id, sign_in_id, generation, created_at, next_at, tries)
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
	returning outbox.id, kind, message_id, delivery_id, sign_in_id, generation, created_at, picked.next_at, tries
)
select id, kind, message_id, delivery_id, sign_in_id, generation, created_at, next_at, tries
from taken order by next_at, id

-- name: outbox_lock
select 1 from outbox where id = $1 and state = 1 for update skip locked

-- name: outbox_queued
select 1 from outbox where id = $1 and state = 1

-- name: outbox_queued_of_message
select 1 from outbox where message_id = $1 and state in (1, 4) limit 1

-- name: outbox_set_sent
update outbox set state = 2 where id = $1 and state = 1

-- name: outbox_set_failed
update outbox set state = 3 where id = $1 and state = 1

-- name: outbox_set_later
update outbox set tries = tries + 1, next_at = $2, lane = 0 where id = $1 and state = 1

-- Nobody was asked: no try is counted.
-- name: outbox_set_waiting
update outbox set next_at = $2, lane = $3 where id = $1 and state = 1

-- What the administrator sees, oldest first, from behind a place in the list: (created_at, id).
-- name: outbox_list
select outbox.id, kind, message_id, delivery_id, sign_in_id, generation, outbox.created_at, next_at, tries,
       outbox.state, lane, message.sender, message.sender_index, message.size
from outbox left join message on message.id = outbox.message_id
where outbox.state in (1, 4) and (outbox.created_at, outbox.id) > ($1, $2)
order by outbox.created_at, outbox.id limit $3

-- name: outbox_read
select outbox.id, kind, message_id, delivery_id, sign_in_id, generation, outbox.created_at, next_at, tries,
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
