-- name: session_insert
insert into session (token_hash, delivery_id, sealed, created_at, seen_at) values ($1, $2, $3, $4, $5)

-- Looking at a page must not cost a write each time: being seen is noted once in ten seconds.
-- name: session_find
with found as materialized (
	select token_hash, delivery_id, sealed, created_at, seen_at from session
	where token_hash = $1 and seen_at >= $3 and created_at >= $4
), noted as (
	update session set seen_at = $2 from found
	where session.token_hash = found.token_hash and session.seen_at <= $2 - 10
)
select delivery_id, sealed, created_at, greatest(seen_at, $2) from found

-- name: session_delete
delete from session where token_hash = $1

-- Visitors who owe a code are sent away too.
-- name: session_delete_of
with tries as (delete from factor_try where delivery_id = $1)
delete from session where delivery_id = $1

-- name: session_sweep
delete from session where seen_at < $1 or created_at < $2
