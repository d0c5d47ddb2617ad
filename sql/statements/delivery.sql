-- name: delivery_insert
insert into delivery (id, message_id, state, route, reason, recipient, recipient_index, sender_index,
                      temporary_public, gateway_wrap, outer_wrap, rescue_wrap, sender_wrap,
                      message_key_wrap, lock_id, link_generation, lifetime_days, wishes, remind_days,
                      remind_at, by_template, link_letter, created_at, secured_at, closed_at, expires_at,
                      notify, original, language, key_id, evidence, factor, phone, mailbox, pdf, pdf_password,
                      pdf_number, pdf_sheet_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
        $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38)

-- name: delivery_read
select id, message_id, state, route, reason, recipient, recipient_index, sender_index,
       temporary_public, gateway_wrap, outer_wrap, rescue_wrap, sender_wrap, message_key_wrap,
       lock_id, link_generation, lifetime_days, wishes, remind_days, remind_at, reminders,
       by_template, closed_by, link_letter, created_at, secured_at, opened_at, replied_at, closed_at,
       expires_at, asked_at, resent_at, relink_at, wrong_tries, retry_at, suspended_at, cleared,
       relay_status, relay_reply, notify, original, delayed_at, relayed_at, relay_host,
       language, key_id, evidence, handed_over, factor, factor_at, phone, mailbox, lost_at,
       pdf, pdf_password, pdf_number, pdf_sheet_at, pdf_outcome, pdf_at, pdf_phone_failed
from delivery where id = $1

-- name: delivery_read_locked
select id, message_id, state, route, reason, recipient, recipient_index, sender_index,
       temporary_public, gateway_wrap, outer_wrap, rescue_wrap, sender_wrap, message_key_wrap,
       lock_id, link_generation, lifetime_days, wishes, remind_days, remind_at, reminders,
       by_template, closed_by, link_letter, created_at, secured_at, opened_at, replied_at, closed_at,
       expires_at, asked_at, resent_at, relink_at, wrong_tries, retry_at, suspended_at, cleared,
       relay_status, relay_reply, notify, original, delayed_at, relayed_at, relay_host,
       language, key_id, evidence, handed_over, factor, factor_at, phone, mailbox, lost_at,
       pdf, pdf_password, pdf_number, pdf_sheet_at, pdf_outcome, pdf_at, pdf_phone_failed
from delivery where id = $1 for update

-- name: delivery_of_message
select id, message_id, state, route, reason, recipient, recipient_index, sender_index,
       temporary_public, gateway_wrap, outer_wrap, rescue_wrap, sender_wrap, message_key_wrap,
       lock_id, link_generation, lifetime_days, wishes, remind_days, remind_at, reminders,
       by_template, closed_by, link_letter, created_at, secured_at, opened_at, replied_at, closed_at,
       expires_at, asked_at, resent_at, relink_at, wrong_tries, retry_at, suspended_at, cleared,
       relay_status, relay_reply, notify, original, delayed_at, relayed_at, relay_host,
       language, key_id, evidence, handed_over, factor, factor_at, phone, mailbox, lost_at,
       pdf, pdf_password, pdf_number, pdf_sheet_at, pdf_outcome, pdf_at, pdf_phone_failed
from delivery where message_id = $1 order by id

-- A lease left over from another kind of work must not delay the next one: claimed_until goes back
-- to 0 with every change of state.
-- name: delivery_set_securing
update delivery set state = 3, lock_id = $2, lifetime_days = $3, wishes = $4, remind_days = $5,
       by_template = $6, language = $7, factor = $8, phone = $9, mailbox = $10, pdf = $11, pdf_password = $12,
       remind_at = null, reminders = 0, claimed_until = 0
where id = $1 and state = 2

-- What its password was to come from is not there any more: its sender is asked again.
-- name: delivery_set_held_again
update delivery set state = 2, lock_id = null, pdf = 0, pdf_password = null, remind_at = $2, claimed_until = 0
where id = $1 and state = 3 and pdf <> 0

-- The old lock opens nothing from now on; what the courier needs for the new one is in gateway_wrap.  A password that is
-- still to be told is sealed with the id of the old lock: it never will be.
-- name: delivery_set_rescued
update delivery set state = 3, lock_id = $2, gateway_wrap = $3, outer_wrap = null, by_template = false,
       pdf_outcome = case when pdf_outcome = 1 and pdf_password is not null then 4 else pdf_outcome end,
       pdf_password = null, remind_at = null, claimed_until = 0
where id = $1 and state in (4, 5) and (pdf = 0 or pdf_outcome <> 0)

-- Only what never bore a mark may still leave as ordinary mail.  The way is changed by the courier, who
-- looks at the reason itself.
-- name: delivery_set_released
update delivery set state = 1, expires_at = null, sender_wrap = null, remind_at = null,
       claimed_until = 0
where id = $1 and state = 2 and (reason = 'thread' or reason like '%near-miss')

-- A reply whose reader's key is over: inside, it may go as ordinary mail.  key_id stays, so that nobody else
-- takes it along with those that never had one.
-- name: delivery_set_unprotected
update delivery set route = 1, reason = 'reply-key-over', secured_at = null, evidence = null
where id = $1 and state = 1 and route in (4, 5)

-- name: delivery_set_let_go
update delivery set route = 1, reason = 'released-by-sender'
where id = $1 and state = 1 and route = 2 and (reason = 'thread' or reason like '%near-miss')

-- Also after a rescue: what was known of the first time stays.
-- name: delivery_set_ready
update delivery set state = case when opened_at is null then 4 else 5 end, gateway_wrap = null,
       sender_wrap = null, outer_wrap = $2, rescue_wrap = coalesce($3, rescue_wrap),
       secured_at = coalesce(secured_at, $4), expires_at = $5, remind_at = $6, reminders = 0,
       wrong_tries = 0, retry_at = 0, asked_at = null, claimed_until = 0
where id = $1 and state = 3

-- The lock of its PDF, and what is kept until that has left: its password, and T to make it with.
-- name: delivery_set_pdf_ready
update delivery set lock_id = $2, gateway_wrap = $3, pdf_password = $4, pdf_number = $5, pdf_sheet_at = $6
where id = $1 and state in (4, 5) and pdf <> 0 and pdf_outcome = 0

-- The PDF has left, or never will; in any state: it may have been taken back in that very moment, and is out.
-- Its password stays only while a mail to its sender, or a phone, waits for it; nobody was told it when those
-- were given up.  Under the delivery's lock, as the next: neither sees half of what the other does.
-- name: delivery_set_pdf_over
update delivery set pdf_outcome = case when $2 = 1
                                            and exists (select 1 from outbox
                                                        where outbox.delivery_id = $1 and outbox.kind in (30, 31)
                                                              and outbox.state = 3)
                                            and not exists (select 1 from outbox
                                                            where outbox.delivery_id = $1 and outbox.kind = 30
                                                                  and outbox.state <> 3) then 4 else $2 end,
       pdf_at = $3, remind_at = $4, gateway_wrap = null,
       pdf_password = case when exists (select 1 from outbox
                                        where outbox.delivery_id = $1 and outbox.kind in (30, 31)
                                              and outbox.state in (1, 4)) then pdf_password end
where id = $1 and pdf <> 0 and pdf_outcome = 0

-- Likewise when its password was told ($3) by the mail $2, or cannot be.
-- name: delivery_set_pdf_told
update delivery set pdf_password = null,
       pdf_outcome = case when pdf_outcome = 1 and not $3::boolean then 4 else pdf_outcome end
where id = $1 and pdf_outcome <> 0
      and not exists (select 1 from outbox where outbox.delivery_id = $1 and outbox.kind in (30, 31)
                                                 and outbox.state in (1, 4) and outbox.id <> $2)

-- name: delivery_set_pdf_phone_failed
update delivery set pdf_phone_failed = true where id = $1

-- The first opening is found by the row itself, so that two at once cannot both be the first.
-- name: delivery_set_opened_first
update delivery set state = 5, opened_at = $2, wrong_tries = 0, retry_at = 0, remind_at = null
where id = $1 and state = 4

-- name: delivery_set_opened_again
update delivery set wrong_tries = 0, retry_at = 0
where id = $1 and state = 5

-- The passphrase was right, and a code is on its way.
-- name: delivery_set_right
update delivery set wrong_tries = 0, retry_at = 0
where id = $1 and state in (4, 5)

-- name: delivery_set_factor
update delivery set factor_at = $2
where id = $1 and state in (4, 5)

-- name: delivery_set_wrong
update delivery set wrong_tries = wrong_tries + 1, retry_at = $2
where id = $1 and state in (4, 5)

-- name: delivery_set_suspended
update delivery set wrong_tries = wrong_tries + 1, retry_at = $2,
       suspended_at = coalesce(suspended_at, $3), claimed_until = 0
where id = $1 and state in (4, 5)

-- name: delivery_set_relinked
update delivery set link_generation = $2, outer_wrap = $3, suspended_at = null, relink_at = null,
       wrong_tries = 0, retry_at = 0, claimed_until = 0
where id = $1 and state in (4, 5) and link_generation = $2 - 1

-- name: delivery_set_replied
update delivery set replied_at = coalesce(replied_at, $2)
where id = $1 and state in (4, 5)

-- A delivery that was held before it was let go has wraps of its own: they go when it has left.
-- name: delivery_set_relayed
update delivery set state = $2, relay_status = $3, relay_reply = $4, closed_at = $5,
       relay_host = $6, relayed_at = $7, delayed_at = coalesce(delayed_at, $8),
       gateway_wrap = case when $2 = 1 then gateway_wrap end,
       message_key_wrap = case when $2 = 1 then message_key_wrap end
where id = $1 and state = 1

-- name: delivery_set_handed_over
update delivery set handed_over = true where id = $1 and state = 1

-- What the connection has shown over which it leaves.
-- name: delivery_set_evidence
update delivery set evidence = $2 where id = $1 and state = 1

-- Its server could not be verified: it goes another way, as if it had come just now, and what the server
-- answered is of no interest any more.  Never in clear, and never what a server may have taken.
-- name: delivery_set_fallen
update delivery set state = $2, route = $3, reason = $4, temporary_public = $5, gateway_wrap = $6, outer_wrap = $7,
       rescue_wrap = $8, sender_wrap = $9, message_key_wrap = $10, lock_id = $11, lifetime_days = $12, wishes = $13,
       remind_days = $14, remind_at = $15, by_template = $16, link_letter = $17, secured_at = $18, closed_at = $19,
       expires_at = $20, language = $21, key_id = $22, evidence = $23, factor = $24, phone = $25, mailbox = $26,
       pdf = $27, pdf_password = $28, pdf_number = $29, pdf_sheet_at = $30,
       relay_status = null, relay_reply = null, relay_host = null, relayed_at = null
where id = $1 and state = 1 and route = 6 and not handed_over and $3 in (2, 3, 4, 5)

-- name: delivery_set_noticed
update delivery set relay_status = $2, relay_reply = $3, relay_host = $4, relayed_at = $5,
       delayed_at = coalesce(delayed_at, $6) where id = $1

-- Without its wraps a delivery can never be opened again, whatever happens to the rest.
-- name: delivery_close
with boxed as (delete from mailbox_message where delivery_id = $1)
update delivery set state = $2, closed_at = $3, closed_by = $4, gateway_wrap = null, outer_wrap = null,
       rescue_wrap = null, sender_wrap = null, message_key_wrap = null, phone = null, pdf_password = null, suspended_at = null,
       relink_at = null, remind_at = null, claimed_until = 0
where id = $1 and state in (2, 3, 4, 5)

-- The mail that carried the sender's link has left: from now on it is in their mailbox and nowhere else.
-- name: delivery_drop_sender_wrap
update delivery set sender_wrap = null where id = $1 and state <> 2

-- The mailbox that it lay in is gone, and with it the way to T.  Its sender's link still leads there; nobody is reminded
-- of what they cannot open.
-- name: delivery_set_lost
with unboxed as (delete from mailbox_message where delivery_id = $1)
update delivery set lost_at = $2, remind_at = null, claimed_until = 0
where id = $1 and state in (4, 5) and lock_id is null

-- name: delivery_set_expiry
update delivery set expires_at = $2, remind_at = $3, claimed_until = 0
where id = $1 and state in (4, 5)

-- name: delivery_set_asked
update delivery set asked_at = $2
where id = $1 and state in (4, 5) and coalesce(asked_at, 0) <= $3

-- name: delivery_set_resent
update delivery set resent_at = $2
where id = $1 and state in (4, 5) and coalesce(resent_at, 0) <= $3
      and suspended_at is null and relink_at is null

-- name: delivery_set_relink
update delivery set resent_at = $2, relink_at = $2, claimed_until = 0
where id = $1 and state in (4, 5) and coalesce(resent_at, 0) <= $3
      and suspended_at is null and relink_at is null

-- name: delivery_set_reminded
update delivery set remind_at = $2, reminders = reminders + $3, claimed_until = 0
where id = $1 and state in (2, 4)

-- name: delivery_set_cleared
update delivery set cleared = true, lock_id = null where id = $1 and state in (6, 7, 8, 9, 10)

-- name: delivery_claim_secure
with picked as materialized (
	select id from delivery
	where state = 3 and claimed_until <= $2
	order by claimed_until limit $3
	for update skip locked
)
update delivery set claimed_until = $1 from picked where delivery.id = picked.id
returning delivery.id

-- name: delivery_claim_relink
with picked as materialized (
	select id from delivery
	where (suspended_at is not null or relink_at is not null) and claimed_until <= $2
	order by claimed_until limit $3
	for update skip locked
)
update delivery set claimed_until = $1 from picked where delivery.id = picked.id
returning delivery.id

-- name: delivery_claim_expire
with picked as materialized (
	select id from delivery
	where state in (2, 3, 4, 5) and expires_at <= $2 and claimed_until <= $2
	order by expires_at limit $3
	for update skip locked
)
update delivery set claimed_until = $1 from picked where delivery.id = picked.id
returning delivery.id

-- Not while a mail about the message waits: it is made from the message's row; nor while what it brings was not
-- looked at.
-- name: delivery_claim_clear
with picked as materialized (
	select id from delivery
	where not cleared and state in (6, 7, 8, 9, 10) and claimed_until <= $2
	      and not exists (select 1 from outbox
	                      where outbox.message_id = delivery.message_id and outbox.state in (1, 4))
	      and not exists (select 1 from harvest where harvest.message_id = delivery.message_id)
	order by closed_at limit $3
	for update skip locked
)
update delivery set claimed_until = $1 from picked where delivery.id = picked.id
returning delivery.id

-- name: delivery_claim_remind
with picked as materialized (
	select id from delivery
	where remind_at <= $2 and state in (2, 4) and claimed_until <= $2
	order by remind_at limit $3
	for update skip locked
)
update delivery set claimed_until = $1 from picked where delivery.id = picked.id
returning delivery.id

-- name: delivery_take
insert into taken (delivery_id, part, name, taken_at) values ($1, $2, $3, $4)
on conflict do nothing

-- name: delivery_taken
select part, name, taken_at from taken where delivery_id = $1 order by taken_at, part limit 1000

-- What was taken is told on the desk while the message is there.
-- name: delivery_forget_taken
delete from taken where delivery_id = $1
