-- Mailboxes of recipients.  A mailbox has a key pair of its own, whose private half is sealed to a lock as any:
-- its passphrase alone opens it.  What comes for its owner is sealed to the public half.

create table mailbox (
	id            uuid primary key,
	address       bytea not null,
	address_index bytea not null unique,
	public        bytea not null check (octet_length(public) = 32),
	private_wrap  bytea not null,           -- the lock's public key, and the private half sealed to it
	lock_id       uuid not null,
	salt          bytea not null check (octet_length(salt) = 16),
	ops           integer not null,
	memory_kib    integer not null,
	rule          smallint not null check (rule in (1, 2)),
	created_at    bigint not null,
	changed_at    bigint not null           -- its passphrase
);

-- Gone with its delivery's last state: nothing that is over lies in a mailbox.
create table mailbox_message (
	delivery_id uuid primary key references delivery,
	mailbox_id  uuid not null references mailbox,
	key_wrap    bytea not null,             -- T to the mailbox
	link_wrap   bytea not null,             -- the recipient's link to the mailbox
	came_at     bigint not null
);
create index mailbox_message_in_order on mailbox_message (mailbox_id, came_at, delivery_id);

create table mailbox_session (
	id         uuid primary key,
	token_hash bytea not null unique check (octet_length(token_hash) = 32), -- of the browser's cookie
	mailbox_id uuid not null references mailbox,
	sealed     bytea not null,              -- the mailbox's private half under the cookie
	owes       boolean not null,            -- a second factor is still to be shown
	tries      integer not null default 0,  -- of that
	created_at bigint not null,
	seen_at    bigint not null
);
create index mailbox_session_of_mailbox on mailbox_session (mailbox_id);
create index mailbox_session_seen on mailbox_session (seen_at);

