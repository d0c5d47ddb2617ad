-- name: own_key_put
insert into own_key (id, kind, address, address_index, print_index, material, evidence, key_wrap, private,
                     added_at, expires_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
on conflict (address_index, print_index) do nothing

-- The newest that holds.
-- name: own_key_find
select id, kind, address, address_index, print_index, material, evidence, key_wrap, private, added_at,
       expires_at
from own_key where address_index = $1 and kind = $2 and (expires_at = 0 or expires_at > $3)
order by added_at desc, id desc limit 1

-- name: own_key_list
select id, kind, address, address_index, print_index, material, evidence, key_wrap, private, added_at,
       expires_at
from own_key where id > $1 order by id limit $2

-- name: own_key_read
select id, kind, address, address_index, print_index, material, evidence, key_wrap, private, added_at,
       expires_at
from own_key where id = $1

-- name: own_key_delete
delete from own_key where id = $1
