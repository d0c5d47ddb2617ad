-- name: account_reset_insert
insert into account_reset (id, owner_index, address, begun_by, begun_at, ready_at, lapses_at)
values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing

-- The one that is begun.
-- name: account_reset_find
select id, address, begun_by, ended_by, state, begun_at, ready_at, lapses_at, ended_at
from account_reset where owner_index = $1 and state = 1 and lapses_at > $2

-- name: account_reset_list
select id, address, begun_by, ended_by, state, begun_at, ready_at, lapses_at, ended_at
from account_reset where owner_index = $1 order by id desc limit $2

-- name: account_reset_end
update account_reset set state = $2, ended_by = $3, ended_at = $4 where id = $1 and state = 1

-- name: account_reset_lapse
update account_reset set state = 4, ended_at = lapses_at where owner_index = $1 and state = 1 and lapses_at <= $2

-- For the administrator.
-- name: account_event_list
select id, what, address, detail, until, created_at from account_event where owner_index = $1 order by id desc limit $2

-- name: account_reset_drop
delete from account_reset where owner_index = $1
