-- name: factor_insert
insert into factor_try (id, token_hash, delivery_id, sealed, code_wrap, sheet_id, number, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8)

-- A try is counted before it is looked at.
-- name: factor_try
update factor_try set tries = tries + 1
where token_hash = $1 and delivery_id = $2 and created_at > $3 and tries < $4
returning id, delivery_id, sealed, tries, created_at, sheet_id, number,
          (select sheet.created_at from sheet where sheet.id = sheet_id)

-- name: factor_find
select id, delivery_id, sealed, tries, created_at, sheet_id, number,
       (select sheet.created_at from sheet where sheet.id = sheet_id)
from factor_try where token_hash = $1 and created_at > $2

-- name: factor_read
select id, delivery_id, code_wrap, created_at from factor_try where id = $1

-- name: factor_mailed
update factor_try set code_wrap = null where id = $1

-- name: factor_delete
delete from factor_try where id = $1

-- name: factor_sweep
delete from factor_try where created_at < $1
