-- name: template_save
insert into template (id, owner, owner_index, recipient, recipient_index, lock_id, clue, forgiving,
                      lifetime_days, wishes, remind_days, way, link_mail, language, factor, created_at, phone,
                      mailbox, pdf, pdf_password)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
on conflict (owner_index, recipient_index) do update
set lock_id = excluded.lock_id, clue = excluded.clue, forgiving = excluded.forgiving,
    lifetime_days = excluded.lifetime_days, wishes = excluded.wishes, remind_days = excluded.remind_days,
    way = excluded.way, link_mail = excluded.link_mail, language = excluded.language,
    factor = excluded.factor, phone = excluded.phone, mailbox = excluded.mailbox,
    pdf = excluded.pdf, pdf_password = excluded.pdf_password

-- Its sheet: that of passwords where it says so, else that of numbers.
-- Of the address itself, else of its domain.  A clue that was prepared belongs to the row as it was
-- made first: its context is the row's id.
-- name: template_find
select id, owner, owner_index, recipient, recipient_index, lock_id, clue, forgiving, lifetime_days,
       wishes, remind_days, way, link_mail, language, factor, created_at, used_at, phone, mailbox,
       pdf, pdf_password,
       (select sheet.created_at from sheet where sheet.owner_index = template.owner_index
                                                 and sheet.recipient_index = template.recipient_index
                                                 and sheet.for_pdf = (template.pdf = 4)),
       (select count(*) from sheet join sheet_number on sheet_id = sheet.id
        where sheet.owner_index = template.owner_index and sheet.recipient_index = template.recipient_index
              and sheet.for_pdf = (template.pdf = 4) and sheet_number.used_at is null)
from template where owner_index = $1 and recipient_index in ($2, $3)
order by recipient_index = $2 desc limit 1

-- name: template_read
select id, owner, owner_index, recipient, recipient_index, lock_id, clue, forgiving, lifetime_days,
       wishes, remind_days, way, link_mail, language, factor, created_at, used_at, phone, mailbox,
       pdf, pdf_password,
       (select sheet.created_at from sheet where sheet.owner_index = template.owner_index
                                                 and sheet.recipient_index = template.recipient_index
                                                 and sheet.for_pdf = (template.pdf = 4)),
       (select count(*) from sheet join sheet_number on sheet_id = sheet.id
        where sheet.owner_index = template.owner_index and sheet.recipient_index = template.recipient_index
              and sheet.for_pdf = (template.pdf = 4) and sheet_number.used_at is null)
from template where id = $1 and owner_index = $2

-- For the administrator: anybody's.
-- name: template_read_any
select id, owner, owner_index, recipient, recipient_index, lock_id, clue, forgiving, lifetime_days,
       wishes, remind_days, way, link_mail, language, factor, created_at, used_at, phone, mailbox,
       pdf, pdf_password,
       (select sheet.created_at from sheet where sheet.owner_index = template.owner_index
                                                 and sheet.recipient_index = template.recipient_index
                                                 and sheet.for_pdf = (template.pdf = 4)),
       (select count(*) from sheet join sheet_number on sheet_id = sheet.id
        where sheet.owner_index = template.owner_index and sheet.recipient_index = template.recipient_index
              and sheet.for_pdf = (template.pdf = 4) and sheet_number.used_at is null)
from template where id = $1

-- name: template_list
select id, owner, owner_index, recipient, recipient_index, lock_id, clue, forgiving, lifetime_days,
       wishes, remind_days, way, link_mail, language, factor, created_at, used_at, phone, mailbox,
       pdf, pdf_password,
       (select sheet.created_at from sheet where sheet.owner_index = template.owner_index
                                                 and sheet.recipient_index = template.recipient_index
                                                 and sheet.for_pdf = (template.pdf = 4)),
       (select count(*) from sheet join sheet_number on sheet_id = sheet.id
        where sheet.owner_index = template.owner_index and sheet.recipient_index = template.recipient_index
              and sheet.for_pdf = (template.pdf = 4) and sheet_number.used_at is null)
from template where owner_index = $1 order by id limit $2

-- name: template_list_all
select id, owner, owner_index, recipient, recipient_index, lock_id, clue, forgiving, lifetime_days,
       wishes, remind_days, way, link_mail, language, factor, created_at, used_at, phone, mailbox,
       pdf, pdf_password,
       (select sheet.created_at from sheet where sheet.owner_index = template.owner_index
                                                 and sheet.recipient_index = template.recipient_index
                                                 and sheet.for_pdf = (template.pdf = 4)),
       (select count(*) from sheet join sheet_number on sheet_id = sheet.id
        where sheet.owner_index = template.owner_index and sheet.recipient_index = template.recipient_index
              and sheet.for_pdf = (template.pdf = 4) and sheet_number.used_at is null)
from template where id > $1 order by id limit $2

-- name: template_set_used
update template set used_at = $2 where id = $1

-- name: template_delete
delete from template where id = $1 and owner_index = $2

-- name: template_delete_any
delete from template where id = $1
