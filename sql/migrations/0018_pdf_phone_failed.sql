-- The phone that was to be told the password of a PDF could not be reached: its sender got it instead.
alter table delivery add column pdf_phone_failed boolean not null default false;
