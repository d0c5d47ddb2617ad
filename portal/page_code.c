/*
 * /r/SECRET/code: the code that is asked for besides the passphrase.  Whoever did not
 * type the right passphrase in this browser, just before, is sent to do that.
 */
#include "messenger/factor.h"
#include "portal/figures.h"
#include "portal/page.h"

/* What there is to say beside the form. */
struct saying {
	int http_status;
	const char *flag; /* NULL: nothing */
	int tries_left;
	int64_t retry_at;
	enum factor factor; /* where nothing is asked of this browser */
	bool none;	    /* there is no code that could be */
};

static struct slice
token_of(const struct request *request)
{
	return session_token(request->headers.cookie, SESSION_FACTOR_COOKIE, request->arena);
}

static void
show(const struct request *request, struct answer *answer, const struct saying *saying)
{
	struct template_values *values = page_values(request, CSRF_LINK);
	struct factor_view view = {.factor = saying->factor, .recipient = "", .phone = ""};
	enum status status =
	    messenger_factor_asked(&request->site->messenger, request->link, token_of(request),
				   request->now, request->arena, &view);

	if (status != STATUS_OK && status != STATUS_NOT_FOUND) {
		page_failure(request, answer, status);
		return;
	}
	template_put_text(values, "action", request_path(request, "/code"));
	template_put_text(values, "again", request_path(request, ""));
	template_put_text(values, "recipient", view.recipient);
	template_put_flag(values, "by_phone", view.factor == FACTOR_PHONE);
	template_put_flag(values, "by_sheet", view.factor == FACTOR_SHEET);
	template_put_text(values, "phone", view.phone);
	template_put_number(values, "number", view.number);
	page_put_time(values, "sheet_at", view.sheet_at);
	template_put_flag(values, "none", saying->none);
	page_put_time(values, "until", view.until);
	page_put_time(values, "retry_at", saying->retry_at);
	template_put_number(values, "tries_left", saying->tries_left);
	template_put_flag(values, "dead",
			  status == STATUS_NOT_FOUND && saying->retry_at == 0 && !saying->none);
	template_put_flag(values, "stale", request->stale);
	if (saying->flag != NULL && status == STATUS_OK)
		template_put_flag(values, saying->flag, true);
	page_show(request, answer, saying->http_status, "pages/code", values);
}

void
page_code(struct request *request, struct answer *answer)
{
	show(request, answer, &(struct saying){.http_status = 200});
}

void
page_code_busy(struct request *request, struct answer *answer, enum factor factor, int64_t retry_at)
{
	answer_retry_after(answer, retry_at - request->now);
	show(request, answer,
	     &(struct saying){.http_status = 429, .retry_at = retry_at, .factor = factor});
}

void
page_code_none(struct request *request, struct answer *answer, enum factor factor)
{
	show(request, answer, &(struct saying){.http_status = 409, .factor = factor, .none = true});
}

void
page_code_enter(struct request *request, struct answer *answer)
{
	struct secret session;
	int left;
	enum status status = messenger_factor_enter(
	    &request->site->messenger, request->link, token_of(request),
	    form_value(&request->form, "code"), slice_from_text(request->network), request->now,
	    &session, &left);

	switch (status) {
	case STATUS_OK:
		answer_add(answer, "Set-Cookie", session_factor_cookie(request, slice_of(NULL, 0)));
		page_let_in(request, answer, &session);
		secret_clear(&session);
		break;
	case STATUS_DENIED:
		show(request, answer,
		     &(struct saying){.http_status = 403, .flag = "wrong", .tries_left = left});
		break;
	case STATUS_BUSY:
	case STATUS_NOT_FOUND:
		show(request, answer,
		     &(struct saying){.http_status = status == STATUS_BUSY ? 429 : 403});
		break;
	case STATUS_GONE:
		page_clue(request, answer);
		break;
	default:
		page_failure(request, answer, status);
	}
}
