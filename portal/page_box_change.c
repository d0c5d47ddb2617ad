/*
 * /box/passphrase and /box/close: another passphrase, or the end of a mailbox.
 */
#include "portal/choices.h"
#include "portal/page.h"

/* What there is to say besides the form. */
struct saying {
	int http_status;
	const char *flag; /* NULL: nothing */
	unsigned faults;
	struct strength strength;
	int64_t retry_at;
};

static void
show(struct request *request, struct answer *answer, const char *page, const struct saying *saying)
{
	struct template_values *values = page_box_values(request);

	choices_put_secret(request, values, "", false);
	choices_put_faults(request, values, saying->faults, &saying->strength);
	template_put_flag(values, "any_error", saying->faults != 0);
	/* They sign in at the desk by the same factors. */
	template_put_flag(values, "of_organisation",
			  policy_is_own(request->site->messenger.policy,
					slice_from_text(request->inbox.address)));
	page_put_time(values, "retry_at", saying->retry_at);
	template_put_flag(values, "stale", request->stale);
	template_put_flag(values, "crowded", request->crowded);
	if (saying->flag != NULL)
		template_put_flag(values, saying->flag, true);
	if (saying->retry_at > request->now)
		answer_retry_after(answer, saying->retry_at - request->now);
	page_show(request, answer, saying->http_status, page, values);
}

void
page_box_passphrase(struct request *request, struct answer *answer)
{
	show(request, answer, "pages/box_passphrase", &(struct saying){.http_status = 200});
}

static struct passphrase_form
new_passphrase(const struct request *request)
{
	struct passphrase_form form = choices_secret(request);

	form.clue = slice_of(NULL, 0);
	form.forgiving = false;
	form.sender = "";
	form.recipient = request->inbox.address;
	return form;
}

void
page_box_passphrase_change(struct request *request, struct answer *answer)
{
	struct passphrase_form form = new_passphrase(request);
	struct mailbox_visitor visitor = page_mailbox_visitor(request);
	struct saying saying = {.http_status = 400};
	struct secret token;
	enum status status = messenger_mailbox_change(
	    &request->site->messenger, &request->inbox, form_value(&request->form, "current"),
	    &form, &visitor, request->now, &token, &saying.faults, &saying.strength,
	    &saying.retry_at);

	switch (status) {
	case STATUS_OK:
		page_box_let_in(request, answer, &token, false, "/box?done=changed");
		secret_clear(&token);
		return;
	case STATUS_INVALID:
		break;
	case STATUS_DENIED:
		saying.http_status = 403;
		saying.flag = "wrong";
		break;
	case STATUS_BUSY:
		saying.http_status = 429;
		saying.flag = "busy";
		break;
	default:
		page_failure(request, answer, status);
		return;
	}
	show(request, answer, "pages/box_passphrase", &saying);
}

void
page_box_close(struct request *request, struct answer *answer)
{
	show(request, answer, "pages/box_close", &(struct saying){.http_status = 200});
}

void
page_box_close_sure(struct request *request, struct answer *answer)
{
	struct saying saying = {.http_status = 400, .flag = "sure_missing"};
	enum status status = STATUS_INVALID;

	if (request_is_sure(request))
		status = messenger_mailbox_close(&request->site->messenger, &request->inbox,
						 form_value(&request->form, "passphrase"),
						 request->now, &saying.retry_at);
	switch (status) {
	case STATUS_OK:
		answer_add(answer, "Set-Cookie", session_box_cookie(request, slice_of(NULL, 0)));
		answer_redirect(answer, "/box?done=closed", request->arena);
		return;
	case STATUS_INVALID:
		break;
	case STATUS_DENIED:
		saying.http_status = 403;
		saying.flag = "wrong";
		break;
	case STATUS_BUSY:
		saying.http_status = 429;
		saying.flag = "busy";
		break;
	default:
		page_failure(request, answer, status);
		return;
	}
	show(request, answer, "pages/box_close", &saying);
}
