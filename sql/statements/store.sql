-- What connections need for themselves.

-- The program refuses a schema it was not built for.
-- name: schema_version
select coalesce(max(version), 0) from schema_version

-- name: store_ping
select 1

-- name: store_notify
select pg_notify($1, '')

-- name: store_heartbeat_read
select seen_at from heartbeat

-- name: store_heartbeat_note
insert into heartbeat (seen_at) values ($1)
on conflict (one) do update set seen_at = greatest(heartbeat.seen_at, excluded.seen_at)
