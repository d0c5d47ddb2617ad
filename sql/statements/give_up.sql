-- Mailboxes that are given up: see store/give_up.h.

-- name: give_up_ask
insert into give_up (id, owner_index, address, language, link_hash, link_wrap, asked_at, lapses_at)
values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing

-- What nobody followed in its time, or completed.
-- name: give_up_lapse
update give_up set state = 6, ended_at = lapses_at where owner_index = $1 and state in (1, 2) and lapses_at <= $2

-- name: give_up_find_link
select id, address, owner_index, mailbox_id, language, state, link_wrap, begun_by, ended_by, asked_at, begun_at, ready_at,
       lapses_at, ended_at
from give_up where link_hash = $1

-- name: give_up_read
select id, address, owner_index, mailbox_id, language, state, link_wrap, begun_by, ended_by, asked_at, begun_at, ready_at,
       lapses_at, ended_at
from give_up where id = $1

-- The one that is due, for its end; what another one has at hand is left to them.
-- name: give_up_lock
select id, address, owner_index, mailbox_id, language, state, link_wrap, begun_by, ended_by, asked_at, begun_at, ready_at,
       lapses_at, ended_at
from give_up where id = $1 and state = 3 for update skip locked

-- The one that is begun.
-- name: give_up_of_mailbox
select id, address, owner_index, mailbox_id, language, state, link_wrap, begun_by, ended_by, asked_at, begun_at, ready_at,
       lapses_at, ended_at
from give_up where mailbox_id = $1 and (state = 3 or (state = 2 and lapses_at > $2))

-- The same by whose mailbox it is.
-- name: give_up_of_owner
select id, address, owner_index, mailbox_id, language, state, link_wrap, begun_by, ended_by, asked_at, begun_at, ready_at,
       lapses_at, ended_at
from give_up where owner_index = $1 and (state = 3 or (state = 2 and lapses_at > $2))

-- For the administrator: what was asked for and never begun is nobody's business.
-- name: give_up_list
select id, address, owner_index, mailbox_id, language, state, link_wrap, begun_by, ended_by, asked_at, begun_at, ready_at,
       lapses_at, ended_at
from give_up where owner_index = $1 and begun_at is not null order by id desc limit $2

-- By the link, which is good for once.
-- name: give_up_begin
update give_up set state = 3, mailbox_id = $2, language = coalesce(nullif($3, ''), language), begun_at = $4, ready_at = $5
where id = $1 and state = 1 and lapses_at > $4

-- Of one mailbox one at a time: the index refuses a second one.
-- name: give_up_is_begun
select 1 from give_up where mailbox_id = $1 and state in (2, 3)

-- name: give_up_insert
insert into give_up (id, owner_index, address, mailbox_id, language, state, begun_by, asked_at, begun_at, ready_at, lapses_at)
values ($1, $2, $3, $4, $5, 2, $6, $7, $7, $8, $9) on conflict do nothing

-- name: give_up_confirm
update give_up set state = 3, ended_by = $2 where id = $1 and state = 2

-- name: give_up_stop
update give_up set state = 5, ended_at = $2 where id = $1 and state in (2, 3)

-- Away from the mailbox, which goes now.
-- name: give_up_done
update give_up set state = 4, ended_at = $2, mailbox_id = null, link_hash = null where id = $1 and state = 3

-- name: give_up_mailed
update give_up set link_wrap = null where id = $1

-- name: give_up_due
select id from give_up where state = 3 and ready_at <= $1 order by ready_at limit $2

-- Does it lie in a mailbox that is about to go?
-- name: give_up_dooms
select 1 from mailbox_message join give_up using (mailbox_id)
where delivery_id = $1 and (state = 3 or (state = 2 and lapses_at > $2))

-- name: give_up_sweep_lapsed
update give_up set state = 6, ended_at = lapses_at where state in (1, 2) and lapses_at <= $1

-- What was done names its owner until all mails about it have left.
-- name: give_up_sweep_done
update give_up set address = '' where state = 4 and address <> ''
	and not exists (select 1 from outbox where code_id = give_up.id and state in (1, 4))

-- Of an owner whose mailbox is gone nothing stays but a record of what was done.
-- name: give_up_forget
delete from give_up where owner_index = $1 and state <> 4

-- Of what was only asked for nothing is kept, of the rest a record for a while.
-- name: give_up_sweep
delete from give_up where (state = 6 and begun_at is null) or (state in (4, 5, 6) and ended_at < $1)
