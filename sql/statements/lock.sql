-- name: lock_insert
insert into lock (id, public_wrap, salt, ops, memory_kib, rule, clue, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8)

-- name: lock_read
select id, public_wrap, salt, ops, memory_kib, rule, clue, created_at from lock where id = $1
