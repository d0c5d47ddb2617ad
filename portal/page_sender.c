/*
 * /s/SECRET and /desk/delivery/ID: the sender's side.  While the message is
 * held, the form that finishes it; afterwards, what became of it.
 */
#include "portal/page.h"

#include "messenger/reason.h"
#include "messenger/secure.h"
#include "portal/choices.h"
#include "portal/delivery_values.h"
#include "portal/sheet_values.h"

/* What is wrong with what was typed. */
struct complaint {
	unsigned faults;
	struct strength strength;
};

static void
put_template(const struct policy *policy, struct template_values *values,
	     const struct sender_view *view)
{
	const struct template_view *template = &view->template;
	bool waits = view->has_template && template->waits;
	bool usable = view->has_template && template->settled && !waits;

	sheet_put_waits(policy, values, template, waits);
	template_put_text(values, "waiting_recipient", waits ? template->recipient : "");
	template_put_flag(values, "has_template", usable);
	template_put_flag(values, "prepared", view->has_template && !template->settled);
	template_put_flag(values, "template_pdf", usable && template->pdf != PDF_NONE);
	template_put_text(values, "template_recipient", usable ? template->recipient : "");
	template_put_text(values, "template_clue", usable ? template->clue : "");
}

/* A number of a sheet can be asked for when there is one. */
static void
put_factor(const struct request *request, struct template_values *values,
	   const struct sender_view *view)
{
	struct factor_shown shown = {.phone = "",
				     .sheet_offered = view->sheet.left > 0,
				     .passwords_offered = view->passwords.left > 0};

	if (view->has_template) {
		shown.factor = view->template.factor;
		shown.phone = view->template.phone;
		shown.pdf = view->template.pdf;
	}
	if (shown.factor == FACTOR_SHEET && !shown.sheet_offered)
		shown.factor = FACTOR_NONE;
	if (shown.pdf == PDF_SHEET && !shown.passwords_offered)
		shown.pdf = PDF_NONE;
	choices_put_factor(request, values, &shown);
}

static void
show_held(const struct request *request, struct answer *answer, int http_status,
	  const struct sender_view *view, const struct complaint *complaint)
{
	struct template_values *values = page_sender_values(request);
	const struct template_view *template = view->has_template ? &view->template : NULL;

	template_put_text(values, "action", request_delivery_path(request, ""));
	template_put_text(values, "recipient", view->recipient);
	template_put_text(values, "subject", view->subject);
	page_put_time(values, "sent_at", view->sent_at);
	page_put_time(values, "until", view->expires_at);
	reason_put(values, view->reason);
	put_template(request->site->messenger.policy, values, view);
	choices_put_secret(request, values, template == NULL ? "" : template->clue,
			   template != NULL && template->forgiving);
	choices_put_wishes(request, values,
			   template == NULL ? view->default_lifetime_days : template->lifetime_days,
			   template == NULL ? view->default_remind_days : template->remind_days,
			   template == NULL ? view->wishes : template->wishes | view->wishes);
	choices_put_language(request, values, template == NULL ? "" : template->language);
	put_factor(request, values, view);
	choices_put_mailbox(request, values, view->recipient,
			    template == NULL ? MAILBOX_AS_POLICY : template->mailbox);
	choices_put_faults(request, values, complaint->faults, &complaint->strength);
	/* What was prepared is meant to ask once. */
	template_put_flag(values, "save_template",
			  request->method == METHOD_POST
			      ? request_field_flag(request, "save_template")
			      : template != NULL && !template->settled);
	template_put_flag(values, "can_clear", view->can_clear);
	template_put_flag(values, "any_error",
			  complaint->faults != 0 || request->stale || request->crowded);
	template_put_flag(values, "stale", request->stale);
	template_put_flag(values, "crowded", request->crowded);
	page_show(request, answer, http_status, "pages/held", values);
}

static void
show_state(const struct request *request, struct answer *answer, const struct sender_view *view)
{
	struct template_values *values = page_sender_values(request);

	template_put_text(values, "subject", view->subject);
	template_put_flag(values, "stale", request->stale);
	delivery_put(request, values, view, request_delivery_path(request, ""),
		     request->link.size > 0);
	page_show(request, answer, 200, "pages/state", values);
}

void
page_sender_gone(const struct request *request, struct answer *answer)
{
	struct template_values *values = page_values(request, CSRF_NONE);

	template_put_flag(values, "replaced", true);
	template_put_text(values, "sender_address", "");
	page_show(request, answer, 410, "pages/standing", values);
}

static void
show(const struct request *request, struct answer *answer, int http_status,
     const struct complaint *complaint)
{
	struct claimant claimant = request_claimant(request);
	struct sender_view view;
	enum status status =
	    messenger_look_sender(&request->site->messenger, &claimant, request->arena, &view);

	if (status == STATUS_GONE)
		page_sender_gone(request, answer);
	else if (status != STATUS_OK)
		page_failure(request, answer, status);
	else if (view.state == DELIVERY_HELD && view.expires_at > request->now)
		show_held(request, answer, http_status, &view, complaint);
	else
		show_state(request, answer, &view);
}

void
page_sender(struct request *request, struct answer *answer)
{
	struct complaint none = {.faults = 0};

	show(request, answer, 200, &none);
}

/* How guessable what was typed is, and nothing else. */
static void
show_strength(struct request *request, struct answer *answer)
{
	struct claimant claimant = request_claimant(request);
	struct complaint complaint = {.faults = 0};
	struct sender_view view;

	if (messenger_look_sender(&request->site->messenger, &claimant, request->arena, &view) ==
	    STATUS_OK)
		complaint.faults =
		    choices_judge(request, view.sender, view.recipient, &complaint.strength);
	show(request, answer, 200, &complaint);
}

void
page_sender_secure(struct request *request, struct answer *answer)
{
	struct claimant claimant = request_claimant(request);
	struct complaint complaint = {.faults = 0};
	struct secure_form form = {
	    .secret = choices_secret(request),
	    .lifetime_days = request_field_days(request, "lifetime_days"),
	    .wishes = choices_wishes(request),
	    .remind_days = form_has(&request->form, "remind_days")
			       ? request_field_days(request, "remind_days")
			       : request->site->messenger.policy->remind_days,
	    .language = choices_language(request),
	    .factor = choices_factor(request),
	    .mailbox = choices_mailbox(request),
	    .save_template = request_field_flag(request, "save_template"),
	};
	enum status status;

	if (choices_only_asked(request)) {
		show_strength(request, answer);
		return;
	}
	status = messenger_secure(&request->site->messenger, &claimant, &form, request->now,
				  &complaint.faults, &complaint.strength);
	if (status == STATUS_INVALID)
		show(request, answer, 400, &complaint);
	else if (status == STATUS_GONE)
		page_sender_gone(request, answer);
	else if (status != STATUS_OK && status != STATUS_CONFLICT)
		page_failure(request, answer, status);
	else /* done, just now or before: the page tells */
		answer_redirect(answer, request_delivery_path(request, ""), request->arena);
}
