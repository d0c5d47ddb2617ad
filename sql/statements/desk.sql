-- One line of the desk per delivery, newest first, from behind ($2, $3).  $4: which states, as bits.
-- name: desk_list
select delivery.id, message_id, delivery.state, route, recipient, delivery.created_at, opened_at, replied_at,
       closed_at, expires_at, asked_at, suspended_at, message.subject
from delivery join message on message.id = message_id
where delivery.sender_index = $1 and route <> 1 and (delivery.created_at, delivery.id) < ($2, $3)
      and (1 << delivery.state) & $4::integer <> 0
order by delivery.created_at desc, delivery.id desc
limit $5

-- name: desk_list_plain
select delivery.id, message_id, delivery.state, route, recipient, delivery.created_at, opened_at, replied_at,
       closed_at, expires_at, asked_at, suspended_at, message.subject
from delivery join message on message.id = message_id
where delivery.sender_index = $1 and route = 1 and (delivery.created_at, delivery.id) < ($2, $3)
      and (1 << delivery.state) & $4::integer <> 0
order by delivery.created_at desc, delivery.id desc
limit $5

-- For the administrator: everybody's, or all of one sender.  $6: which routes, as bits.
-- name: desk_list_all
select delivery.id, message_id, delivery.state, route, recipient, delivery.created_at, opened_at, replied_at,
       closed_at, expires_at, asked_at, suspended_at, message.subject, message.sender
from delivery join message on message.id = message_id
where ($1::bytea is null or delivery.sender_index = $1) and (delivery.created_at, delivery.id) < ($2, $3)
      and (1 << delivery.state) & $4::integer <> 0 and (1 << route) & $6::integer <> 0
order by delivery.created_at desc, delivery.id desc
limit $5

-- name: desk_sign_in_insert
insert into sign_in (id, token_hash, address, address_index, code_hash, code_wrap, created_at)
values ($1, $2, $3, $4, $5, $6, $7)

-- A try is counted before it is looked at.
-- name: desk_sign_in_try
update sign_in set tries = tries + 1
where token_hash = $1 and created_at > $2 and tries < $3 and coded_at is null
returning id, address, address_index, code_hash, tries

-- The mailed code was right, and a second factor is asked for.
-- name: desk_sign_in_coded
update sign_in set coded_at = $2 where id = $1

-- name: desk_sign_in_try_factor
update sign_in set factor_tries = factor_tries + 1
where token_hash = $1 and coded_at > $2 and factor_tries < $3
returning id, address, address_index, factor_tries

-- name: desk_sign_in_find_factor
select id, address, factor_tries from sign_in where token_hash = $1 and coded_at > $2

-- name: desk_sign_in_read
select id, address, address_index, code_wrap, created_at from sign_in where id = $1

-- name: desk_sign_in_find
select id, address, tries from sign_in where token_hash = $1 and created_at > $2 and coded_at is null

-- name: desk_sign_in_mailed
update sign_in set code_wrap = null where id = $1

-- name: desk_sign_in_delete
delete from sign_in where id = $1

-- name: desk_sign_in_sweep
delete from sign_in where created_at < $1

-- name: desk_session_insert
insert into desk_session (id, token_hash, address, address_index, created_at, seen_at, place)
values ($1, $2, $3, $4, $5, $5, $6)

-- name: desk_session_find
with found as materialized (
	select id, address, address_index, created_at, seen_at from desk_session
	where token_hash = $1 and seen_at >= $3 and created_at >= $4
), noted as (
	update desk_session set seen_at = $2 from found
	where desk_session.id = found.id and desk_session.seen_at <= $2 - 10
)
select id, address, address_index, created_at from found

-- name: desk_session_delete
delete from desk_session where token_hash = $1

-- name: desk_session_renew
update desk_session set token_hash = $2 where id = $1

-- All of somebody but one; null: all.
-- name: desk_session_end_others
delete from desk_session where address_index = $1 and id is distinct from $2

-- name: desk_sign_in_end
delete from sign_in where address_index = $1

-- name: desk_session_sweep
delete from desk_session where seen_at < $1 or created_at < $2
