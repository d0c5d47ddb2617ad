-- One that is there already, under the same id, is seen anew.  What the administrator decided stays; a fingerprint that is
-- banned is banned for every address.
-- name: key_put
insert into key (id, kind, standing, source, address, address_index, print_index, material, evidence,
                 capabilities, reason, found_at, seen_at, expires_at, vouched)
values ($1, $2, case when exists (select 1 from key where print_index = $7 and standing = 4) then 4 else $3 end,
        $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, $13, $14)
on conflict (address_index, print_index) do update
set standing = case when key.standing in (2, 4) then key.standing else excluded.standing end,
    source = excluded.source, address = excluded.address, material = excluded.material,
    evidence = excluded.evidence,
    capabilities = case when excluded.capabilities > 0 then excluded.capabilities else key.capabilities end,
    vouched = excluded.vouched, reason = excluded.reason, seen_at = excluded.seen_at, expires_at = excluded.expires_at
where key.id = excluded.id

-- name: key_find
select id from key where address_index = $1 and print_index = $2

-- name: key_of_address
select id, kind, standing, source, address, address_index, print_index, material, evidence, capabilities,
       reason, found_at, seen_at, expires_at, vouched
from key where address_index = $1 order by standing = 2 desc, seen_at desc, id limit $2

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

-- name: key_set_standing
update key set standing = $2, reason = $3 where id = $1

-- For every address.
-- name: key_ban
update key set standing = 4 where print_index = (select print_index from key where id = $1)

-- name: key_delete
delete from key where id = $1

-- What nobody decided about, and no source has given since.
-- name: key_sweep
delete from key where id in (select id from key where standing in (1, 3) and seen_at < $1 limit $2)
