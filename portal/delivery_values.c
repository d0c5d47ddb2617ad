#include "portal/delivery_values.h"

#include <string.h>

#include "messenger/reason.h"
#include "portal/page.h"

#define JUST_SECONDS 60

void
delivery_put_state(struct template_values *values, enum delivery_state state)
{
	static const char *const names[] = {
	    [DELIVERY_QUEUED] = "queued",     [DELIVERY_HELD] = "held",
	    [DELIVERY_SECURING] = "securing", [DELIVERY_READY] = "ready",
	    [DELIVERY_OPENED] = "opened",     [DELIVERY_SENT] = "sent",
	    [DELIVERY_FAILED] = "failed",     [DELIVERY_EXPIRED] = "expired",
	    [DELIVERY_RECALLED] = "recalled", [DELIVERY_DESTROYED] = "destroyed",
	};

	for (int i = DELIVERY_QUEUED; i <= DELIVERY_DESTROYED; i++)
		template_put_flag(values, names[i], i == (int)state);
}

static void
put_times(struct template_values *values, const struct sender_view *view)
{
	page_put_time(values, "sent_at", view->sent_at);
	page_put_time(values, "secured_at", view->secured_at);
	page_put_time(values, "opened_at", view->opened_at);
	page_put_time(values, "replied_at", view->replied_at);
	page_put_time(values, "expires_at", view->expires_at);
	page_put_time(values, "closed_at", view->closed_at);
	page_put_time(values, "asked_at", view->asked_at);
	page_put_time(values, "resent_at", view->resent_at);
}

static void
put_taken(struct template_values *values, const struct sender_view *view)
{
	struct template_list *list = template_put_list(values, "taken");

	for (size_t i = 0; i < view->taken_count; i++) {
		struct template_values *file = template_list_add(list);

		template_put_text(file, "name", view->taken[i].name);
		page_put_time(file, "taken_at", view->taken[i].taken_at);
	}
}

/* Which way each answer came. */
static void
put_answers(const struct request *request, struct template_values *values,
	    const struct sender_view *view)
{
	struct template_list *list = template_put_list(values, "answers");

	for (size_t i = 0; i < view->reply_count; i++) {
		const struct reply_view *reply = &view->replies[i];
		struct template_values *row = template_list_add(list);

		page_put_time(row, "answered_at", reply->sent_at);
		template_put_flag(row, "answer_smime", reply->route == ROUTE_SMIME);
		template_put_flag(row, "answer_openpgp", reply->route == ROUTE_OPENPGP);
		template_put_flag(row, "answer_plain", reply->route == ROUTE_PLAIN);
		template_put_flag(row, "answer_key_over",
				  strcmp(reply->reason, "reply-key-over") == 0);
		evidence_put(row, &reply->evidence, request->arena);
	}
}

bool
delivery_has_letter(const struct request *request, const struct sender_view *view)
{
	return view->route == ROUTE_PORTAL && *view->clue != '\0' &&
	       (view->state == DELIVERY_READY || view->state == DELIVERY_OPENED) &&
	       reader_has_fonts(request->site->messenger.reader);
}

static void
put_doings(struct template_values *values, const struct sender_view *view, bool by_link)
{
	bool open = view->state == DELIVERY_READY || view->state == DELIVERY_OPENED;
	bool rescue = open && view->can_rescue;

	template_put_flag(values, "can_finish", view->state == DELIVERY_HELD);
	template_put_flag(values, "can_recall",
			  open || view->state == DELIVERY_SECURING || view->state == DELIVERY_HELD);
	template_put_flag(values, "can_extend", open);
	template_put_flag(values, "can_resend", open && !view->suspended);
	template_put_flag(values, "can_relink", open && !view->suspended);
	template_put_flag(values, "pdf_waits", open && view->pdf_waits);
	template_put_flag(values, "can_rescue", rescue && by_link);
	template_put_flag(values, "rescue_by_mail", rescue && !by_link);
	template_put_flag(values, "rescue_impossible",
			  open && !view->can_rescue && !view->pdf_waits);
	template_put_flag(values, "can_say_lost", open && view->in_mailbox && !by_link);
	template_put_flag(values, "lost", open && view->lost);
}

/* That it went as PDF, what is known of that, and what opens it. */
static void
put_pdf(struct template_values *values, const struct sender_view *view)
{
	template_put_flag(values, "pdf", view->pdf != PDF_NONE);
	template_put_flag(values, "pdf_left", delivery_pdf_has_left(view->pdf_outcome));
	template_put_flag(values, "pdf_tells", view->pdf_tells);
	template_put_flag(values, "pdf_untold", view->pdf_outcome == PDF_UNTOLD);
	template_put_flag(values, "pdf_refused", view->pdf_outcome == PDF_REFUSED);
	template_put_flag(values, "pdf_not_made", view->pdf_outcome == PDF_NOT_MADE);
	template_put_flag(values, "pdf_passphrase", view->pdf == PDF_PASSPHRASE);
	template_put_flag(values, "pdf_generated", view->pdf_told == PDF_GENERATED);
	template_put_flag(values, "pdf_phone", view->pdf_told == PDF_PHONE);
	template_put_flag(values, "pdf_sheet", view->pdf == PDF_SHEET);
	template_put_number(values, "pdf_number", view->pdf_number);
	page_put_time(values, "pdf_sheet_at", view->pdf_sheet_at);
	page_put_time(values, "pdf_at", view->pdf_at);
}

void
delivery_put(const struct request *request, struct template_values *values,
	     const struct sender_view *view, const char *base, bool by_link)
{
	bool secured = view->route == ROUTE_PORTAL;
	bool told = *view->relay_status != '\0';

	template_put_text(values, "base", base);
	template_put_text(values, "recipient", view->recipient);
	template_put_text(values, "clue", view->clue);
	delivery_put_state(values, view->state);
	put_times(values, view);
	put_taken(values, view);
	put_answers(request, values, view);
	put_doings(values, view, by_link);
	template_put_flag(values, "can_letter", !by_link && delivery_has_letter(request, view));
	put_pdf(values, view);
	reason_put(values, view->reason);
	template_put_flag(values, "plain", view->route == ROUTE_PLAIN);
	template_put_flag(values, "smime", view->route == ROUTE_SMIME);
	template_put_flag(values, "openpgp", view->route == ROUTE_OPENPGP);
	template_put_flag(values, "tls", view->route == ROUTE_TLS);
	evidence_put(values, &view->evidence, request->arena);
	template_put_flag(values, "portal", secured);
	template_put_flag(values, "refused", view->route == ROUTE_REFUSE);
	template_put_flag(values, "by_template", view->by_template);
	template_put_flag(values, "suspended", view->suspended);
	template_put_flag(values, "closed_by_recipient", view->closed_by == CLOSED_BY_RECIPIENT);
	template_put_flag(values, "closed_by_sender", view->closed_by == CLOSED_BY_SENDER);
	template_put_flag(values, "closed_by_admin", view->closed_by == CLOSED_BY_ADMIN);
	template_put_flag(values, "closed_by_giving_up", view->closed_by == CLOSED_BY_GIVING_UP);
	template_put_flag(values, "receipt_asked", (view->wishes & WISH_OPENED) != 0);
	page_put_factor(values, view->factor);
	template_put_text(values, "phone", view->phone);
	page_put_time(values, "factor_at", view->factor_at);
	template_put_flag(values, "notice_accepted", secured && *view->relay_status == '2');
	template_put_flag(values, "notice_failed", secured && told && *view->relay_status != '2');
	template_put_text(values, "relay_status", view->relay_status);
	template_put_text(values, "relay_answer", view->relay_answer);
	template_put_text(values, "finish_url",
			  view->state == DELIVERY_HELD && !by_link ? base : "");
	template_put_flag(values, "just_secured",
			  view->state == DELIVERY_READY &&
			      request->now - view->secured_at < JUST_SECONDS);
}
