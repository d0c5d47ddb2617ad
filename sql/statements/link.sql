-- A pick-up code that is already taken must not end the transaction: the caller draws another.
-- name: link_insert
insert into link (hash, delivery_id, kind, generation, pickup_hash, pickup_wrap)
values ($1, $2, $3, $4, $5, $6)
on conflict do nothing

-- name: link_find
select delivery_id, kind, generation, ended, pickup_wrap from link where hash = $1 and kind = $2

-- name: link_find_pickup
select delivery_id, kind, generation, ended, pickup_wrap from link where pickup_hash = $1

-- name: link_end_all
update link set ended = $3 where delivery_id = $1 and kind = $2 and ended = 0
