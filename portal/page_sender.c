/*
 * /s/SECRET: the sender's side.  While the message is held, the form that
 * finishes it; afterwards, what became of it.
 */
#include "portal/page.h"

#include <string.h>

#include "messenger/secure.h"

#define JUST_SECONDS 60

static const struct {
	enum secure_fault fault;
	const char *flag;
} faults_shown[] = {
    {SECURE_CLUE_MISSING, "clue_missing"},
    {SECURE_CLUE_TOO_LONG, "clue_too_long"},
    {SECURE_CLUE_TELLS, "clue_tells"},
    {SECURE_PASSPHRASE_MISSING, "passphrase_missing"},
    {SECURE_PASSPHRASE_TOO_LONG, "passphrase_too_long"},
    {SECURE_PASSPHRASE_WEAK, "passphrase_weak"},
    {SECURE_PASSPHRASES_DIFFER, "passphrases_differ"},
    {SECURE_LIFETIME, "lifetime_wrong"},
    {SECURE_NOT_TEXT, "not_text"},
};

/* The form's number of days; 0, which the rules refuse, for what is no number. */
static int
typed_days(const struct request *request)
{
	unsigned long long days;

	if (!slice_to_number(slice_trim(form_value(&request->form, "lifetime_days")), &days) ||
	    days > 100000)
		return 0;
	return (int)days;
}

static void
put_reason(struct template_values *values, const char *reason)
{
	bool near_miss = strstr(reason, "near-miss") != NULL;

	template_put_flag(values, "near_miss", near_miss);
	template_put_flag(values, "by_address", !near_miss && strncmp(reason, "address", 7) == 0);
	template_put_flag(values, "by_subject", !near_miss && strncmp(reason, "subject", 7) == 0);
	template_put_flag(values, "by_header", !near_miss && strncmp(reason, "header", 6) == 0);
	template_put_flag(values, "by_policy",
			  strcmp(reason, "always") == 0 || strcmp(reason, "message-mark") == 0);
}

static void
show_held(const struct request *request, struct answer *answer, int http_status,
	  const struct sender_view *view, unsigned faults)
{
	struct template_values *values = page_values(request, CSRF_LINK);
	bool typed = form_has(&request->form, "clue");

	template_put_text(values, "action", request_path(request, ""));
	template_put_text(values, "recipient", view->recipient);
	template_put_text(values, "subject", view->subject);
	page_put_time(values, "sent_at", view->sent_at);
	page_put_time(values, "until", view->expires_at);
	put_reason(values, view->reason);
	template_put_slice(values, "clue", form_value(&request->form, "clue"));
	if (typed)
		template_put_slice(values, "lifetime_days",
				   form_value(&request->form, "lifetime_days"));
	else
		template_put_number(values, "lifetime_days", view->default_lifetime_days);
	template_put_number(values, "longest_lifetime_days", view->longest_lifetime_days);
	template_put_flag(values, "forgiving", request_field_flag(request, "forgiving"));
	template_put_flag(values, "notify",
			  typed ? request_field_flag(request, "notify") : view->receipt_asked);
	template_put_flag(values, "save_template", request_field_flag(request, "save_template"));
	template_put_flag(values, "any_error", faults != 0 || request->stale || request->crowded);
	template_put_flag(values, "stale", request->stale);
	template_put_flag(values, "crowded", request->crowded);
	template_put_flag(values, "sure_missing",
			  http_status == 400 && faults == 0 && !request->stale);
	for (size_t i = 0; i < sizeof(faults_shown) / sizeof(faults_shown[0]); i++)
		template_put_flag(values, faults_shown[i].flag,
				  (faults & faults_shown[i].fault) != 0);
	page_show(request, answer, http_status, "pages/held", values);
}

static void
show_state(const struct request *request, struct answer *answer, int http_status,
	   const struct sender_view *view)
{
	struct template_values *values = page_values(request, CSRF_LINK);
	enum delivery_state state = view->state;

	template_put_text(values, "action", request_path(request, ""));
	template_put_text(values, "recipient", view->recipient);
	template_put_text(values, "subject", view->subject);
	template_put_text(values, "clue", view->clue);
	page_put_time(values, "sent_at", view->sent_at);
	page_put_time(values, "secured_at", view->secured_at);
	page_put_time(values, "opened_at", view->opened_at);
	page_put_time(values, "replied_at", view->replied_at);
	page_put_time(values, "expires_at", view->expires_at);
	page_put_time(values, "closed_at", view->closed_at);
	template_put_flag(values, "securing", state == DELIVERY_SECURING);
	template_put_flag(values, "ready", state == DELIVERY_READY && !view->suspended);
	template_put_flag(values, "opened", state == DELIVERY_OPENED);
	template_put_flag(values, "expired", state == DELIVERY_EXPIRED);
	template_put_flag(values, "recalled", state == DELIVERY_RECALLED);
	template_put_flag(values, "destroyed", state == DELIVERY_DESTROYED);
	template_put_flag(values, "failed", state == DELIVERY_FAILED);
	template_put_flag(values, "suspended", view->suspended);
	template_put_flag(values, "receipt_asked", view->receipt_asked);
	template_put_flag(values, "can_recall",
			  state == DELIVERY_SECURING || state == DELIVERY_READY ||
			      state == DELIVERY_OPENED);
	template_put_flag(values, "just_secured",
			  state == DELIVERY_READY &&
			      request->now - view->secured_at < JUST_SECONDS);
	template_put_flag(values, "sure_missing", http_status == 400);
	page_show(request, answer, http_status, "pages/state", values);
}

static void
show_replaced(const struct request *request, struct answer *answer)
{
	struct template_values *values = page_values(request, CSRF_NONE);

	template_put_flag(values, "replaced", true);
	page_show(request, answer, 410, "pages/standing", values);
}

static void
show(const struct request *request, struct answer *answer, int http_status, unsigned faults)
{
	struct sender_view view;
	enum status status =
	    messenger_look_sender(&request->site->messenger, request->link, request->arena, &view);

	if (status == STATUS_GONE)
		show_replaced(request, answer);
	else if (status != STATUS_OK)
		page_failure(request, answer, status);
	else if (view.state == DELIVERY_HELD)
		show_held(request, answer, http_status, &view, faults);
	else
		show_state(request, answer, http_status, &view);
}

void
page_sender(struct request *request, struct answer *answer)
{
	show(request, answer, 200, 0);
}

void
page_sender_secure(struct request *request, struct answer *answer)
{
	const struct messenger *messenger = &request->site->messenger;
	struct secure_form form = {
	    .clue = form_value(&request->form, "clue"),
	    .passphrase = form_value(&request->form, "passphrase"),
	    .passphrase_again = form_value(&request->form, "passphrase_again"),
	    .forgiving = request_field_flag(request, "forgiving"),
	    .lifetime_days = typed_days(request),
	    .notify = request_field_flag(request, "notify"),
	    .save_template = request_field_flag(request, "save_template"),
	};
	enum status status = messenger_secure(messenger, request->link, &form, request->now);

	if (status == STATUS_INVALID)
		show(request, answer, 400, messenger_secure_check(messenger, &form));
	else if (status == STATUS_GONE)
		show_replaced(request, answer);
	else if (status != STATUS_OK && status != STATUS_CONFLICT)
		page_failure(request, answer, status);
	else /* done, just now or before: the page tells */
		answer_redirect(answer, request_path(request, ""));
}

void
page_sender_recall(struct request *request, struct answer *answer)
{
	enum status status;

	if (!request_field_flag(request, "sure")) {
		show(request, answer, 400, 0);
		return;
	}
	status = messenger_recall(&request->site->messenger, request->link, request->now);
	if (status == STATUS_GONE)
		show_replaced(request, answer);
	else if (status != STATUS_OK && status != STATUS_CONFLICT)
		page_failure(request, answer, status);
	else
		answer_redirect(answer, request_path(request, ""));
}
