/*
 * /desk/account: the second factor of somebody who signs in at the desk, and /desk/factor,
 * where it is shown.
 */
#include <string.h>

#include "crypto/totp.h"
#include "messenger/account.h"
#include "messenger/desk.h"
#include "messenger/sessions.h"
#include "portal/figures.h"
#include "portal/page.h"
#include "portal/qr.h"

/* What there is to say beside what is there. */
struct saying {
	int http_status;
	const char *flag;			 /* NULL: nothing */
	const struct account_recovery *recovery; /* NULL: none to be shown */
};

static void
put_recovery(struct template_values *values, const struct account_recovery *recovery)
{
	struct template_list *list = template_put_list(values, "codes");

	template_put_flag(values, "has_codes", recovery != NULL);
	for (size_t i = 0; recovery != NULL && i < ACCOUNT_RECOVERY_CODES; i++)
		template_put_text(template_list_add(list), "recovery_code", recovery->codes[i]);
}

static void
show(struct request *request, struct answer *answer, const struct saying *saying)
{
	struct template_values *values = page_desk_values(request);
	struct account_view view;
	enum status status = messenger_account_look(&request->site->messenger, request->desk.index,
						    request->arena, &view);

	if (status == STATUS_OK)
		status = page_put_sessions(request, values);
	if (status != STATUS_OK) {
		page_failure(request, answer, status);
		return;
	}
	template_put_flag(values, "has_totp", view.has_totp);
	template_put_flag(values, "has_to", view.has_to);
	template_put_flag(values, "limited", view.has_to && !view.has_totp);
	page_put_time(values, "since", view.totp_since);
	page_put_time(values, "used_at", view.totp_used_at);
	template_put_number(values, "recovery_left", (int)view.recovery_left);
	put_recovery(values, saying->recovery);
	template_put_flag(values, "stale", request->stale);
	template_put_flag(values, "crowded", request->crowded);
	if (saying->flag != NULL)
		template_put_flag(values, saying->flag, true);
	page_show(request, answer, saying->http_status, "pages/account", values);
}

void
page_account(struct request *request, struct answer *answer)
{
	show(request, answer, &(struct saying){.http_status = 200});
}

/* --- setting it up --- */

/* In groups of four, which are easier to type. */
static const char *
in_groups(struct slice text, struct arena *arena)
{
	struct text *out = text_new_in(arena, text.size * 2 + 1);

	for (size_t i = 0; i < text.size; i++) {
		if (i > 0 && i % 4 == 0)
			text_append_byte(out, ' ');
		text_append_byte(out, text.data[i]);
	}
	return text_string(out);
}

static void
show_offer(struct request *request, struct answer *answer, int http_status, const char *flag)
{
	struct template_values *values = page_desk_values(request);
	struct account_offer offer;
	struct qr qr = {.path = "", .blocks = ""};
	enum status status =
	    messenger_account_offer(&request->site->messenger, request->desk.address, &offer);

	if (status == STATUS_NOT_FOUND) {
		show(request, answer, &(struct saying){.http_status = http_status, .flag = flag});
		return;
	}
	if (status != STATUS_OK) {
		page_failure(request, answer, status);
		return;
	}
	status = qr_draw(secret_slice(&offer.uri), request->arena, &qr);
	if (status == STATUS_OK) {
		template_put_number(values, "qr_size", qr.size);
		template_put_text(values, "qr_path", qr.path);
		template_put_text(values, "qr_blocks", qr.blocks);
		template_put_text(values, "secret",
				  in_groups(secret_slice(&offer.text), request->arena));
		template_put_slice(values, "uri", secret_slice(&offer.uri));
		template_put_flag(values, "stale", request->stale);
		if (flag != NULL)
			template_put_flag(values, flag, true);
		page_show(request, answer, http_status, "pages/account_new", values);
	} else {
		page_failure(request, answer, status);
	}
	account_offer_clear(&offer);
}

void
page_account_offer(struct request *request, struct answer *answer)
{
	show_offer(request, answer, 200, NULL);
}

void
page_account_begin(struct request *request, struct answer *answer)
{
	struct account_offer offer;
	enum status status = messenger_account_begin(&request->site->messenger,
						     request->desk.address, request->now, &offer);

	account_offer_clear(&offer);
	if (status == STATUS_OK)
		answer_redirect(answer, "/desk/account/new", request->arena);
	else if (status == STATUS_CONFLICT)
		answer_redirect(answer, "/desk/account", request->arena);
	else if (status == STATUS_BUSY)
		show(request, answer, &(struct saying){.http_status = 429, .flag = "busy"});
	else
		page_failure(request, answer, status);
}

/* The session goes on under its new token, if there is one; forms of the answer carry that of it.
 */
static void
go_on(struct request *request, struct answer *answer, enum status status,
      struct session_keeper *keeper)
{
	if (status == STATUS_OK) {
		struct secret *token = arena_alloc(request->arena, sizeof(*token));

		answer_add(answer, "Set-Cookie",
			   session_desk_cookie(request, SESSION_DESK_COOKIE,
					       secret_slice(&keeper->token)));
		secret_init_in(token, request->arena, keeper->token.size);
		memcpy(token->data, keeper->token.data, keeper->token.size);
		request->token = secret_slice(token);
	}
	secret_clear(&keeper->token);
}

void
page_account_confirm(struct request *request, struct answer *answer)
{
	struct account_recovery recovery;
	struct session_keeper keeper;
	enum status status;

	session_keeper_begin(&request->desk, &keeper);
	status = messenger_account_confirm(&request->site->messenger, request->desk.address,
					   &keeper, form_value(&request->form, "code"),
					   request->now, request->arena, &recovery);
	go_on(request, answer, status, &keeper);
	switch (status) {
	case STATUS_OK:
		show(request, answer,
		     &(struct saying){.http_status = 200, .flag = "added", .recovery = &recovery});
		break;
	case STATUS_DENIED:
	case STATUS_INVALID:
		show_offer(request, answer, status == STATUS_DENIED ? 403 : 400, "wrong");
		break;
	case STATUS_BUSY:
		show_offer(request, answer, 429, "busy");
		break;
	case STATUS_NOT_FOUND:
		show(request, answer, &(struct saying){.http_status = 403, .flag = "too_late"});
		break;
	default:
		page_failure(request, answer, status);
	}
}

/* --- changing it, by who can show it --- */

static void
show_refusal(struct request *request, struct answer *answer, enum status status)
{
	if (status == STATUS_DENIED || status == STATUS_NOT_FOUND)
		show(request, answer, &(struct saying){.http_status = 403, .flag = "wrong"});
	else if (status == STATUS_BUSY)
		show(request, answer, &(struct saying){.http_status = 429, .flag = "busy"});
	else
		page_failure(request, answer, status);
}

static void
renew(struct request *request, struct answer *answer, struct slice code)
{
	struct account_recovery recovery;
	struct session_keeper keeper;
	enum status status;

	session_keeper_begin(&request->desk, &keeper);
	status = messenger_account_renew(&request->site->messenger, request->desk.address, &keeper,
					 code, request->now, request->arena, &recovery);
	go_on(request, answer, status, &keeper);
	if (status == STATUS_OK)
		show(
		    request, answer,
		    &(struct saying){.http_status = 200, .flag = "renewed", .recovery = &recovery});
	else
		show_refusal(request, answer, status);
}

static void
take_away(struct request *request, struct answer *answer, struct slice code)
{
	struct session_keeper keeper;
	enum status status;

	session_keeper_begin(&request->desk, &keeper);
	status = messenger_account_remove(&request->site->messenger, request->desk.address, &keeper,
					  code, request->now);
	go_on(request, answer, status, &keeper);
	if (status == STATUS_OK)
		show(request, answer, &(struct saying){.http_status = 200, .flag = "removed"});
	else if (status == STATUS_CONFLICT)
		show(request, answer, &(struct saying){.http_status = 409, .flag = "needed"});
	else
		show_refusal(request, answer, status);
}

/* By the button, which text browsers name, too. */
void
page_account_change(struct request *request, struct answer *answer)
{
	struct slice code = form_value(&request->form, "code");

	if (slice_equal(form_value(&request->form, "do"), SLICE("remove")))
		take_away(request, answer, code);
	else
		renew(request, answer, code);
}

/* --- showing it --- */

static struct slice
token_of(const struct request *request)
{
	return session_token(request->headers.cookie, SESSION_CODE_COOKIE, request->arena);
}

static void
show_factor(const struct request *request, struct answer *answer, int http_status, const char *flag,
	    int tries_left)
{
	struct template_values *values = page_values(request, CSRF_LINK);
	const char *address = "";
	enum status status = messenger_desk_owes(&request->site->messenger, token_of(request),
						 request->now, request->arena, &address);

	if (status != STATUS_OK && status != STATUS_NOT_FOUND) {
		page_failure(request, answer, status);
		return;
	}
	template_put_text(values, "address", address);
	template_put_number(values, "tries_left", tries_left);
	template_put_flag(values, "dead", status == STATUS_NOT_FOUND);
	template_put_flag(values, "stale", request->stale);
	if (flag != NULL && status == STATUS_OK)
		template_put_flag(values, flag, true);
	page_show(request, answer, http_status, "pages/desk_factor", values);
}

void
page_desk_factor(struct request *request, struct answer *answer)
{
	show_factor(request, answer, 200, NULL, 0);
}

void
page_desk_factor_enter(struct request *request, struct answer *answer)
{
	struct place place = page_place(request);
	struct secret session;
	int left;
	enum status status = messenger_desk_factor(&request->site->messenger, token_of(request),
						   form_value(&request->form, "code"), &place,
						   request->now, &session, &left);

	switch (status) {
	case STATUS_OK:
		page_desk_let_in(request, answer, &session);
		secret_clear(&session);
		break;
	case STATUS_DENIED:
		show_factor(request, answer, 403, "wrong", left);
		break;
	case STATUS_BUSY:
	case STATUS_NOT_FOUND:
		show_factor(request, answer, status == STATUS_BUSY ? 429 : 403,
			    status == STATUS_BUSY ? "busy" : NULL, 0);
		break;
	default:
		page_failure(request, answer, status);
	}
}
