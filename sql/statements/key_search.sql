-- name: key_search_read
select address, asked_at, answered_at, until, outcome from key_search where address_index = $1

-- A question for the courier; one that waits already, or an answer that is still good, stays.
-- name: key_search_ask
insert into key_search (address_index, address, asked_at) values ($1, $2, $3)
on conflict (address_index) do update
set asked_at = excluded.asked_at, address = excluded.address
where key_search.answered_at >= key_search.asked_at and key_search.until < $3

-- name: key_search_answer
insert into key_search (address_index, address, asked_at, answered_at, until, outcome)
values ($1, $2, $3, $3, $4, $5)
on conflict (address_index) do update
set answered_at = greatest(excluded.answered_at, key_search.asked_at), until = excluded.until,
    outcome = excluded.outcome, claimed_until = 0

-- name: key_search_claim
update key_search set claimed_until = $2
where address_index in (
	select address_index from key_search
	where answered_at < asked_at and claimed_until <= $1 and asked_at > $1 - 3600
	order by claimed_until limit $3 for update skip locked)
returning address_index, address

-- name: key_search_forget
delete from key_search where address_index = $1

-- name: key_search_sweep
delete from key_search where address_index in (
	select address_index from key_search where until < $1 and asked_at < $1 limit $2)
