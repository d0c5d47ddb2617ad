-- What is there, for figures.  Each counts so many rows at most, so that a scrape costs a bounded time.

-- $1: now.  A leased letter is not due.
-- name: figures_outbox
select kind, next_at > $1, count(*), min(created_at)
from (select kind, next_at, created_at from outbox where state = 1 order by next_at limit $2) as queued
group by 1, 2

-- Held for their senders, and messages that are not routed yet.
-- name: figures_waiting
select (select count(*) from (select from delivery where state = 2 limit $1) as held),
	(select count(*) from (select from message where state = 1 limit $1) as received)
