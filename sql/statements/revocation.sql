-- name: revocation_want
insert into revocation (place_hash, place, issuer, next_at, used_at) values ($1, $2, $3, $4, $5)
on conflict (place_hash) do update set used_at = excluded.used_at
where revocation.used_at < excluded.used_at - 3600

-- name: revocation_read
select place, list, fetched_at, until, tried_at, fault from revocation where place_hash = $1

-- Those in use, a while before they are over; next_at moves on, so that nobody else fetches them too.
-- name: revocation_claim
update revocation set next_at = $2, tried_at = $1
where place_hash in (
	select place_hash from revocation where next_at <= $1 and used_at > $3 and issuer is not null
	order by next_at limit $4 for update skip locked)
returning place_hash, place, issuer

-- name: revocation_store
update revocation set list = $2, fetched_at = $3, until = $4, next_at = $5, fault = null where place_hash = $1

-- name: revocation_fail
update revocation set fault = $2, tried_at = $3, next_at = $4 where place_hash = $1

-- name: revocation_sweep
delete from revocation where place_hash in (select place_hash from revocation where used_at < $1 limit $2)
