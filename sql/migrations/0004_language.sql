-- The language of the mails that a recipient gets: a tag such as "de", or nothing for the organisation's own.

alter table delivery
	add column language text not null default '' check (language ~ '^[A-Za-z0-9-]{0,16}$');
alter table template
	add column language text not null default '' check (language ~ '^[A-Za-z0-9-]{0,16}$');
