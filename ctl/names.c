#include "ctl/names.h"

#include "base/text.h"

const char *
name_of_state(enum delivery_state state)
{
	static const char *const names[] = {
	    [DELIVERY_QUEUED] = "queued",     [DELIVERY_HELD] = "held",
	    [DELIVERY_SECURING] = "securing", [DELIVERY_READY] = "ready",
	    [DELIVERY_OPENED] = "opened",     [DELIVERY_SENT] = "sent",
	    [DELIVERY_FAILED] = "failed",     [DELIVERY_EXPIRED] = "expired",
	    [DELIVERY_RECALLED] = "recalled", [DELIVERY_DESTROYED] = "destroyed",
	};

	return names[state];
}

const char *
name_of_route(enum delivery_route route)
{
	static const char *const names[] = {
	    [ROUTE_PLAIN] = "plain", [ROUTE_PORTAL] = "portal",	  [ROUTE_REFUSE] = "refuse",
	    [ROUTE_SMIME] = "smime", [ROUTE_OPENPGP] = "openpgp", [ROUTE_TLS] = "tls",
	    [ROUTE_PDF] = "pdf",
	};

	return names[route];
}

const char *
name_of_pdf_outcome(enum pdf_outcome outcome)
{
	static const char *const names[] = {
	    [PDF_WAITS] = "waiting",
	    [PDF_LEFT] = "sent",
	    [PDF_REFUSED] = "not accepted",
	    [PDF_NOT_MADE] = "not made",
	    [PDF_UNTOLD] = "sent, password not told",
	};

	return names[outcome];
}

const char *
name_of_origin(enum message_origin origin)
{
	return origin == MESSAGE_BY_PORTAL ? "portal" : "smtp";
}

const char *
name_of_message_state(enum message_state state)
{
	static const char *const names[] = {
	    [MESSAGE_RECEIVED] = "received",
	    [MESSAGE_ROUTED] = "routed",
	    [MESSAGE_DESTROYED] = "destroyed",
	    [MESSAGE_STUCK] = "stuck",
	};

	return names[state];
}

const char *
name_of_closer(enum delivery_state state, enum closed_by by)
{
	static const char *const names[] = {
	    [CLOSED_BY_TIME] = "time",		 [CLOSED_BY_RECIPIENT] = "recipient",
	    [CLOSED_BY_SENDER] = "sender",	 [CLOSED_BY_ADMIN] = "administrator",
	    [CLOSED_BY_GIVING_UP] = "giving-up",
	};

	if (state != DELIVERY_EXPIRED && state != DELIVERY_RECALLED && state != DELIVERY_DESTROYED)
		return "";
	return names[by];
}

const char *
names_of_wishes(unsigned wishes, struct arena *arena)
{
	static const struct {
		enum wish wish;
		const char *name;
	} names[] = {
	    {WISH_OPENED, "opened"},   {WISH_FILES, "files"},	    {WISH_FILE_NAMES, "file-names"},
	    {WISH_REPLIED, "replied"}, {WISH_ACCEPTED, "accepted"},
	};
	struct text *text = arena_alloc(arena, sizeof(*text));

	text_init_in(text, arena, 256);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if ((wishes & names[i].wish) == 0)
			continue;
		if (text_slice(text).size > 0)
			text_append_byte(text, ' ');
		text_append_text(text, names[i].name);
	}
	return text_string(text);
}

const char *
name_of_mail(enum outbox_kind kind)
{
	static const char *const names[] = {
	    [OUTBOX_PLAIN] = "message",
	    [OUTBOX_FINISH] = "finish",
	    [OUTBOX_NOTICE] = "notice",
	    [OUTBOX_REPLY] = "reply",
	    [OUTBOX_BOUNCE] = "bounce",
	    [OUTBOX_OPENED] = "opened",
	    [OUTBOX_SUSPENDED_RECIPIENT] = "suspended",
	    [OUTBOX_SUSPENDED_SENDER] = "suspended-sender",
	    [OUTBOX_EXPIRED_UNREAD] = "expired-unread",
	    [OUTBOX_SENT] = "sent",
	    [OUTBOX_ASKED] = "asked",
	    [OUTBOX_NEW_CLUE] = "new-clue",
	    [OUTBOX_REMIND_RECIPIENT] = "reminder",
	    [OUTBOX_REMIND_SENDER] = "finish-reminder",
	    [OUTBOX_TAKEN] = "taken",
	    [OUTBOX_REPLIED] = "replied",
	    [OUTBOX_ACCEPTED] = "accepted",
	    [OUTBOX_SIGN_IN] = "sign-in",
	    [OUTBOX_DELAYED] = "delayed",
	    [OUTBOX_RELAYED] = "relayed",
	    [OUTBOX_PROTECTED] = "encrypted",
	    [OUTBOX_VERIFIED] = "verified",
	    [OUTBOX_CODE] = "code",
	    [OUTBOX_ACCOUNT] = "account",
	    [OUTBOX_PHONE] = "phone",
	    [OUTBOX_SHEET] = "sheet",
	    [OUTBOX_GIVE_UP] = "give-up",
	    [OUTBOX_FACTORS_LOST] = "factors-lost",
	    [OUTBOX_PDF] = "pdf",
	    [OUTBOX_PDF_PASSWORD] = "pdf-password",
	    [OUTBOX_PDF_PHONE] = "pdf-phone",
	};

	return names[kind];
}

const char *
name_of_event(enum account_event event)
{
	static const char *const names[] = {
	    [ACCOUNT_FACTOR_ADDED] = "factor-added",
	    [ACCOUNT_FACTOR_REMOVED] = "factor-removed",
	    [ACCOUNT_RECOVERY_USED] = "recovery-code-used",
	    [ACCOUNT_RECOVERY_NEW] = "recovery-codes-new",
	    [ACCOUNT_PASSKEY_ADDED] = "passkey-added",
	    [ACCOUNT_PASSKEY_REMOVED] = "passkey-removed",
	    [ACCOUNT_LAST_PASSKEY_REMOVED] = "last-passkey-removed",
	    [ACCOUNT_APP_REMOVED] = "app-removed",
	    [ACCOUNT_PASSKEY_COPIED] = "passkey-copied",
	    [ACCOUNT_NEW_PLACE] = "new-place",
	    [ACCOUNT_RESET_BEGUN] = "reset-begun",
	    [ACCOUNT_RESET_DONE] = "reset-completed",
	    [ACCOUNT_RESET_STOPPED] = "reset-stopped",
	};

	return (size_t)event < sizeof(names) / sizeof(names[0]) && names[event] != NULL
		   ? names[event]
		   : "other";
}

const char *
name_of_reset(enum reset_state state)
{
	static const char *const names[] = {
	    [RESET_BEGUN] = "begun",   [RESET_COMPLETED] = "completed", [RESET_STOPPED] = "stopped",
	    [RESET_LAPSED] = "lapsed", [RESET_ASKED] = "asked",		[RESET_AGREED] = "agreed",
	};

	return names[state];
}

const char *
name_of_give_up(enum give_up_state state)
{
	static const char *const names[] = {
	    [GIVE_UP_ASKED] = "asked", [GIVE_UP_BEGUN] = "begun",     [GIVE_UP_WAITS] = "waits",
	    [GIVE_UP_DONE] = "done",   [GIVE_UP_STOPPED] = "stopped", [GIVE_UP_LAPSED] = "lapsed",
	};

	return names[state];
}

const char *
name_of_queue_state(enum queue_state state)
{
	static const char *const names[] = {
	    [QUEUE_ANY] = "all",
	    [QUEUE_DUE] = "due",
	    [QUEUE_WAITING] = "waiting",
	    [QUEUE_HELD] = "held",
	};

	return names[state];
}

const char *
name_of_key_kind(enum key_kind kind)
{
	return kind == KEY_CERTIFICATE ? "smime" : "openpgp";
}

const char *
name_of_standing(enum key_standing standing)
{
	static const char *const names[] = {
	    [KEY_FOUND] = "found",
	    [KEY_ACCEPTED] = "accepted",
	    [KEY_REVIEW] = "review",
	    [KEY_BANNED] = "banned",
	};

	return names[standing];
}
