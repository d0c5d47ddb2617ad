-- name: template_save
insert into template (id, owner, owner_index, recipient, recipient_index, lock_id, lifetime_days,
                      notify, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict (owner_index, recipient_index) do update
set lock_id = excluded.lock_id, lifetime_days = excluded.lifetime_days, notify = excluded.notify

-- name: template_find
update template set used_at = $3 where owner_index = $1 and recipient_index = $2
returning id, owner, owner_index, recipient, recipient_index, lock_id, lifetime_days, notify,
          created_at
