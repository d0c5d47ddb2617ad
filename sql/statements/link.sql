-- A pick-up code that is already taken must not end the transaction: the caller draws another.
-- name: link_insert
insert into link (hash, delivery_id, kind, generation, pickup_hash, pickup_wrap)
values ($1, $2, $3, $4, $5, $6)
on conflict do nothing

-- name: link_find
select delivery_id, kind, generation, ended, pickup_wrap from link where hash = $1 and kind = $2

-- All that a link leads to, in one turn.  The chunk only when it is asked for: whoever holds the link
-- may load the page with the clue, and it may be large.
-- name: link_follow
select l.delivery_id, l.kind, l.generation, l.ended, l.pickup_wrap,
       d.id, d.message_id, d.state, d.route, d.reason, d.recipient, d.recipient_index,
       d.sender_index, d.temporary_public, d.gateway_wrap, d.outer_wrap, d.rescue_wrap,
       d.sender_wrap, d.message_key_wrap, d.lock_id, d.link_generation, d.lifetime_days, d.wishes,
       d.remind_days, d.remind_at, d.reminders, d.by_template, d.closed_by, d.link_letter,
       d.created_at, d.secured_at, d.opened_at, d.replied_at, d.closed_at, d.expires_at,
       d.asked_at, d.resent_at, d.relink_at, d.wrong_tries, d.retry_at, d.suspended_at, d.cleared,
       d.relay_status, d.relay_reply, d.notify, d.original, d.delayed_at, d.relayed_at, d.relay_host,
       d.language, d.key_id, d.evidence, d.handed_over, d.factor, d.factor_at, d.phone, d.mailbox,
       d.lost_at, d.pdf, d.pdf_password, d.pdf_number, d.pdf_sheet_at, d.pdf_outcome, d.pdf_at,
       d.pdf_phone_failed,
       m.id, m.origin, m.state, m.received_at, m.size, m.chunk_count,
       case when $3 then m.chunk end, m.gateway_wrap, m.envelope, m.manifest, m.sender,
       m.sender_index, m.subject, m.parent_delivery, m.claims, m.transfer, m.returns, m.envelope_id,
       k.id, k.public_wrap, k.salt, k.ops, k.memory_kib, k.rule, k.clue, k.created_at
from link l
join delivery d on d.id = l.delivery_id
join message m on m.id = d.message_id
left join lock k on k.id = d.lock_id
where l.hash = $1 and l.kind = $2

-- name: link_find_pickup
select delivery_id, kind, generation, ended, pickup_wrap from link where pickup_hash = $1

-- name: link_end_all
update link set ended = $3 where delivery_id = $1 and kind = $2 and ended = 0
