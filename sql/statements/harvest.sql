-- Not when too many wait already.
-- name: harvest_note
insert into harvest (message_id, key_wrap, noted_at)
select $1, $2, $3 where (select count(*) from (select 1 from harvest limit $4) as waiting) < $4
on conflict do nothing

-- name: harvest_claim
with picked as materialized (
	select message_id from harvest
	where claimed_until <= $1 and noted_at > $3
	order by claimed_until, noted_at
	limit 1
	for update skip locked
)
update harvest set claims = claims + 1, claimed_until = $2
from picked where harvest.message_id = picked.message_id
returning harvest.message_id, key_wrap, claims

-- name: harvest_done
delete from harvest where message_id = $1

-- name: harvest_sweep
delete from harvest where noted_at <= $1
