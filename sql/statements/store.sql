-- What connections need for themselves.

-- The program refuses a schema it was not built for.
-- name: schema_version
select coalesce(max(version), 0) from schema_version

-- name: store_ping
select 1

-- name: store_notify
select pg_notify($1, '')
