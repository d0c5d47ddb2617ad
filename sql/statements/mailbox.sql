-- name: mailbox_insert
insert into mailbox (id, address, address_index, public, private_wrap, lock_id, salt, ops, memory_kib, rule,
                     created_at, changed_at, language)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $12)
on conflict do nothing

-- name: mailbox_read
select id, address, address_index, public, private_wrap, lock_id, salt, ops, memory_kib, rule, created_at, changed_at
from mailbox where id = $1

-- name: mailbox_find
select id, address, address_index, public, private_wrap, lock_id, salt, ops, memory_kib, rule, created_at, changed_at
from mailbox where address_index = $1

-- The one that a delivery lies in.
-- name: mailbox_of_delivery
select mailbox.id, address, address_index, public, private_wrap, lock_id, salt, ops, memory_kib, rule,
       created_at, changed_at
from mailbox_message join mailbox on mailbox.id = mailbox_id
where delivery_id = $1

-- Only over the lock that was read: of two changes at once one is told so.
-- name: mailbox_set_lock
update mailbox set private_wrap = $3, lock_id = $4, salt = $5, ops = $6, memory_kib = $7, rule = $8, changed_at = $9,
                   language = $10
where id = $1 and lock_id = $2

-- Before what lies in it is changed: of two ends at once one waits, and finds it gone.
-- name: mailbox_lock
select id from mailbox where id = $1 for update

-- name: mailbox_set_entered
update mailbox set entered_at = $2 where id = $1

-- For the administrator, from behind $1 on.
-- name: mailbox_list_all
select id, address, created_at, changed_at, entered_at,
       (select count(*) from mailbox_message where mailbox_id = mailbox.id),
       (select coalesce(sum(message.size), 0)::bigint from mailbox_message
        join delivery on delivery.id = delivery_id join message on message.id = message_id
        where mailbox_id = mailbox.id),
       (select count(*) from mailbox_session where mailbox_id = mailbox.id and not owes)
from mailbox where id > $1 order by id limit $2

-- name: mailbox_show
select id, address, created_at, changed_at, entered_at,
       (select count(*) from mailbox_message where mailbox_id = mailbox.id),
       (select coalesce(sum(message.size), 0)::bigint from mailbox_message
        join delivery on delivery.id = delivery_id join message on message.id = message_id
        where mailbox_id = mailbox.id),
       (select count(*) from mailbox_session where mailbox_id = mailbox.id and not owes)
from mailbox where address_index = $1

-- name: mailbox_delete
delete from mailbox where id = $1

-- What lies in it, whatever became of it.
-- name: mailbox_usage
select count(*), coalesce(sum(message.size), 0)::bigint
from mailbox_message
join delivery on delivery.id = delivery_id
join message on message.id = message_id
where mailbox_id = $1

-- name: mailbox_message_insert
insert into mailbox_message (delivery_id, mailbox_id, key_wrap, link_wrap, came_at) values ($1, $2, $3, $4, $5)
on conflict do nothing

-- name: mailbox_message_read
select key_wrap, link_wrap from mailbox_message where delivery_id = $1 and mailbox_id = $2

-- It has a lock of its own besides.
-- name: mailbox_message_delete
delete from mailbox_message where delivery_id = $1

-- name: mailbox_message_relink
update mailbox_message set link_wrap = $2 where delivery_id = $1

-- One line per delivery, newest first, from behind ($2, $3).  $4: read ones, unread ones, as bits.
-- name: mailbox_list
select delivery.id, message.id, came_at, opened_at, replied_at, expires_at, message.size, message.sender,
       message.subject, link_wrap
from mailbox_message
join delivery on delivery.id = delivery_id
join message on message.id = message_id
where mailbox_id = $1 and (came_at, delivery_id) < ($2, $3)
      and (case when opened_at is null then 2 else 1 end & $4::integer) <> 0
order by came_at desc, delivery_id desc
limit $5

-- Whoever wrote what lies in it, each with their newest message; of the newest 1,000 messages (a number
-- that the planner knows).
-- name: mailbox_people
select delivery_id, message.id, came_at, message.sender, link_wrap
from (select distinct on (sender_index) delivery_id, message_id, came_at, link_wrap
      from (select delivery_id, came_at, link_wrap from mailbox_message
            where mailbox_id = $1 order by came_at desc, delivery_id desc limit 1000) as newest,
           lateral (select sender_index, message_id from delivery
                    where id = delivery_id and factor = 0 offset 0) as theirs
      order by sender_index, came_at desc) as people
join message on message.id = people.message_id

-- What its owner sent, newest first, from $2 on (null: all).  What answers a message that asks for a code each time
-- may repeat it, and is seen there.
-- name: mailbox_sent
select writing.id, writing.delivery_id, writing.key_wrap, sealed, written_at, mailbox_message.key_wrap, link_wrap,
       expires_at
from mailbox_message
join delivery on delivery.id = mailbox_message.delivery_id
join writing on writing.delivery_id = delivery.id
where mailbox_id = $1 and kind = 2 and factor = 0 and ($2::uuid is null or writing.id <= $2)
order by writing.id desc
limit $3

-- name: mailbox_sent_ids
select writing.id
from mailbox_message
join delivery on delivery.id = mailbox_message.delivery_id
join writing on writing.delivery_id = delivery.id
where mailbox_id = $1 and kind = 2 and factor = 0
order by writing.id desc
limit $2

-- name: mailbox_deliveries
select delivery_id from mailbox_message where mailbox_id = $1 order by came_at, delivery_id limit $2

-- In the order in which they came, from the $2th on.
-- name: mailbox_piece
select delivery_id from mailbox_message where mailbox_id = $1 order by came_at, delivery_id offset $2 limit $3

-- The language of its owner: that of the newest notice whose sender chose one, else that of the page on which
-- they made it.
-- name: mailbox_language
select coalesce((select delivery.language from mailbox_message join delivery on delivery.id = delivery_id
                 where mailbox_id = mailbox.id and delivery.language <> ''
                 order by came_at desc, delivery_id desc limit 1), language)
from mailbox where address_index = $1

-- Whoever lets somebody in holds it, so that who ends all sessions waits for the new one, and so does who comes in
-- beside them: both note when.  It is the one whose passphrase was shown only while its lock is the same.
-- name: mailbox_enter
select id from mailbox where id = $1 and lock_id = $2 for no key update

-- name: mailbox_session_insert
insert into mailbox_session (id, token_hash, mailbox_id, sealed, owes, created_at, seen_at, place)
values ($1, $2, $3, $4, $5, $6, $6, $7)

-- Being seen is noted once in ten seconds.
-- name: mailbox_session_find
with found as materialized (
	select id, mailbox_id, sealed, owes, tries, created_at, seen_at from mailbox_session
	where token_hash = $1 and seen_at >= $3 and created_at >= $4
), noted as (
	update mailbox_session set seen_at = $2 from found
	where mailbox_session.id = found.id and mailbox_session.seen_at <= $2 - 10
)
select id, mailbox_id, sealed, owes, tries, created_at, greatest(seen_at, $2) from found

-- A try is counted before it is looked at.
-- name: mailbox_session_try
update mailbox_session set tries = tries + 1
where id = $1 and owes and tries < $2

-- The factor was shown: in, under another token.  Not if it was ended meanwhile.
-- name: mailbox_session_admit
update mailbox_session set token_hash = $2, sealed = $3, owes = false, created_at = $4, seen_at = $4, place = $5
where id = $1 and owes

-- From now on under another token.
-- name: mailbox_session_renew
update mailbox_session set token_hash = $2, sealed = $3 where id = $1 and not owes

-- name: mailbox_session_delete
delete from mailbox_session where id = $1

-- name: mailbox_session_delete_of
delete from mailbox_session where mailbox_id = $1

-- name: mailbox_session_sweep
delete from mailbox_session where seen_at < $1 or created_at < $2
