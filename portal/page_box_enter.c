/*
 * /box without a session, /box/factor, /box/leave: into a mailbox, and out.  The
 * same is said for every address: whether it has a mailbox is nobody's business.
 */
#include "portal/figures.h"
#include "portal/page.h"

static void
show(const struct request *request, struct answer *answer, int http_status, const char *flag,
     int64_t retry_at)
{
	struct template_values *values = page_values(request, CSRF_LINK);

	template_put_slice(values, "address", form_value(&request->form, "address"));
	page_put_time(values, "retry_at", retry_at);
	template_put_flag(values, "stale", request->stale && request->method == METHOD_POST);
	template_put_flag(values, "crowded", request->crowded);
	if (flag != NULL)
		template_put_flag(values, flag, true);
	page_show(request, answer, http_status, "pages/box_sign_in", values);
}

/* Whoever never was signed in is not told that it is over. */
static const char *
how_it_ended(const struct request *request)
{
	struct slice done = form_value(&request->form, "done");

	if (request->method == METHOD_GET && slice_equal(done, SLICE("left")))
		return "signed_out";
	if (request->method == METHOD_GET && slice_equal(done, SLICE("closed")))
		return "closed";
	return request->token.size > 0 && request->route->session == SESSION_BOX ? "timed_out"
										 : NULL;
}

void
page_box_sign_in(struct request *request, struct answer *answer)
{
	bool refused = request->route->session == SESSION_BOX && !request->route->query;

	show(request, answer, refused ? 403 : 200, how_it_ended(request), 0);
}

void
page_box_let_in(struct request *request, struct answer *answer, const struct secret *token,
		bool owes, const char *next)
{
	if (owes) {
		answer_add(answer, "Set-Cookie", session_owes_cookie(request, secret_slice(token)));
		answer_redirect(answer, "/box/factor", request->arena);
		return;
	}
	answer_add(answer, "Set-Cookie", session_box_cookie(request, secret_slice(token)));
	answer_redirect(answer, next, request->arena);
}

void
page_box_enter(struct request *request, struct answer *answer)
{
	struct secret token;
	int64_t retry_at;
	bool owes;
	enum status status = messenger_mailbox_enter(
	    &request->site->messenger, form_value(&request->form, "address"),
	    form_value(&request->form, "passphrase"), slice_from_text(request->network),
	    request->now, &token, &owes, &retry_at);

	switch (status) {
	case STATUS_OK:
		page_box_let_in(request, answer, &token, owes, "/box");
		secret_clear(&token);
		break;
	case STATUS_INVALID:
		show(request, answer, 400, "incomplete", 0);
		break;
	case STATUS_DENIED:
		show(request, answer, 403, "wrong", 0);
		break;
	case STATUS_BUSY:
		answer_retry_after(answer, retry_at - request->now);
		show(request, answer, 429, "busy", retry_at);
		break;
	default:
		page_failure(request, answer, status);
	}
}

/* --- the second factor --- */

static struct slice
owing_token(const struct request *request)
{
	return session_token(request->headers.cookie, SESSION_OWES_COOKIE, request->arena);
}

static void
show_factor(const struct request *request, struct answer *answer, int http_status, const char *flag,
	    int tries_left)
{
	struct template_values *values = page_values(request, CSRF_LINK);
	const char *address = "";
	enum status status = messenger_mailbox_owes(&request->site->messenger, owing_token(request),
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
	page_show(request, answer, http_status, "pages/box_factor", values);
}

void
page_box_factor(struct request *request, struct answer *answer)
{
	show_factor(request, answer, 200, NULL, 0);
}

void
page_box_factor_enter(struct request *request, struct answer *answer)
{
	struct secret token;
	int left;
	enum status status = messenger_mailbox_factor(
	    &request->site->messenger, owing_token(request), form_value(&request->form, "code"),
	    slice_from_text(request->network), request->now, &token, &left);

	switch (status) {
	case STATUS_OK:
		answer_add(answer, "Set-Cookie", session_owes_cookie(request, slice_of(NULL, 0)));
		page_box_let_in(request, answer, &token, false, "/box");
		secret_clear(&token);
		break;
	case STATUS_DENIED:
		show_factor(request, answer, 403, "wrong", left);
		break;
	case STATUS_BUSY:
	case STATUS_NOT_FOUND:
		show_factor(request, answer, status == STATUS_BUSY ? 429 : 403, NULL, 0);
		break;
	default:
		page_failure(request, answer, status);
	}
}

/* --- out --- */

void
page_box_leave(struct request *request, struct answer *answer)
{
	bool everywhere = slice_equal(form_value(&request->form, "do"), SLICE("everywhere"));
	enum status status =
	    messenger_mailbox_leave(&request->site->messenger, &request->inbox, everywhere);

	if (status != STATUS_OK) {
		page_failure(request, answer, status);
		return;
	}
	answer_add(answer, "Set-Cookie", session_box_cookie(request, slice_of(NULL, 0)));
	answer_redirect(answer, "/box?done=left", request->arena);
}
