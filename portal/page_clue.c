/*
 * /r/SECRET: the clue, and the one door that a passphrase opens.
 */
#include "portal/figures.h"
#include "portal/page.h"

static const struct {
	enum delivery_standing standing;
	const char *flag;
	int http_status;
} standings[] = {
    {STANDING_NOT_READY, "not_ready", 409}, {STANDING_EXPIRED, "expired", 410},
    {STANDING_RECALLED, "recalled", 410},   {STANDING_DESTROYED, "destroyed", 410},
    {STANDING_SUSPENDED, "suspended", 423}, {STANDING_REPLACED, "replaced", 410},
};

static void
show_standing(const struct request *request, struct answer *answer,
	      const struct recipient_view *view)
{
	struct template_values *values = page_values(request, CSRF_NONE);
	bool lost = view->standing == STANDING_READY; /* else it would be shown */
	int http_status = lost ? 409 : 410;

	for (size_t i = 0; i < sizeof(standings) / sizeof(standings[0]); i++) {
		bool holds = standings[i].standing == view->standing;

		template_put_flag(values, standings[i].flag, holds);
		if (holds)
			http_status = standings[i].http_status;
	}
	template_put_text(values, "sender_name", view->sender_name);
	template_put_text(values, "sender_address", view->sender_address);
	page_put_time(values, "closed_at", view->closed_at);
	template_put_flag(values, "closed_by_sender", view->closed_by == CLOSED_BY_SENDER);
	template_put_flag(values, "closed_by_admin", view->closed_by == CLOSED_BY_ADMIN);
	template_put_flag(values, "closed_by_giving_up", view->closed_by == CLOSED_BY_GIVING_UP);
	page_put_time(values, "lost_at", lost ? view->lost_at : 0);
	template_put_text(values, "forgotten_url", lost ? request_path(request, "/forgotten") : "");
	page_show(request, answer, http_status, "pages/standing", values);
}

/* What opens it where nobody chose a clue: what the PDF opens with. */
static void
put_generated(struct template_values *values, const struct recipient_view *view)
{
	template_put_flag(values, "pdf", view->pdf);
	template_put_flag(values, "pdf_came", view->pdf_came);
	template_put_flag(values, "generated", view->generated);
	template_put_flag(values, "pdf_generated", view->pdf_told == PDF_GENERATED);
	template_put_flag(values, "pdf_phone", view->pdf_told == PDF_PHONE);
	template_put_flag(values, "pdf_sheet", view->pdf_told == PDF_SHEET);
	template_put_number(values, "pdf_number", view->pdf_number);
	page_put_time(values, "pdf_sheet_at", view->pdf_sheet_at);
}

/* The page with `flag` raised (NULL: none), or what there is to say instead of it. */
static void
show(struct request *request, struct answer *answer, int http_status, const char *flag)
{
	struct recipient_view view;
	struct template_values *values;
	enum status status = messenger_look(&request->site->messenger, request->link, request->now,
					    request->arena, &view);

	if (status != STATUS_OK) {
		page_failure(request, answer, status);
		return;
	}
	if (view.standing != STANDING_READY || view.lost_at != 0) {
		show_standing(request, answer, &view);
		return;
	}
	values = page_values(request, CSRF_LINK);
	template_put_text(values, "action", request_path(request, ""));
	template_put_text(values, "sender_name", view.sender_name);
	template_put_text(values, "sender_address", view.sender_address);
	template_put_text(values, "answered_by", view.answered_by);
	template_put_text(values, "recipient", view.recipient);
	template_put_text(values, "clue", view.clue);
	template_put_flag(values, "in_mailbox", view.in_mailbox);
	put_generated(values, &view);
	template_put_flag(values, "receipt_asked", view.receipt_asked);
	template_put_flag(values, "files_receipt_asked", view.files_receipt_asked);
	page_put_factor(values, view.factor);
	template_put_text(values, "phone", view.phone);
	page_put_time(values, "until", view.expires_at);
	page_put_time(values, "retry_at", view.retry_at);
	template_put_flag(values, "stale", request->stale);
	template_put_flag(values, "crowded", request->crowded);
	if (flag != NULL)
		template_put_flag(values, flag, true);
	if (http_status == 429)
		answer_retry_after(answer, view.retry_at - request->now);
	page_show(request, answer, http_status, "pages/clue", values);
}

void
page_clue(struct request *request, struct answer *answer)
{
	show(request, answer, 200, NULL);
}

void
page_session_over(struct request *request, struct answer *answer)
{
	/* Whoever never had a session is not told that it is over. */
	show(request, answer, 403, request->opening.message.size > 0 ? "timed_out" : NULL);
}

/* Who was writing when the session ended goes on there. */
static const char *
where_to(const struct request *request)
{
	const struct messenger *messenger = &request->site->messenger;
	struct recipient_view view;

	if (session_is_writing(request))
		return "/reply";
	if (mailbox_most(&messenger->policy->mailboxes) == MAILBOXES_ALWAYS &&
	    messenger_look(messenger, request->link, request->now, request->arena, &view) ==
		STATUS_OK &&
	    view.mailbox_expected)
		return "/mailbox";
	return "/message";
}

void
page_let_in(struct request *request, struct answer *answer, const struct secret *token)
{
	answer_add(answer, "Set-Cookie", session_cookie(request, token));
	if (session_is_writing(request))
		answer_add(answer, "Set-Cookie", session_writing_cookie(request, false));
	answer_redirect(answer, request_path(request, where_to(request)), request->arena);
}

static void
go_on(struct request *request, struct answer *answer, struct unlocked *unlocked)
{
	switch (unlocked->way) {
	case UNLOCKED_MESSAGE:
		page_let_in(request, answer, &unlocked->token);
		break;
	case UNLOCKED_FACTOR:
		answer_add(answer, "Set-Cookie",
			   session_factor_cookie(request, secret_slice(&unlocked->token)));
		answer_redirect(answer, request_path(request, "/code"), request->arena);
		break;
	case UNLOCKED_MAILBOX:
	case UNLOCKED_MAILBOX_OWES:
		/* What asks for a code of its own is not opened by the mailbox. */
		page_box_let_in(
		    request, answer, &unlocked->token, unlocked->way == UNLOCKED_MAILBOX_OWES,
		    unlocked->factor == FACTOR_NONE ? request_path(request, "/message") : "/box");
		break;
	case UNLOCKED_NOTHING:
		answer_redirect(answer, "/box?done=lies", request->arena);
		break;
	}
	secret_clear(&unlocked->token);
}

static void
show_busy(struct request *request, struct answer *answer, enum factor factor, int64_t retry_at)
{
	if (factor == FACTOR_NONE)
		show(request, answer, 429, "busy");
	else
		page_code_busy(request, answer, factor, retry_at);
}

void
page_clue_unlock(struct request *request, struct answer *answer)
{
	struct unlocked unlocked;
	int64_t retry_at;
	struct place place = page_place(request);
	enum status status = messenger_unlock(
	    &request->site->messenger, request->link, form_value(&request->form, "passphrase"),
	    &place, request->opening.mailbox, request->now, &unlocked, &retry_at);

	/* A right passphrase, and no code that could be asked for. */
	if (status == STATUS_NOT_FOUND && unlocked.factor != FACTOR_NONE) {
		portal_count_unlock(STATUS_BUSY);
		page_code_none(request, answer, unlocked.factor);
		return;
	}
	portal_count_unlock(status);
	switch (status) {
	case STATUS_OK:
		go_on(request, answer, &unlocked);
		break;
	case STATUS_INVALID:
		show(request, answer, 400, "empty");
		break;
	case STATUS_DENIED:
		show(request, answer, 403, "wrong");
		break;
	case STATUS_BUSY:
		show_busy(request, answer, unlocked.factor, retry_at);
		break;
	case STATUS_GONE:
		show(request, answer, 200, NULL);
		break;
	default:
		page_failure(request, answer, status);
	}
}
