/*
 * /r/SECRET/mailbox: whoever has opened a message makes a mailbox, or puts the
 * message into the one they have.
 */
#include "portal/choices.h"
#include "portal/page.h"

static void
show(struct request *request, struct answer *answer, int http_status, unsigned faults,
     const struct strength *strength)
{
	struct template_values *values = page_values(request, CSRF_SESSION);
	enum mailbox_standing standing;
	enum status status = messenger_mailbox_standing(&request->site->messenger, request->opened,
							request->arena, &standing);

	if (status != STATUS_OK) {
		page_failure(request, answer, status);
		return;
	}
	if (standing == MAILBOX_NONE || standing == MAILBOX_HOLDS) {
		answer_redirect(answer, request_path(request, "/message"), request->arena);
		return;
	}
	if (standing == MAILBOX_THERE)
		status = messenger_mailbox_open(&request->site->messenger, request->opening.mailbox,
						request->now, request->arena, &request->inbox);
	template_put_text(values, "base", request_path(request, ""));
	template_put_text(values, "address", request->opened->recipient);
	template_put_flag(values, "there", standing == MAILBOX_THERE);
	template_put_flag(values, "inside", standing == MAILBOX_THERE && status == STATUS_OK);
	template_put_flag(values, "expected", standing == MAILBOX_EXPECTED);
	choices_put_secret(request, values, "", false);
	choices_put_faults(request, values, faults, strength);
	template_put_flag(values, "any_error", faults != 0);
	template_put_flag(values, "stale", request->stale);
	template_put_flag(values, "crowded", request->crowded);
	page_show(request, answer, http_status, "pages/mailbox", values);
}

void
page_mailbox(struct request *request, struct answer *answer)
{
	/* Shown again with a form that came too late, nothing is opened. */
	if (request->opened == NULL)
		page_session_over(request, answer);
	else
		show(request, answer, 200, 0, NULL);
}

static void
make(struct request *request, struct answer *answer)
{
	struct passphrase_form form = choices_secret(request);
	struct mailbox_visitor visitor = page_mailbox_visitor(request);
	struct strength strength;
	struct secret token;
	unsigned faults;
	bool owes;
	enum status status;

	form.clue = slice_of(NULL, 0);
	form.forgiving = false;
	form.sender = request->opened->sender_address;
	form.recipient = request->opened->recipient;
	status =
	    messenger_mailbox_make(&request->site->messenger, request->opened, request->link, &form,
				   &visitor, request->now, &token, &owes, &faults, &strength);
	switch (status) {
	case STATUS_OK:
		page_box_let_in(request, answer, &token, owes, "/box?done=made");
		secret_clear(&token);
		break;
	case STATUS_INVALID:
		show(request, answer, 400, faults, &strength);
		break;
	case STATUS_CONFLICT:
	case STATUS_NOT_FOUND:
		answer_redirect(answer, request_path(request, "/mailbox"), request->arena);
		break;
	default:
		page_failure(request, answer, status);
	}
}

static void
keep(struct request *request, struct answer *answer)
{
	enum status status =
	    messenger_mailbox_open(&request->site->messenger, request->opening.mailbox,
				   request->now, request->arena, &request->inbox);

	if (status == STATUS_OK && request->inbox.limited) {
		answer_redirect(answer, "/box/account", request->arena);
		return;
	}
	if (status == STATUS_OK)
		status = messenger_mailbox_keep(&request->site->messenger, &request->inbox,
						request->opened, request->link, request->now,
						request->arena);
	if (status == STATUS_OK || status == STATUS_CONFLICT)
		answer_redirect(answer, "/box", request->arena);
	else if (status == STATUS_DENIED || status == STATUS_NOT_FOUND)
		show(request, answer, 403, 0, NULL);
	else
		page_failure(request, answer, status);
}

void
page_mailbox_make(struct request *request, struct answer *answer)
{
	if (slice_equal(form_value(&request->form, "do"), SLICE("keep")))
		keep(request, answer);
	else
		make(request, answer);
}
