-- Owners of mailboxes have accounts as people at the desk do: factors, sessions and places of their own.

-- From where somebody signed in to a mailbox: a program, its system and a network, under the display key.
alter table mailbox_session add column place bytea;

-- The language in which its owner made it, or last gave it a passphrase; nothing where that is not known.
alter table mailbox
	add column language text not null default '' check (language ~ '^[A-Za-z0-9-]{0,16}$');

-- What nobody is to be found by any more is swept once its mail has left.
create index account_event_forgotten on account_event (id) where owner_index is null;
