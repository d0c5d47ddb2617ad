-- name: session_insert
insert into session (token_hash, delivery_id, sealed, created_at, seen_at) values ($1, $2, $3, $4, $5)

-- name: session_find
update session set seen_at = greatest(seen_at, $2)
where token_hash = $1 and seen_at >= $3 and created_at >= $4
returning delivery_id, sealed, created_at, seen_at

-- name: session_delete
delete from session where token_hash = $1

-- name: session_delete_of
delete from session where delivery_id = $1

-- name: session_sweep
delete from session where seen_at < $1 or created_at < $2
