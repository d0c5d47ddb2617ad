-- name: sheet_insert
insert into sheet (id, owner_index, recipient_index, created_at, for_pdf) values ($1, $2, $3, $4, $5)
on conflict do nothing

-- name: sheet_number_insert
insert into sheet_number (sheet_id, number, public, password_wrap) values ($1, $2, $3, $4)

-- What is begun with it ends, too.
-- name: sheet_delete
delete from sheet where id = $1 and owner_index = $2

-- name: sheet_find
select id, created_at,
       (select count(*) from sheet_number where sheet_id = sheet.id and used_at is null)
from sheet where owner_index = $1 and recipient_index = $2 and for_pdf = $3

-- The number that is asked for next.
-- name: sheet_next
select sheet_id, number, public from sheet_number
join sheet on sheet.id = sheet_id
where owner_index = $1 and recipient_index = $2 and not for_pdf and used_at is null
order by number limit 1

-- The next password, which is nobody else's from then on, and kept here no longer.
-- name: sheet_take
with next as materialized (
	select sheet_id, number, password_wrap, sheet.created_at from sheet_number
	join sheet on sheet.id = sheet_id
	where owner_index = $1 and recipient_index = $2 and for_pdf and used_at is null
	order by number limit 1
	for update of sheet_number skip locked
), taken as (
	update sheet_number set used_at = $3, password_wrap = null from next
	where sheet_number.sheet_id = next.sheet_id and sheet_number.number = next.number
)
select sheet_id, number, password_wrap, created_at,
       (select count(*) from sheet_number where sheet_number.sheet_id = next.sheet_id
                                                and used_at is null and sheet_number.number <> next.number)
from next

-- name: sheet_number_use
update sheet_number set used_at = $3 where sheet_id = $1 and number = $2 and used_at is null

-- Sheets that no template and no message there is could ask for any more.
-- name: sheet_sweep
delete from sheet
where created_at < $1
      and not exists (select 1 from template
                      where template.owner_index = sheet.owner_index
                            and template.recipient_index = sheet.recipient_index)
      and not exists (select 1 from delivery
                      where delivery.sender_index = sheet.owner_index
                            and delivery.recipient_index = sheet.recipient_index
                            and route <> 1 and state in (2, 3, 4, 5))
