-- What a sender wishes about a mailbox for a recipient: less than the organisation's policy gives, never more.
-- 0 as the policy says, 1 never, 2 offered, 3 always.
alter table template
	add column mailbox smallint not null default 0 check (mailbox between 0 and 3);
alter table delivery
	add column mailbox smallint not null default 0 check (mailbox between 0 and 3);
