-- Reports about deliveries (RFC 3461): what was asked for, and what is told.  And queues by destination.

alter table message
	add column transfer smallint not null default 0 check (transfer between 0 and 3),
	                        -- 1 binary (BODY=BINARYMIME), 2 SMTPUTF8
	add column returns smallint not null default 0 check (returns between 0 and 2), -- 1 RET=FULL, 2 RET=HDRS
	add column envelope_id bytea;           -- ENVID, under the display key

alter table delivery
	add column notify smallint not null default 0 check (notify between 0 and 15),
	                        -- 1 success, 2 failure, 4 delay, 8 never; 0 nothing was said
	add column original bytea,              -- ORCPT, under the display key
	add column delayed_at bigint,           -- its sender was told that it waits
	add column relayed_at bigint,           -- the last attempt
	add column relay_host bytea;            -- who answered it, under the display key

alter table outbox
	add column lane bigint not null default 0, -- keyed hash of the transport that it waits for; 0: not known
	drop constraint outbox_state_check,
	add constraint outbox_state_check check (state between 1 and 4),
	        -- 1 queued, 2 sent, 3 failed, 4 held by the administrator
	drop constraint outbox_kind_check,
	add constraint outbox_kind_check check (kind between 1 and 20);
	        -- 19 delayed, 20 relayed
drop index outbox_of_message;
create index outbox_of_message on outbox (message_id) where state in (1, 4);
create index outbox_waiting on outbox (created_at, id) where state in (1, 4);
create unique index outbox_delayed_once on outbox (delivery_id) where kind = 19;
