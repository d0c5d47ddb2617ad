-- All of somebody that are not over, at the desk and in a mailbox, the newest first.
-- name: signed_in_list
select id, false as in_mailbox, place, created_at, seen_at from desk_session
where address_index = $1 and seen_at >= $2 and created_at >= $3
union all
select mailbox_session.id, true, place, mailbox_session.created_at, seen_at
from mailbox_session join mailbox on mailbox.id = mailbox_id
where address_index = $1 and not owes and seen_at >= $2 and mailbox_session.created_at >= $3
order by created_at desc, id desc limit $4

-- One of somebody, wherever it is.
-- name: signed_in_end
with at_desk as (delete from desk_session where id = $1 and address_index = $2)
delete from mailbox_session where id = $1 and mailbox_id = (select id from mailbox where address_index = $2)

-- Whoever is being let in holds the mailbox until they are in (mailbox_enter); this waits for them.  A statement of its
-- own, so that the next one sees them.
-- name: signed_in_wait
select id from mailbox where address_index = $1 for no key update

-- All of a mailbox but one, and who still owes a factor; null: all.
-- name: signed_in_end_others
delete from mailbox_session
where mailbox_id = (select id from mailbox where address_index = $1) and id is distinct from $2

-- Who came to one of the messages that lie there by its own passphrase alone.
-- name: signed_in_end_readers
with lying as materialized (
	select delivery_id from mailbox_message join mailbox on mailbox.id = mailbox_id where address_index = $1
), owing as (
	delete from factor_try where delivery_id in (select delivery_id from lying)
)
delete from session where delivery_id in (select delivery_id from lying)
