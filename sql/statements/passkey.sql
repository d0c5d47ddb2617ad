-- name: passkey_insert
insert into passkey (id, owner_index, name, credential, public_key, algorithm, counter, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8)

-- name: passkey_list
select id, name, credential, public_key, algorithm, counter, created_at, used_at from passkey where owner_index = $1 order by id

-- Of two that come at once with the same counter one is late.
-- name: passkey_use
update passkey set counter = $2, used_at = $3 where id = $1 and (counter < $2 or (counter = 0 and $2 = 0))

-- name: passkey_delete
delete from passkey where id = $1 and owner_index = $2

-- name: passkey_drop
delete from passkey where owner_index = $1

-- One that is young enough is given again: two windows of a browser ask for the same.
-- name: passkey_challenge_offer
insert into passkey_challenge as there (holder, challenge, created_at) values ($1, $2, $3)
on conflict (holder) do update
set challenge = case when there.created_at > $4 then there.challenge else excluded.challenge end,
    created_at = case when there.created_at > $4 then there.created_at else excluded.created_at end
returning challenge

-- Of two tries that come at once one finds nothing.
-- name: passkey_challenge_take
delete from passkey_challenge where holder = $1 returning challenge, created_at

-- name: passkey_challenge_sweep
delete from passkey_challenge where created_at < $1
