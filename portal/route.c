#include "portal/route.h"

#include <string.h>

#include "base/encode.h"
#include "crypto/link.h"
#include "portal/page.h"

#define GET METHOD_GET
#define POST METHOD_POST

/* What a sender does with a delivery: a page that explains it, and its form.  The last segment of
 * the path says which (page_act.c). */
#define ACT(base, what, token, who, where)                                                         \
	{.methods = GET,                                                                           \
	 .path = (base "/" what),                                                                  \
	 .name = (what "-form"),                                                                   \
	 .handler = page_act,                                                                      \
	 .session = (who)},                                                                        \
	    {.methods = POST,                                                                      \
	     .path = (base "/" what),                                                              \
	     .name = (what),                                                                       \
	     .handler = page_act_do,                                                               \
	     .again = page_act,                                                                    \
	     .csrf = (token),                                                                      \
	     .body = BODY_SMALL,                                                                   \
	     .session = (who),                                                                     \
	     .place = (where)},
#define ACTS(base, token, who)                                                                     \
	ACT(base, "recall", token, who, PLACE_LOOP)                                                \
	ACT(base, "destroy", token, who, PLACE_LOOP)                                               \
	ACT(base, "extend", token, who, PLACE_LOOP)                                                \
	ACT(base, "resend", token, who, PLACE_LOOP)                                                \
	ACT(base, "relink", token, who, PLACE_LOOP)                                                \
	ACT(base, "passphrase", token, who, PLACE_STRETCH)                                         \
	ACT(base, "clear", token, who, PLACE_LOOP)                                                 \
	ACT(base, "template", token, who, PLACE_LOOP)

/* The account of whoever is signed in: also for who has to set up a second factor first. */
#define ACCOUNT_PAGE(base, behind, what, shows, who)                                               \
	{.methods = GET,                                                                           \
	 .path = (base "/account" behind),                                                         \
	 .name = (what),                                                                           \
	 .handler = (shows),                                                                       \
	 .session = (who),                                                                         \
	 .to_set_up = true},
#define ACCOUNT_DEED(base, behind, what, does, shows, who)                                         \
	{.methods = POST,                                                                          \
	 .path = (base "/account" behind),                                                         \
	 .name = (what),                                                                           \
	 .handler = (does),                                                                        \
	 .again = (shows),                                                                         \
	 .csrf = CSRF_SESSION,                                                                     \
	 .body = BODY_SMALL,                                                                       \
	 .session = (who),                                                                         \
	 .to_set_up = true},
#define ACCOUNT(base, who)                                                                         \
	ACCOUNT_PAGE(base, "", "account", page_account, who)                                       \
	ACCOUNT_DEED(base, "", "account-change", page_account_change, page_account, who)           \
	ACCOUNT_PAGE(base, "/new", "account-offer", page_account_offer, who)                       \
	ACCOUNT_DEED(base, "/new", "account-begin", page_account_begin, page_account, who)         \
	ACCOUNT_DEED(base, "/confirm", "account-confirm", page_account_confirm,                    \
		     page_account_offer, who)                                                      \
	ACCOUNT_PAGE(base, "/passkey", "passkey-form", page_passkey, who)                          \
	ACCOUNT_DEED(base, "/passkey", "passkey-add", page_passkey_add, page_passkey, who)         \
	ACCOUNT_DEED(base, "/sessions", "sessions-end", page_sessions_end, page_account, who)      \
	ACCOUNT_DEED(base, "/keep", "reset-stop", page_reset_stop, page_account, who)

/* clang-format off */
const struct route routes[] = {
	{.methods = GET, .path = "/", .name = "home", .handler = page_home},
	{.methods = POST, .path = "/", .name = "pick-up", .handler = page_home_pick_up,
	 .again = page_home, .csrf = CSRF_LINK, .body = BODY_SMALL, .place = PLACE_STRETCH},

	{.methods = GET, .path = "/s/SECRET", .name = "sender", .handler = page_sender},
	{.methods = POST, .path = "/s/SECRET", .name = "secure", .handler = page_sender_secure,
	 .again = page_sender, .csrf = CSRF_LINK, .body = BODY_SMALL, .place = PLACE_STRETCH},
	ACTS("/s/SECRET", CSRF_LINK, SESSION_NONE)

	{.methods = GET, .path = "/r/SECRET", .name = "clue", .handler = page_clue},
	{.methods = POST, .path = "/r/SECRET", .name = "unlock", .handler = page_clue_unlock,
	 .again = page_clue, .csrf = CSRF_LINK, .body = BODY_SMALL, .place = PLACE_STRETCH},

	{.methods = GET, .path = "/r/SECRET/code", .name = "code-form", .handler = page_code},
	{.methods = POST, .path = "/r/SECRET/code", .name = "code", .handler = page_code_enter,
	 .again = page_code, .csrf = CSRF_LINK, .body = BODY_SMALL},

	{.methods = GET, .path = "/r/SECRET/message", .name = "message",
	 .handler = page_message, .session = SESSION_MESSAGE, .place = PLACE_READ},
	{.methods = GET, .path = "/r/SECRET/message/N", .name = "attached",
	 .handler = page_attached, .session = SESSION_MESSAGE, .place = PLACE_READ},
	{.methods = GET, .path = "/r/SECRET/message.eml", .name = "save",
	 .handler = page_file_message, .session = SESSION_MESSAGE},
	{.methods = GET, .path = "/r/SECRET/file/N/NAME", .name = "file",
	 .handler = page_file, .session = SESSION_MESSAGE},
	{.methods = GET, .path = "/r/SECRET/files.zip", .name = "files",
	 .handler = page_files, .session = SESSION_MESSAGE},
	{.methods = GET, .path = "/r/SECRET/pdf", .name = "pdf-form",
	 .handler = page_pdf, .session = SESSION_MESSAGE, .place = PLACE_READ},
	{.methods = POST, .path = "/r/SECRET/pdf", .name = "pdf",
	 .handler = page_pdf_make, .again = page_pdf, .csrf = CSRF_SESSION, .body = BODY_SMALL,
	 .session = SESSION_MESSAGE, .place = PLACE_READ},
	{.methods = GET, .path = "/r/SECRET/pdf/N", .name = "pdf-form-of",
	 .handler = page_pdf, .session = SESSION_MESSAGE, .place = PLACE_READ},
	{.methods = POST, .path = "/r/SECRET/pdf/N", .name = "pdf-of",
	 .handler = page_pdf_make, .again = page_pdf, .csrf = CSRF_SESSION, .body = BODY_SMALL,
	 .session = SESSION_MESSAGE, .place = PLACE_READ},
	{.methods = GET, .path = "/r/SECRET/view/N/NAME", .name = "view",
	 .handler = page_view, .session = SESSION_MESSAGE, .place = PLACE_READ},
	{.methods = GET, .path = "/r/SECRET/picture/N/NAME", .name = "picture",
	 .handler = page_picture, .session = SESSION_MESSAGE, .place = PLACE_READ},
	{.methods = GET, .path = "/r/SECRET/original", .name = "original",
	 .handler = page_original, .session = SESSION_MESSAGE},
	{.methods = GET, .path = "/r/SECRET/original/N", .name = "original-of",
	 .handler = page_original, .session = SESSION_MESSAGE, .place = PLACE_READ},
	{.methods = GET, .path = "/r/SECRET/original/N/content", .name = "original-content-of",
	 .handler = page_original_content, .session = SESSION_MESSAGE, .place = PLACE_READ},
	{.methods = GET, .path = "/r/SECRET/original/content", .name = "original-content",
	 .handler = page_original_content, .session = SESSION_MESSAGE, .place = PLACE_READ},

	{.methods = GET, .path = "/r/SECRET/reply", .name = "reply-form",
	 .handler = page_reply, .session = SESSION_MESSAGE, .place = PLACE_READ},
	{.methods = GET, .path = "/r/SECRET/write", .name = "write-form",
	 .handler = page_reply, .session = SESSION_MESSAGE, .place = PLACE_READ},
	{.methods = POST, .path = "/r/SECRET/reply", .name = "reply",
	 .handler = page_reply_send, .again = page_reply_again, .csrf = CSRF_SESSION,
	 .body = BODY_UPLOAD, .session = SESSION_MESSAGE, .place = PLACE_READ, .gives_back = true},
	{.methods = GET, .path = "/r/SECRET/forward", .name = "forward-form",
	 .handler = page_forward, .session = SESSION_MESSAGE, .place = PLACE_READ},
	{.methods = POST, .path = "/r/SECRET/forward", .name = "forward",
	 .handler = page_forward_send, .again = page_forward_again, .csrf = CSRF_SESSION,
	 .body = BODY_FILES, .session = SESSION_MESSAGE, .place = PLACE_READ, .gives_back = true},
	{.methods = POST, .path = "/r/SECRET/stay", .name = "stay",
	 .handler = page_stay, .csrf = CSRF_SESSION, .body = BODY_SMALL,
	 .session = SESSION_MESSAGE},
	{.methods = GET, .path = "/r/SECRET/sent", .name = "sent",
	 .handler = page_reply_sent, .session = SESSION_MESSAGE},

	{.methods = GET, .path = "/r/SECRET/mailbox", .name = "mailbox-form",
	 .handler = page_mailbox, .session = SESSION_MESSAGE},
	{.methods = POST, .path = "/r/SECRET/mailbox", .name = "mailbox-make",
	 .handler = page_mailbox_make, .again = page_mailbox, .csrf = CSRF_SESSION,
	 .body = BODY_SMALL, .session = SESSION_MESSAGE, .place = PLACE_STRETCH},

	{.methods = GET, .path = "/r/SECRET/forgotten", .name = "forgotten-form",
	 .handler = page_forgotten},
	{.methods = POST, .path = "/r/SECRET/forgotten", .name = "forgotten",
	 .handler = page_forgotten_tell, .again = page_forgotten, .csrf = CSRF_LINK,
	 .body = BODY_SMALL},
	{.methods = POST, .path = "/r/SECRET/close", .name = "close",
	 .handler = page_message_close, .csrf = CSRF_SESSION, .body = BODY_SMALL},
	{.methods = POST, .path = "/r/SECRET/destroy", .name = "destroy",
	 .handler = page_message_destroy, .csrf = CSRF_SESSION, .body = BODY_SMALL,
	 .session = SESSION_MESSAGE},

	{.methods = GET, .path = "/box", .name = "box", .handler = page_box,
	 .session = SESSION_BOX, .place = PLACE_READ, .query = true},
	{.methods = POST, .path = "/box", .name = "box-enter", .handler = page_box_enter,
	 .again = page_box_sign_in, .csrf = CSRF_LINK, .body = BODY_SMALL, .place = PLACE_STRETCH},
	{.methods = GET, .path = "/box/factor", .name = "box-factor-form",
	 .handler = page_box_factor},
	{.methods = POST, .path = "/box/factor", .name = "box-factor",
	 .handler = page_box_factor_enter, .again = page_box_factor, .csrf = CSRF_LINK,
	 .body = BODY_SMALL},
	ACCOUNT("/box", SESSION_BOX)
	{.methods = POST, .path = "/box/leave", .name = "box-leave", .handler = page_box_leave,
	 .csrf = CSRF_SESSION, .body = BODY_SMALL, .session = SESSION_BOX, .to_set_up = true},
	{.methods = GET, .path = "/box/write", .name = "box-write",
	 .handler = page_box_write, .session = SESSION_BOX, .place = PLACE_READ},
	{.methods = GET, .path = "/box/sent", .name = "box-sent",
	 .handler = page_box_sent, .session = SESSION_BOX, .place = PLACE_READ, .query = true},
	{.methods = GET, .path = "/box/export", .name = "box-export",
	 .handler = page_box_export, .session = SESSION_BOX, .place = PLACE_READ},
	{.methods = GET, .path = "/box/export/N/NAME", .name = "box-export-file",
	 .handler = page_box_export_file, .session = SESSION_BOX, .place = PLACE_READ},
	{.methods = GET, .path = "/box/passphrase", .name = "box-passphrase-form",
	 .handler = page_box_passphrase, .session = SESSION_BOX},
	{.methods = POST, .path = "/box/passphrase", .name = "box-passphrase",
	 .handler = page_box_passphrase_change, .again = page_box_passphrase,
	 .csrf = CSRF_SESSION, .body = BODY_SMALL, .session = SESSION_BOX,
	 .place = PLACE_STRETCH},
	{.methods = GET, .path = "/box/close", .name = "box-close-form",
	 .handler = page_box_close, .session = SESSION_BOX},
	{.methods = POST, .path = "/box/close", .name = "box-close",
	 .handler = page_box_close_sure, .again = page_box_close, .csrf = CSRF_SESSION,
	 .body = BODY_SMALL, .session = SESSION_BOX, .place = PLACE_STRETCH},

	{.methods = GET, .path = "/box/lost", .name = "box-lost-form", .handler = page_box_lost},
	{.methods = POST, .path = "/box/lost", .name = "box-lost", .handler = page_box_lost_ask,
	 .again = page_box_lost, .csrf = CSRF_LINK, .body = BODY_SMALL},
	{.methods = GET, .path = "/box/lost/SECRET", .name = "give-up-form",
	 .handler = page_box_lost_link},
	{.methods = POST, .path = "/box/lost/SECRET", .name = "give-up",
	 .handler = page_box_lost_begin, .again = page_box_lost_link, .csrf = CSRF_LINK,
	 .body = BODY_SMALL},
	{.methods = GET, .path = "/box/factor/SECRET", .name = "factor-agree-form",
	 .handler = page_factor_lost_link},
	{.methods = POST, .path = "/box/factor/SECRET", .name = "factor-agree",
	 .handler = page_factor_lost_agree, .again = page_factor_lost_link, .csrf = CSRF_LINK,
	 .body = BODY_SMALL},
	{.methods = POST, .path = "/box/keep", .name = "box-keep", .handler = page_box_keep,
	 .again = page_box, .csrf = CSRF_SESSION, .body = BODY_SMALL, .session = SESSION_BOX,
	 .to_set_up = true},

	{.methods = GET, .path = "/desk", .name = "desk", .handler = page_desk,
	 .session = SESSION_DESK, .place = PLACE_READ, .query = true},
	/* The same list, searched: a cookie for /desk does not go to /desk?... in lynx. */
	{.methods = GET, .path = "/desk/messages", .name = "desk-found", .handler = page_desk,
	 .session = SESSION_DESK, .place = PLACE_READ, .query = true},
	{.methods = POST, .path = "/desk", .name = "sign-in-ask", .handler = page_desk_ask,
	 .again = page_desk_sign_in, .csrf = CSRF_LINK, .body = BODY_SMALL},
	{.methods = GET, .path = "/desk/code", .name = "sign-in-form", .handler = page_desk_code},
	{.methods = POST, .path = "/desk/code", .name = "sign-in", .handler = page_desk_enter,
	 .again = page_desk_code, .csrf = CSRF_LINK, .body = BODY_SMALL},
	{.methods = GET, .path = "/desk/factor", .name = "factor-form",
	 .handler = page_desk_factor},
	{.methods = POST, .path = "/desk/factor", .name = "factor",
	 .handler = page_desk_factor_enter, .again = page_desk_factor, .csrf = CSRF_LINK,
	 .body = BODY_SMALL},
	ACCOUNT("/desk", SESSION_DESK)
	{.methods = POST, .path = "/desk/leave", .name = "sign-out", .handler = page_desk_leave,
	 .csrf = CSRF_SESSION, .body = BODY_SMALL, .session = SESSION_DESK, .to_set_up = true},
	{.methods = GET, .path = "/desk/message/ID", .name = "desk-message",
	 .handler = page_desk_message, .session = SESSION_DESK},
	{.methods = GET, .path = "/desk/delivery/ID", .name = "desk-delivery",
	 .handler = page_sender, .session = SESSION_DESK},
	{.methods = POST, .path = "/desk/delivery/ID", .name = "desk-secure",
	 .handler = page_sender_secure, .again = page_sender, .csrf = CSRF_SESSION,
	 .body = BODY_SMALL, .session = SESSION_DESK, .place = PLACE_STRETCH},
	ACTS("/desk/delivery/ID", CSRF_SESSION, SESSION_DESK)
	{.methods = GET, .path = "/desk/delivery/ID/letter", .name = "clue-letter",
	 .handler = page_clue_letter, .session = SESSION_DESK, .place = PLACE_READ},
	{.methods = GET, .path = "/desk/delivery/ID/factor", .name = "factor-lost-form",
	 .handler = page_factor_lost, .session = SESSION_DESK},
	{.methods = POST, .path = "/desk/delivery/ID/factor", .name = "factor-lost",
	 .handler = page_factor_lost_say, .again = page_factor_lost, .csrf = CSRF_SESSION,
	 .body = BODY_SMALL, .session = SESSION_DESK},

	{.methods = GET, .path = "/desk/templates", .name = "templates",
	 .handler = page_templates, .session = SESSION_DESK, .place = PLACE_READ, .query = true},
	{.methods = GET, .path = "/desk/templates.csv", .name = "templates-export",
	 .handler = page_templates_export, .session = SESSION_DESK, .place = PLACE_READ},
	{.methods = GET, .path = "/desk/templates/import", .name = "templates-import-form",
	 .handler = page_import, .session = SESSION_DESK},
	{.methods = POST, .path = "/desk/templates/import", .name = "templates-import",
	 .handler = page_import_take, .again = page_import, .csrf = CSRF_SESSION,
	 .body = BODY_FILES, .session = SESSION_DESK, .place = PLACE_STRETCH},
	{.methods = GET, .path = "/desk/templates/new", .name = "template-new",
	 .handler = page_template, .session = SESSION_DESK},
	{.methods = POST, .path = "/desk/templates/new", .name = "template-add",
	 .handler = page_template_save, .again = page_template, .csrf = CSRF_SESSION,
	 .body = BODY_SMALL, .session = SESSION_DESK, .place = PLACE_STRETCH},
	{.methods = GET, .path = "/desk/template/ID", .name = "template",
	 .handler = page_template, .session = SESSION_DESK},
	{.methods = POST, .path = "/desk/template/ID", .name = "template-change",
	 .handler = page_template_save, .again = page_template, .csrf = CSRF_SESSION,
	 .body = BODY_SMALL, .session = SESSION_DESK, .place = PLACE_STRETCH},
	{.methods = GET, .path = "/desk/template/ID/delete", .name = "template-delete-form",
	 .handler = page_template_delete, .session = SESSION_DESK},
	{.methods = POST, .path = "/desk/template/ID/delete", .name = "template-delete",
	 .handler = page_template_delete_sure, .again = page_template_delete,
	 .csrf = CSRF_SESSION, .body = BODY_SMALL, .session = SESSION_DESK},
	{.methods = GET, .path = "/desk/template/ID/sheet", .name = "sheet-form",
	 .handler = page_sheet, .session = SESSION_DESK},
	{.methods = POST, .path = "/desk/template/ID/sheet", .name = "sheet",
	 .handler = page_sheet_make, .again = page_sheet, .csrf = CSRF_SESSION,
	 .body = BODY_SMALL, .session = SESSION_DESK, .place = PLACE_READ},
	{.methods = GET, .path = "/desk/would", .name = "would", .handler = page_would,
	 .session = SESSION_DESK, .query = true},

	{.methods = GET, .path = "/static/NAME", .name = "static", .handler = page_static},
	{.methods = GET, .path = "/healthz", .name = "healthz", .handler = page_health_alive},
	{.methods = GET, .path = "/readyz", .name = "readyz", .handler = page_health_ready},
	{.methods = GET, .path = "/demo", .name = "demo", .handler = page_demo,
	 .place = PLACE_READ},
	{.methods = GET, .path = "/demo/N", .name = "demo-mail", .handler = page_demo_mail,
	 .place = PLACE_READ},
	{.path = NULL},
};
/* clang-format on */

/* The part of `path` from `*from` up to the next slash or the end. */
static struct slice
next_segment(struct slice path, size_t *from)
{
	size_t end = slice_find_byte(path, '/', *from);
	struct slice segment;

	if (end == SLICE_NONE)
		end = path.size;
	segment = slice_part(path, *from, end);
	*from = end + 1;
	return segment;
}

static bool
segment_matches(struct slice wanted, struct slice given, struct route_match *match)
{
	unsigned char secret[LINK_SECRET_SIZE];
	unsigned long long number;
	bool fits;

	if (slice_equal(wanted, SLICE("SECRET"))) {
		fits =
		    given.size == LINK_TEXT_LENGTH && decode_base32(given, secret, sizeof(secret));
		explicit_bzero(secret, sizeof(secret));
		match->link = given;
		return fits;
	}
	if (slice_equal(wanted, SLICE("ID"))) {
		match->has_id = id_parse(given, &match->id) == STATUS_OK;
		return match->has_id;
	}
	if (slice_equal(wanted, SLICE("N"))) {
		match->has_number = given.size < 20 && slice_to_number(given, &number);
		match->number = match->has_number ? number : 0;
		return match->has_number;
	}
	if (slice_equal(wanted, SLICE("NAME"))) {
		match->name = given;
		return given.size > 0 && given.size <= 2048;
	}
	return slice_equal(wanted, given);
}

static bool
path_matches(const char *pattern, struct slice path, struct route_match *match)
{
	struct slice wanted = slice_from_text(pattern);
	size_t at = 1;
	size_t from = 1;

	if (path.size == 0 || path.data[0] != '/')
		return false;
	for (;;) {
		if (!segment_matches(next_segment(wanted, &at), next_segment(path, &from), match))
			return false;
		if (at > wanted.size || from > path.size)
			return at > wanted.size && from > path.size;
	}
}

void
route_find(struct slice path, enum request_method method, struct route_match *match_out)
{
	struct route_match found = {.route = NULL};

	if (method == METHOD_HEAD)
		method = METHOD_GET;
	for (const struct route *route = routes; route->path != NULL; route++) {
		struct route_match match = {.route = route};

		if (!path_matches(route->path, path, &match))
			continue;
		match.methods = found.methods | route->methods;
		if ((route->methods & (unsigned)method) == 0)
			match.route = found.route;
		found = match;
	}
	*match_out = found;
}

const char *
route_allow(unsigned methods)
{
	if (methods == METHOD_GET)
		return "GET, HEAD";
	return methods == METHOD_POST ? "POST" : "GET, HEAD, POST";
}
