-- Who may do what.  Run after every migration, by the owner, in one transaction: first everything is
-- taken back, then the least is granted, so that this file is the whole truth.
--
-- A right that is missing here shows as SQLSTATE 42501 in the log of the daemon.

do $$
declare
	role_name text;
begin
	foreach role_name in array array['postern_ingest', 'postern_courier', 'postern_portal'] loop
		if not exists (select 1 from pg_roles where rolname = role_name) then
			begin
				execute format('create role %I login', role_name);
			exception when duplicate_object or unique_violation then
				-- Somebody set up another database of this cluster just now.
				null;
			end;
		end if;
	end loop;
	-- Names of databases are chosen by the operator.
	execute format('revoke all on database %I from public, postern_ingest, postern_courier, postern_portal',
		       current_database());
	execute format('grant connect on database %I to postern_ingest, postern_courier, postern_portal',
		       current_database());
end
$$;

revoke all on schema public from public, postern_ingest, postern_courier, postern_portal;
grant usage on schema public to postern_ingest, postern_courier, postern_portal;
revoke all on all tables in schema public from public, postern_ingest, postern_courier, postern_portal;
revoke all on all sequences in schema public from public, postern_ingest, postern_courier, postern_portal;
revoke all on all functions in schema public from public, postern_ingest, postern_courier, postern_portal;

grant select on schema_version to postern_ingest, postern_courier, postern_portal;

-- Ingest faces the mail servers.  It puts messages in and can read nothing back, not even what it
-- wrote; nor can it make a message look like one written in the portal (origin, parent_delivery).
grant insert (id, received_at, size, chunk_count, chunk, gateway_wrap, envelope) on message to postern_ingest;
grant insert on chunk, upload to postern_ingest;

-- The portal faces browsers.  It reads what it shows, and changes what visitors change: it cannot
-- route, seal, relay or relink, cannot make a delivery or a link, and deletes only sessions, codes to
-- sign in, templates, what recipients wrote, and locks that nothing uses (the references see to that).
grant select on message, chunk, delivery, link, lock, template, session, throttle, taken, sign_in, desk_session,
	writing, draft_file, key, key_search, factor_try, sheet, sheet_number,
	account_factor, recovery_code, account_place, account_reset, passkey, passkey_challenge,
	mailbox, mailbox_message, mailbox_session, give_up to postern_portal;
-- It may ask for keys, and shows what was found; what is found it cannot change.
grant insert (address_index, address, asked_at) on key_search to postern_portal;
grant update (address, asked_at) on key_search to postern_portal;
grant insert (id, received_at, size, chunk_count, chunk, gateway_wrap, envelope, origin, parent_delivery, once)
	on message to postern_portal;
grant insert on chunk, upload, lock, session, throttle, taken, sign_in, desk_session, writing, draft_file, factor_try,
	sheet, sheet_number,
	account_factor, recovery_code, account_event, account, account_place, passkey, passkey_challenge,
	mailbox, mailbox_message, mailbox_session to postern_portal;
grant insert (id, owner, owner_index, recipient, recipient_index, lock_id, clue, forgiving, lifetime_days, wishes,
	      remind_days, way, link_mail, language, factor, phone, mailbox, created_at, pdf, pdf_password)
	on template to postern_portal;
grant insert (id, kind, message_id, delivery_id, code_id, generation, created_at, next_at, tries)
	on outbox to postern_portal;
grant update (state, lock_id, lifetime_days, wishes, remind_days, remind_at, reminders, by_template, language, factor, factor_at, phone, mailbox,
	      pdf, pdf_password, pdf_outcome, claimed_until, opened_at, closed_at, closed_by, expires_at, asked_at, resent_at, relink_at,
	      wrong_tries, retry_at, suspended_at, gateway_wrap, outer_wrap, rescue_wrap, sender_wrap, message_key_wrap)
	on delivery to postern_portal;
grant update (lock_id, clue, forgiving, lifetime_days, wishes, remind_days, way, link_mail, language, factor, phone, mailbox,
	      pdf, pdf_password) on template to postern_portal;
grant update (seen_at) on session, desk_session to postern_portal;
grant update (token_hash) on desk_session to postern_portal;
grant update (tries) on sign_in, factor_try to postern_portal;
grant update (used_at) on sheet_number to postern_portal;
grant update (coded_at, factor_tries) on sign_in to postern_portal;
grant update (last_step, used_at, confirmed) on account_factor to postern_portal;
grant update (counter, used_at) on passkey to postern_portal;
grant update (challenge, created_at) on passkey_challenge to postern_portal;
grant update (used_at) on account_place to postern_portal;
-- Who is signed in keeps their factors: a reset is begun and completed by administrators alone.
grant update (state, ended_by, ended_at) on account_reset to postern_portal;
-- But for one that a sender asks for: it is agreed to by a mailed link, and the courier completes it.
grant insert (id, owner_index, address, begun_by, by_sender, language, link_hash, link_wrap, state, begun_at, ready_at,
	      lapses_at) on account_reset to postern_portal;
grant update (ready_at) on account_reset to postern_portal;
-- A mailbox is given up by the courier: here it is asked for, begun by the link, and stopped.
grant insert (id, owner_index, address, language, link_hash, link_wrap, asked_at, lapses_at) on give_up to postern_portal;
grant update (state, mailbox_id, language, begun_at, ready_at, ended_at) on give_up to postern_portal;
grant update (failures, first_at, retry_at) on throttle to postern_portal;
grant update (private_wrap, lock_id, salt, ops, memory_kib, rule, changed_at, language, entered_at) on mailbox to postern_portal;
grant update (token_hash, sealed, owes, created_at, seen_at, tries, place) on mailbox_session to postern_portal;
-- Who closes their mailbox is forgotten: nothing is found by their address any more.
grant select (owner_index), update (owner_index) on account_event to postern_portal;
grant select (owner_index), delete on account to postern_portal;
grant delete on account_reset to postern_portal;
grant delete on account_factor, recovery_code, account_place, passkey, passkey_challenge to postern_portal;
grant delete on session, desk_session, sign_in, factor_try, template, lock, writing, draft_file, sheet to postern_portal;
grant delete on mailbox, mailbox_message, mailbox_session, give_up to postern_portal;

-- The courier has no open port.  It routes, secures, sends and clears away; it adds no messages, no locks
-- but those of passwords that it generates, and opens no sessions.
grant select on message, chunk, upload, delivery, link, lock, template, outbox, session, throttle, taken, thread,
	sign_in, desk_session, heartbeat, writing, draft_file, key, key_search, own_key, authority, revocation, harvest,
	factor_try, account_factor, account_event, account_place, passkey_challenge, sheet, sheet_number, mailbox,
	mailbox_message, mailbox_session, give_up, account_reset to postern_courier;
grant select (owner_index) on account, recovery_code, passkey to postern_courier;
grant update (state, claims, claimed_until, manifest, sender, sender_index, subject, chunk, gateway_wrap, envelope,
	      transfer, returns, envelope_id)
	on message to postern_courier;
grant insert on delivery, link, lock, outbox, thread, throttle, heartbeat, mailbox_message to postern_courier;
grant update (link_wrap) on mailbox_message to postern_courier;
-- Mailboxes that are given up, and factors that are lost, when the time has come.
-- FOR UPDATE asks for UPDATE of something.
grant update (entered_at) on mailbox to postern_courier;
grant update (state, address, mailbox_id, link_hash, link_wrap, ended_at) on give_up to postern_courier;
grant update (state, link_wrap, ended_at) on account_reset to postern_courier;
grant update (owner_index) on account_event to postern_courier;
grant delete on mailbox, give_up, recovery_code, passkey, account, account_reset to postern_courier;
grant update (state, route, reason, gateway_wrap, outer_wrap, rescue_wrap, sender_wrap, message_key_wrap, lock_id, link_generation,
	      secured_at, replied_at, closed_at, closed_by, expires_at, remind_at, reminders, asked_at, relink_at,
	      wrong_tries, retry_at, suspended_at, cleared, relay_status, relay_reply, relay_host,
	      relayed_at, delayed_at, claimed_until, temporary_public, lifetime_days, wishes, remind_days,
	      by_template, link_letter, language, key_id, evidence, handed_over, factor, phone, mailbox, lost_at,
	      pdf, pdf_password, pdf_number, pdf_sheet_at, pdf_outcome, pdf_at, pdf_phone_failed)
	on delivery to postern_courier;
grant update (used_at, password_wrap) on sheet_number to postern_courier;
grant update (ended) on link to postern_courier;
grant update (used_at) on template to postern_courier;
grant update (state, next_at, tries, lane) on outbox to postern_courier;
grant update (seen_at) on thread, heartbeat to postern_courier;
grant update (code_wrap) on sign_in, factor_try to postern_courier;
grant update (failures, first_at, retry_at) on throttle to postern_courier;
-- FOR UPDATE SKIP LOCKED in the sweep of uploads asks for UPDATE as well.
grant update (started_at) on upload to postern_courier;
grant delete on chunk, upload, session, throttle, taken, thread, lock, sign_in, desk_session, writing, draft_file,
	factor_try, account_factor, account_event, account_place, passkey_challenge, sheet, mailbox_message,
	mailbox_session to postern_courier;

-- It looks for keys, and notes what it found; whose key counts, and who may vouch for one, is decided by
-- the administrator.
grant insert on key, key_search, revocation, harvest to postern_courier;
grant update (standing, source, address, material, evidence, capabilities, told_at, vouched, reason,
	      seen_at, expires_at) on key to postern_courier;
grant update (address, asked_at, answered_at, until, outcome, claimed_until) on key_search to postern_courier;
grant update (list, fetched_at, until, tried_at, next_at, used_at, fault) on revocation to postern_courier;
grant update (claims, claimed_until) on harvest to postern_courier;
grant delete on key, key_search, revocation, harvest to postern_courier;
