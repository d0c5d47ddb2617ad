-- name: authority_put
insert into authority (id, print, certificate, root, added_at) values ($1, $2, $3, $4, $5)
on conflict (print) do nothing

-- name: authority_list
select id, print, certificate, root, added_at from authority order by added_at, id limit $1

-- What the list is like, without reading it: another one whenever a row came or went.
-- name: authority_version
select coalesce(bit_xor(hashtextextended(id::text, 0)), 0) from authority

-- name: authority_delete
delete from authority where id = $1
