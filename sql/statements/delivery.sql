-- name: delivery_insert
insert into delivery (id, message_id, state, route, reason, recipient, recipient_index, sender_index,
                      temporary_public, gateway_wrap, outer_wrap, rescue_wrap, sender_wrap,
                      message_key_wrap, lock_id, link_generation, sender_generation, lifetime_days, notify,
                      created_at, secured_at, closed_at, expires_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
        $21, $22, $23)

-- name: delivery_read
select id, message_id, state, route, reason, recipient, recipient_index, sender_index,
       temporary_public, gateway_wrap, outer_wrap, rescue_wrap, sender_wrap, message_key_wrap,
       lock_id, link_generation, sender_generation, lifetime_days, notify, created_at, secured_at, opened_at,
       replied_at, closed_at, expires_at, wrong_tries, retry_at, suspended_at, cleared,
       relay_status, relay_reply
from delivery where id = $1

-- name: delivery_read_locked
select id, message_id, state, route, reason, recipient, recipient_index, sender_index,
       temporary_public, gateway_wrap, outer_wrap, rescue_wrap, sender_wrap, message_key_wrap,
       lock_id, link_generation, sender_generation, lifetime_days, notify, created_at, secured_at, opened_at,
       replied_at, closed_at, expires_at, wrong_tries, retry_at, suspended_at, cleared,
       relay_status, relay_reply
from delivery where id = $1 for update

-- name: delivery_of_message
select id, message_id, state, route, reason, recipient, recipient_index, sender_index,
       temporary_public, gateway_wrap, outer_wrap, rescue_wrap, sender_wrap, message_key_wrap,
       lock_id, link_generation, sender_generation, lifetime_days, notify, created_at, secured_at, opened_at,
       replied_at, closed_at, expires_at, wrong_tries, retry_at, suspended_at, cleared,
       relay_status, relay_reply
from delivery where message_id = $1 order by id

-- A lease left over from another kind of work must not delay the next one: claimed_until goes back
-- to 0 with every change of state.
-- name: delivery_set_securing
update delivery set state = 3, lock_id = $2, lifetime_days = $3, notify = $4, claimed_until = 0
where id = $1 and state = 2

-- name: delivery_set_ready
update delivery set state = 4, gateway_wrap = null, sender_wrap = null, outer_wrap = $2,
       rescue_wrap = $3, secured_at = $4, expires_at = $5, claimed_until = 0
where id = $1 and state = 3

-- The first opening is found by the row itself, so that two at once cannot both be the first.
-- name: delivery_set_opened_first
update delivery set state = 5, opened_at = $2, wrong_tries = 0, retry_at = 0
where id = $1 and state = 4

-- name: delivery_set_opened_again
update delivery set wrong_tries = 0, retry_at = 0
where id = $1 and state = 5

-- name: delivery_set_wrong
update delivery set wrong_tries = wrong_tries + 1, retry_at = $2
where id = $1 and state in (4, 5)

-- name: delivery_set_suspended
update delivery set wrong_tries = wrong_tries + 1, retry_at = $2,
       suspended_at = coalesce(suspended_at, $3), claimed_until = 0
where id = $1 and state in (4, 5)

-- name: delivery_set_relinked
update delivery set link_generation = $2, outer_wrap = $3, suspended_at = null, wrong_tries = 0,
       retry_at = 0, claimed_until = 0
where id = $1 and state in (4, 5) and link_generation = $2 - 1

-- name: delivery_set_replied
update delivery set replied_at = coalesce(replied_at, $2)
where id = $1 and state in (4, 5)

-- name: delivery_set_relayed
update delivery set state = $2, relay_status = $3, relay_reply = $4, closed_at = $5
where id = $1 and state = 1

-- name: delivery_set_noticed
update delivery set relay_status = $2, relay_reply = $3 where id = $1

-- Without its wraps a delivery can never be opened again, whatever happens to the rest.
-- name: delivery_close
update delivery set state = $2, closed_at = $3, gateway_wrap = null, outer_wrap = null,
       rescue_wrap = null, sender_wrap = null, message_key_wrap = null, suspended_at = null, claimed_until = 0
where id = $1 and state in (2, 3, 4, 5)

-- name: delivery_set_cleared
update delivery set cleared = true where id = $1 and state in (6, 7, 8, 9, 10)

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
	where suspended_at is not null and claimed_until <= $2
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

-- Not while a mail about the message waits: it is made from the message's row.
-- name: delivery_claim_clear
with picked as materialized (
	select id from delivery
	where not cleared and state in (6, 7, 8, 9, 10) and claimed_until <= $2
	      and not exists (select 1 from outbox
	                      where outbox.message_id = delivery.message_id and outbox.state = 1)
	order by closed_at limit $3
	for update skip locked
)
update delivery set claimed_until = $1 from picked where delivery.id = picked.id
returning delivery.id
