-- Portal deliveries whose notice carries the message as an encrypted PDF.

-- 1 the passphrase that its sender chose; the others are generated: 2 mailed to the sender, 3 sent to the recipient's
-- phone, 4 the next one of a sheet.
alter table delivery
	add column pdf smallint not null default 0 check (pdf between 0 and 4),
	add column pdf_password bytea,          -- to the gateway, until all has left that needs it
	add column pdf_number smallint,         -- of the sheet
	add column pdf_sheet_at bigint,         -- its date
	add column pdf_outcome smallint not null default 0 check (pdf_outcome between 0 and 3),
	                                        -- 0 not yet, 1 left, 2 not taken, 3 could not be made: a notice left
	add column pdf_at bigint,               -- when
	add constraint delivery_pdf_password_check check (pdf_password is null or pdf <> 0);

-- A template for the portal keeps no passphrase; one for PDF, whose passphrase its sender chose, keeps it beside the
-- lock that it opens, to the gateway.
alter table template
	add column pdf smallint not null default 0 check (pdf between 0 and 4),
	add column pdf_password bytea,
	add constraint template_pdf_password_check
		check ((pdf_password is not null) = (pdf = 1 and lock_id is not null));

-- Locks of generated passphrases, which take no pepper.
alter table lock
	drop constraint lock_rule_check,
	add constraint lock_rule_check check (rule between 1 and 3);

-- A sheet of passwords for PDF, beside that of numbers for the portal.  Each password is kept until it is used.
alter table sheet
	add column for_pdf boolean not null default false,
	drop constraint sheet_owner_index_recipient_index_key,
	add constraint sheet_once unique (owner_index, recipient_index, for_pdf);
alter table sheet_number
	alter column public drop not null,
	add column password_wrap bytea,         -- number and password, to the gateway
	add constraint sheet_number_use_check
		check ((public is not null and password_wrap is null)
		       or (public is null and (password_wrap is null) = (used_at is not null)));

alter table outbox
	drop constraint outbox_kind_check,
	add constraint outbox_kind_check check (kind between 1 and 31);
	        -- 29 PDF, 30 its password (to the sender), 31 its password (to a phone)
