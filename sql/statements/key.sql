-- One that is there already, under the same id, is seen anew.  What the administrator decided stays; a fingerprint that is
-- banned is banned for every address.  What its owner signed about it counts until they sign something newer.  What is
-- believed by the word of one place stays so, whatever another place cannot show.  An OpenPGP key that its maker has
-- revoked stays revoked, whoever still has it as it was.
-- name: key_put
insert into key (id, kind, standing, source, address, address_index, print_index, material, evidence,
                 capabilities, reason, found_at, seen_at, expires_at, vouched, told_at)
values ($1, $2, case when exists (select 1 from key where print_index = $7 and standing = 4) then 4 else $3 end,
        $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, $13, $14, $15)
on conflict (address_index, print_index) do update
set standing = case when key.standing in (2, 4) then key.standing else excluded.standing end,
    source = excluded.source, address = excluded.address, material = excluded.material,
    evidence = excluded.evidence,
    capabilities = case when excluded.capabilities > 0 and excluded.told_at >= key.told_at
                        then excluded.capabilities else key.capabilities end,
    told_at = greatest(excluded.told_at, key.told_at),
    vouched = excluded.vouched, reason = excluded.reason, seen_at = excluded.seen_at, expires_at = excluded.expires_at
where key.id = excluded.id
      and not (key.standing = 1 and excluded.standing = 3 and key.source <> excluded.source)
      and not (key.kind = 2 and key.reason is not distinct from 'revoked' and excluded.standing <> 3)

-- The same for what anybody can bring: it takes the place of nothing that counts for more.  That is what the
-- administrator decided about, what came from sources below $16 (while they still give it), what is believed
-- where this is not, and what is newer.
-- name: key_put_brought
insert into key (id, kind, standing, source, address, address_index, print_index, material, evidence,
                 capabilities, reason, found_at, seen_at, expires_at, vouched, told_at)
values ($1, $2, case when exists (select 1 from key where print_index = $7 and standing = 4) then 4 else $3 end,
        $4, $5, $6, $7, $8, $9, $10, $11, $17, $12, $13, $14, $15)
on conflict (address_index, print_index) do update
set standing = excluded.standing, source = excluded.source, address = excluded.address,
    material = excluded.material, evidence = excluded.evidence,
    capabilities = case when excluded.capabilities > 0 and excluded.told_at >= key.told_at
                        then excluded.capabilities else key.capabilities end,
    told_at = greatest(excluded.told_at, key.told_at),
    vouched = excluded.vouched, reason = excluded.reason, seen_at = excluded.seen_at, expires_at = excluded.expires_at
where key.id = excluded.id and key.standing in (1, 3) and excluded.standing <= key.standing
      and excluded.seen_at >= key.seen_at
      and not (key.kind = 2 and key.reason is not distinct from 'revoked' and excluded.standing <> 3)
      and (key.source >= $16
           or key.seen_at < (select answered_at from key_search where key_search.address_index = key.address_index))

-- What its owner signed about it.
-- name: key_set_told
update key set capabilities = $2, told_at = $3 where id = $1 and told_at <= $3

-- Of what was brought for an address, the last seen few of each kind and standing stay.
-- name: key_trim
delete from key where id in (
	select id from (
		select id, row_number() over (partition by kind, standing order by seen_at desc, found_at desc, id) as place
		from key where address_index = $1 and source >= $2 and standing in (1, 3)) as placed
	where place > $3)

-- name: key_find
select id from key where address_index = $1 and print_index = $2

-- name: key_of_address
select id, kind, standing, source, address, address_index, print_index, material, evidence, capabilities,
       reason, found_at, seen_at, expires_at, vouched
from key where address_index = $1 order by standing = 2 desc, standing = 1 desc, seen_at desc, id limit $2

-- name: key_read
select id, kind, standing, source, address, address_index, print_index, material, evidence, capabilities,
       reason, found_at, seen_at, expires_at, vouched
from key where id = $1

-- By fingerprint, the oldest first.
-- name: key_by_print
select id, kind, standing, source, address, address_index, print_index, material, evidence, capabilities,
       reason, found_at, seen_at, expires_at, vouched
from key where print_index = $1 order by found_at, id limit $2

-- name: key_list
select id, kind, standing, source, address, address_index, print_index, material, evidence, capabilities,
       reason, found_at, seen_at, expires_at, vouched
from key where (found_at, id) > ($1, $2) order by found_at, id limit $3

-- name: key_list_review
select id, kind, standing, source, address, address_index, print_index, material, evidence, capabilities,
       reason, found_at, seen_at, expires_at, vouched
from key where standing = 3 and (found_at, id) > ($1, $2) order by found_at, id limit $3

-- Of one address; those in review only where $2 says so.
-- name: key_list_of
select id, kind, standing, source, address, address_index, print_index, material, evidence, capabilities,
       reason, found_at, seen_at, expires_at, vouched
from key where address_index = $1 and (standing = 3 or not $2) order by found_at, id limit $3

-- name: key_set_standing
update key set standing = $2, reason = $3 where id = $1

-- For every address.
-- name: key_ban
update key set standing = 4 where print_index = (select print_index from key where id = $1)

-- What its maker revoked, for every address: that is their word alone.  A ban stays one.
-- name: key_withdraw
update key set standing = 3, reason = 'revoked' where print_index = $1 and kind = 2 and standing in (1, 2)

-- name: key_delete
delete from key where id = $1

-- What nobody decided about, from sources $2 to $3, and none of them has given since.  That an OpenPGP key was revoked
-- is remembered: a source may have it still as it was.
-- name: key_sweep
delete from key where id in (
	select id from key where standing in (1, 3) and standing = $1 and source between $2 and $3 and seen_at < $4
	                         and not (kind = 2 and reason is not distinct from 'revoked')
	limit $5)

-- What waits in review beyond the newest $2.
-- name: key_sweep_review
delete from key where id in (
	select id from (select id, source from key where standing = 3 order by found_at desc, id desc offset $2 limit $3) as old
	where source >= $1)
