-- name: account_first
insert into account (owner_index, since) values ($1, $2) on conflict do nothing

-- Known: it was used since $4.
-- name: account_place_use
update account_place set used_at = $3 where owner_index = $1 and hash = $2 and used_at > $4

-- name: account_place_insert
insert into account_place (owner_index, hash, used_at) values ($1, $2, $3)
on conflict (owner_index, hash) do update set used_at = excluded.used_at

-- Only the $2 that were used last are remembered.
-- name: account_place_trim
delete from account_place where owner_index = $1 and hash in (
	select hash from account_place where owner_index = $1 order by used_at desc, hash offset $2)

-- name: account_place_drop
with known as (delete from account where owner_index = $1)
delete from account_place where owner_index = $1

-- name: account_place_sweep
delete from account_place where used_at < $1
