-- name: lock_insert
insert into lock (id, public_wrap, salt, ops, memory_kib, rule, clue, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8)

-- name: lock_read
select id, public_wrap, salt, ops, memory_kib, rule, clue, created_at from lock where id = $1

-- A clue outlives neither its template nor its messages.
-- name: lock_drop_unused
delete from lock
where id = $1
      and not exists (select 1 from template where template.lock_id = lock.id)
      and not exists (select 1 from delivery where delivery.lock_id = lock.id)
