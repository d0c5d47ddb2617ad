-- name: account_factor_insert
insert into account_factor (id, owner_index, kind, secret, created_at) values ($1, $2, $3, $4, $5)

-- What was begun before and never confirmed is replaced.
-- name: account_factor_drop_begun
delete from account_factor where owner_index = $1 and not confirmed

-- name: account_factor_list
select id, kind, secret, last_step, confirmed, created_at, used_at from account_factor where owner_index = $1 order by id

-- A code is good for once: of two that come at once one finds the step used.
-- name: account_factor_use
update account_factor set last_step = $2, used_at = $3, confirmed = true where id = $1 and last_step < $2

-- name: account_factor_delete
delete from account_factor where id = $1 and owner_index = $2

-- name: account_factor_sweep
delete from account_factor where not confirmed and created_at < $1

-- name: recovery_code_insert
insert into recovery_code (owner_index, hash, created_at) values ($1, $2, $3)

-- name: recovery_code_use
delete from recovery_code where owner_index = $1 and hash = $2

-- name: recovery_code_drop
delete from recovery_code where owner_index = $1

-- name: recovery_code_count
select count(*) from recovery_code where owner_index = $1

-- All of an owner's, whatever their kind.
-- name: account_factor_drop
delete from account_factor where owner_index = $1

-- name: account_event_insert
insert into account_event (id, what, address, created_at, owner_index, detail, until) values ($1, $2, $3, $4, $5, $6, $7)

-- name: account_event_read
select id, what, address, detail, until, created_at from account_event where id = $1

-- name: account_event_drop
delete from account_event where owner_index = $1

-- name: account_event_sweep
delete from account_event where created_at < $1 and not exists (select 1 from outbox where code_id = account_event.id and state in (1, 4))
