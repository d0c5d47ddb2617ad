-- Fill a store with the messages FIRST to LAST, as they lie there after a while: one in ten sent
-- plain, two expired or destroyed, the others held, ready or opened, with their links, notices,
-- sessions, and a template for one in ten (10000 at most).  Nothing here is due, so that nobody works on it.

create function pg_temp.name_of(kind text, number integer) returns uuid language sql immutable as $$
	select (lpad(to_hex(1700000000000 + number::bigint * 6000), 12, '0') || '7'
		|| substr(md5(kind || number), 1, 3) || '8' || substr(md5(kind || number), 4, 15))::uuid
$$;

create function pg_temp.sealed(kind text, number integer, size integer) returns bytea language sql immutable as $$
	select substr(decode(repeat(md5(kind || number), size / 16 + 1), 'hex'), 1, size)
$$;

create function pg_temp.index_of(kind text, number integer) returns bytea language sql immutable as $$
	select sha256((kind || number)::bytea)
$$;

set local synchronous_commit = off;

insert into lock (id, public_wrap, salt, ops, memory_kib, rule, clue, created_at)
select pg_temp.name_of('lock', i), pg_temp.sealed('public', i, 82), pg_temp.sealed('salt', i, 16), 3, 65536, 1,
       pg_temp.sealed('clue', i, 80), 1700000000
from generate_series(FIRST, LAST) i where i % 10 = 0 and i <= 100000;

insert into template (id, owner, owner_index, recipient, recipient_index, lock_id, lifetime_days, created_at)
select pg_temp.name_of('template', i), pg_temp.sealed('owner', i, 70), pg_temp.index_of('sender', i % 500),
       pg_temp.sealed('recipient', i, 70), pg_temp.index_of('recipient', i), pg_temp.name_of('lock', i), 7,
       1700000000
from generate_series(FIRST, LAST) i where i % 10 = 0 and i <= 100000;

insert into message (id, state, received_at, size, chunk_count, chunk, envelope, manifest, sender,
                     sender_index, subject, claims)
select pg_temp.name_of('message', i), case when open then 2 else 3 end, 1700000000 + i * 6, 2048, 1,
       case when open then pg_temp.sealed('chunk', i, 2048) end,
       case when open then pg_temp.sealed('envelope', i, 200) end,
       case when open then pg_temp.sealed('manifest', i, 300) end,
       case when open then pg_temp.sealed('sender', i, 70) end,
       case when open then pg_temp.index_of('sender', i % 500) end,
       case when open then pg_temp.sealed('subject', i, 90) end, 1
from generate_series(FIRST, LAST) i, lateral (select i % 10 > 2 as open) states;

insert into delivery (id, message_id, state, route, reason, recipient, recipient_index, sender_index,
                      temporary_public, gateway_wrap, outer_wrap, rescue_wrap, message_key_wrap,
                      lock_id, link_generation, lifetime_days, created_at,
                      secured_at, opened_at, closed_at, expires_at, cleared)
select pg_temp.name_of('delivery', i), pg_temp.name_of('message', i), state,
       case when state = 6 then 1 else 2 end, 'policy', pg_temp.sealed('recipient', i, 70),
       pg_temp.index_of('recipient', i), pg_temp.index_of('sender', i % 500),
       pg_temp.sealed('temporary', i, 32), case when state = 2 then pg_temp.sealed('gateway', i, 82) end,
       case when state in (4, 5) then pg_temp.sealed('outer', i, 170) end,
       case when state in (4, 5) then pg_temp.sealed('rescue', i, 82) end,
       case when state < 6 then pg_temp.sealed('key', i, 82) end,
       case when state > 2 and state <> 6 then pg_temp.name_of('lock', greatest(i % 100000 / 10 * 10, 10)) end,
       1, 7, 1700000000 + i * 6, 1700000000 + i * 6, case when state = 5 then 1700000000 + i * 6 end,
       case when state > 5 then 1700000000 + i * 6 end,
       case when state < 6 then extract(epoch from now())::bigint + 500000 + i end, state > 5
from generate_series(FIRST, LAST) i,
     lateral (select (array[6, 8, 10, 2, 4, 4, 4, 5, 5, 5])[i % 10 + 1] as state) states;

insert into link (hash, delivery_id, kind, generation)
select pg_temp.index_of('link' || kind, i), pg_temp.name_of('delivery', i), kind, 1
from generate_series(FIRST, LAST) i, generate_series(1, 2) kind where i % 10 > 0;

insert into outbox (id, kind, state, message_id, delivery_id, created_at, next_at)
select pg_temp.name_of('outbox', i), case when i % 10 = 0 then 1 when i % 10 = 3 then 2 else 3 end, 2,
       pg_temp.name_of('message', i), pg_temp.name_of('delivery', i), 1700000000 + i * 6, 1700000000 + i * 6
from generate_series(FIRST, LAST) i;

insert into session (token_hash, delivery_id, sealed, created_at, seen_at)
select pg_temp.index_of('session', i), pg_temp.name_of('delivery', i), pg_temp.sealed('session', i, 72),
       extract(epoch from now())::bigint, extract(epoch from now())::bigint
from generate_series(FIRST, LAST) i where i % 10 = 9;
