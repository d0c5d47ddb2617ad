-- name: thread_note
insert into thread (hash, seen_at) values ($1, $2) on conflict (hash) do update set seen_at = excluded.seen_at

-- $1: several hashes of 32 bytes, one behind the other; $2: how many.
-- name: thread_find
select 1 from thread
where hash in (select substring($1 from (32 * n + 1)::integer for 32) from generate_series(0, $2 - 1) as n)
limit 1

-- name: thread_sweep
delete from thread where seen_at < $1
