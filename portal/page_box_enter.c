/*
 * /box without a session, and /box/leave: into a mailbox, and out.  The same is said for every
 * address: whether it has a mailbox is nobody's business.
 */
#include "messenger/sessions.h"
#include "portal/page.h"

static void
show(const struct request *request, struct answer *answer, int http_status, const char *flag,
     int64_t retry_at)
{
	page_sign_in_show(request, answer, http_status, "pages/box_sign_in", flag, retry_at);
}

void
page_box_sign_in(struct request *request, struct answer *answer)
{
	bool refused = request->route->session == SESSION_BOX && !request->route->query;

	show(request, answer, refused ? 403 : 200, page_sign_in_ended(request, SESSION_BOX), 0);
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
	struct place place = page_place(request);
	struct secret token;
	int64_t retry_at;
	bool owes;
	enum status status = messenger_mailbox_enter(
	    &request->site->messenger, form_value(&request->form, "address"),
	    form_value(&request->form, "passphrase"), &place, request->now, &token, &owes,
	    &retry_at);

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
		show(request, answer, 429, "busy", retry_at);
		break;
	default:
		page_failure(request, answer, status);
	}
}

void
page_box_leave(struct request *request, struct answer *answer)
{
	bool everywhere = slice_equal(form_value(&request->form, "do"), SLICE("everywhere"));
	const struct messenger *messenger = &request->site->messenger;
	enum status status = everywhere
				 ? messenger_sessions_end_all(messenger, &request->account, true)
				 : messenger_mailbox_leave(messenger, &request->inbox);

	if (status == STATUS_OK)
		page_signed_out(request, answer);
	else
		page_failure(request, answer, status);
}
