-- name: account_reset_insert
insert into account_reset (id, owner_index, address, begun_by, begun_at, ready_at, lapses_at)
values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing

-- A sender asks for it; when it is ready is known once somebody has agreed.
-- name: account_reset_ask
insert into account_reset (id, owner_index, address, begun_by, by_sender, language, link_hash, link_wrap, state, begun_at,
                           ready_at, lapses_at)
values ($1, $2, $3, $4, true, $5, $6, $7, 5, $8, 0, $9) on conflict do nothing

-- name: account_reset_find_link
select id, address, begun_by, ended_by, state, begun_at, ready_at, lapses_at, ended_at, owner_index, by_sender, language,
       link_wrap
from account_reset where link_hash = $1

-- name: account_reset_read
select id, address, begun_by, ended_by, state, begun_at, ready_at, lapses_at, ended_at, owner_index, by_sender, language,
       link_wrap
from account_reset where id = $1

-- name: account_reset_agree
update account_reset set state = 6, ready_at = $2, ended_by = $3 where id = $1 and state = 5

-- name: account_reset_due
select id from account_reset where state = 6 and ready_at <= $1 order by ready_at limit $2

-- name: account_reset_end_agreed
update account_reset set state = 2, ended_at = $2 where id = $1 and state = 6 and ready_at <= $2

-- name: account_reset_mailed
update account_reset set link_wrap = null where id = $1

-- The one that is begun.
-- name: account_reset_find
select id, address, begun_by, ended_by, state, begun_at, ready_at, lapses_at, ended_at, owner_index, by_sender, language,
       link_wrap
from account_reset where owner_index = $1 and (state = 6 or (state in (1, 5) and lapses_at > $2))

-- name: account_reset_list
select id, address, begun_by, ended_by, state, begun_at, ready_at, lapses_at, ended_at, owner_index, by_sender, language,
       link_wrap
from account_reset where owner_index = $1 order by id desc limit $2

-- name: account_reset_end
update account_reset set state = $2, ended_by = coalesce($3, ended_by), ended_at = $4 where id = $1 and state in (1, 5, 6)

-- name: account_reset_lapse
update account_reset set state = 4, ended_at = lapses_at where owner_index = $1 and state in (1, 5) and lapses_at <= $2

-- For the administrator.
-- name: account_event_list
select id, what, address, detail, until, created_at from account_event where owner_index = $1 order by id desc limit $2

-- name: account_reset_drop
delete from account_reset where owner_index = $1
