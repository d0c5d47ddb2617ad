-- More that a recipient may show besides the passphrase.

-- 2 a code that is sent to the recipient's phone; 3 the next number of a sheet.
alter table delivery
	drop constraint delivery_factor_check,
	add constraint delivery_factor_check check (factor between 0 and 3),
	add column phone bytea;                 -- under the display key; goes with the message
alter table template
	drop constraint template_factor_check,
	add constraint template_factor_check check (factor between 0 and 3),
	add column phone bytea;                 -- under the display key

-- A sheet of numbers that a sender has handed to a recipient: one at a time for the two of them.
create table sheet (
	id              uuid primary key,
	owner_index     bytea not null,
	recipient_index bytea not null,
	created_at      bigint not null,
	unique (owner_index, recipient_index)
);

-- Of each code the public key of the pair that is made of it, with the pepper: what waits for the code is sealed to it.
create table sheet_number (
	sheet_id uuid not null references sheet on delete cascade,
	number   smallint not null check (number between 1 and 20),
	public   bytea not null check (octet_length(public) = 32),
	used_at  bigint,                        -- each is good for once
	primary key (sheet_id, number)
);

-- Which number is asked for; a new sheet ends what was begun with the old one.
alter table factor_try
	add column sheet_id uuid references sheet on delete cascade,
	add column number smallint;
create index factor_try_of_sheet on factor_try (sheet_id) where sheet_id is not null;

alter table outbox
	drop constraint outbox_kind_check,
	add constraint outbox_kind_check check (kind between 1 and 26);
	        -- 25 code to a phone, 26 a sheet is used up
