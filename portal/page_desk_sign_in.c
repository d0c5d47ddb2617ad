/*
 * /desk without a session, /desk/code, /desk/leave: signing in with a code that
 * is mailed, and out.  The same is said for every address: whether it belongs to
 * the organisation is nobody's business here.
 */
#include "portal/figures.h"
#include "portal/page.h"

static void
show_address(const struct request *request, struct answer *answer, int http_status,
	     const char *flag, int64_t retry_at)
{
	page_sign_in_show(request, answer, http_status, "pages/desk_sign_in", flag, retry_at);
}

/* Shown wherever somebody would have to be signed in. */
void
page_desk_sign_in(struct request *request, struct answer *answer)
{
	show_address(request, answer,
		     request->route->session != SESSION_DESK || request->route->query ? 200 : 403,
		     page_sign_in_ended(request, SESSION_DESK), 0);
}

void
page_desk_ask(struct request *request, struct answer *answer)
{
	struct secret token;
	int64_t retry_at;
	enum status status =
	    messenger_desk_ask(&request->site->messenger, form_value(&request->form, "address"),
			       slice_from_text(request->network), request->now, &token, &retry_at);

	switch (status) {
	case STATUS_OK:
		answer_add(answer, "Set-Cookie",
			   session_desk_cookie(request, SESSION_CODE_COOKIE, secret_slice(&token)));
		secret_clear(&token);
		answer_redirect(answer, "/desk/code", request->arena);
		break;
	case STATUS_INVALID:
		show_address(request, answer, 400, "address_wrong", 0);
		break;
	case STATUS_BUSY:
		show_address(request, answer, 429, "busy", retry_at);
		break;
	default:
		page_failure(request, answer, status);
	}
}

static void
show_code(const struct request *request, struct answer *answer, int http_status, const char *flag,
	  int tries_left)
{
	struct template_values *values = page_values(request, CSRF_LINK);
	struct slice token =
	    session_token(request->headers.cookie, SESSION_CODE_COOKIE, request->arena);
	const char *address = "";
	enum status status = messenger_desk_asked(&request->site->messenger, token, request->now,
						  request->arena, &address);

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
	page_show(request, answer, http_status, "pages/desk_code", values);
}

void
page_desk_code(struct request *request, struct answer *answer)
{
	show_code(request, answer, 200, NULL, 0);
}

void
page_desk_let_in(struct request *request, struct answer *answer, const struct secret *session)
{
	answer_add(answer, "Set-Cookie",
		   session_desk_cookie(request, SESSION_DESK_COOKIE, secret_slice(session)));
	answer_add(answer, "Set-Cookie",
		   session_desk_cookie(request, SESSION_CODE_COOKIE, slice_of(NULL, 0)));
	portal_count_session(FIGURE_DESK);
	answer_redirect(answer, "/desk/messages", request->arena);
}

void
page_desk_enter(struct request *request, struct answer *answer)
{
	struct slice token =
	    session_token(request->headers.cookie, SESSION_CODE_COOKIE, request->arena);
	struct place place = page_place(request);
	struct secret session;
	bool needs_factor;
	int left;
	enum status status = messenger_desk_enter(&request->site->messenger, token,
						  form_value(&request->form, "code"), &place,
						  request->now, &session, &left, &needs_factor);

	switch (status) {
	case STATUS_OK:
		if (needs_factor) {
			answer_redirect(answer, "/desk/factor", request->arena);
			break;
		}
		page_desk_let_in(request, answer, &session);
		secret_clear(&session);
		break;
	case STATUS_DENIED:
		show_code(request, answer, 403, "wrong", left);
		break;
	case STATUS_BUSY:
	case STATUS_NOT_FOUND:
		show_code(request, answer, status == STATUS_BUSY ? 429 : 403, "dead", 0);
		break;
	default:
		page_failure(request, answer, status);
	}
}

void
page_desk_leave(struct request *request, struct answer *answer)
{
	enum status status = messenger_desk_leave(&request->site->messenger, request->token);

	if (status == STATUS_OK)
		page_signed_out(request, answer);
	else
		page_failure(request, answer, status);
}
