/*
 * /desk/templates/new and /desk/template/ID: one template, made, changed, deleted.
 */
#include "portal/page.h"

#include "messenger/templates.h"
#include "portal/choices.h"
#include "portal/sheet_values.h"

/* What the form begins with, and what is wrong with it. */
struct filling {
	int http_status;
	struct template_view view;
	unsigned faults;
	struct strength strength;
};

static const char *
own_path(const struct request *request, const char *behind)
{
	char id[ID_TEXT_SIZE];

	if (!request->has_id)
		return "/desk/templates/new";
	return arena_printf(request->arena, "/desk/template/%s%s", id_text(request->id, id),
			    behind);
}

/* The template of the recipient that was typed: it stands in the way of a new one, or was just
 * made.  False: there is none. */
static bool
find_typed(const struct request *request, struct template_view *view_out)
{
	struct template_view *views;
	size_t count;
	unsigned ignored;
	const char *recipient =
	    templates_recipient(&request->site->messenger, form_value(&request->form, "recipient"),
				request->arena, &ignored);

	if (recipient == NULL || messenger_templates(&request->site->messenger, request->desk.index,
						     request->arena, &views, &count) != STATUS_OK)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (slice_equal(slice_from_text(views[i].recipient), slice_from_text(recipient))) {
			*view_out = views[i];
			return true;
		}
	}
	return false;
}

static const char *
path_of(const struct request *request, const struct template_view *view, const char *behind)
{
	char id[ID_TEXT_SIZE];

	return arena_printf(request->arena, "/desk/template/%s%s", id_text(view->id, id), behind);
}

static const char *
existing_path(const struct request *request)
{
	struct template_view view;

	return find_typed(request, &view) ? path_of(request, &view, "") : "/desk/templates";
}

static void
put_recipient(const struct request *request, struct template_values *values,
	      const struct template_view *view)
{
	template_put_flag(values, "is_new", !request->has_id);
	if (request->has_id)
		template_put_text(values, "recipient", view->recipient);
	else
		template_put_slice(values, "recipient", form_value(&request->form, "recipient"));
	template_put_flag(values, "domain", *view->recipient == '@');
}

static void
put_factor(const struct request *request, struct template_values *values,
	   const struct template_view *view)
{
	bool one = *view->recipient != '@'; /* what is handed to somebody is not for a domain */
	struct factor_shown shown = {.factor = view->factor,
				     .phone = view->phone,
				     .sheet_offered = one,
				     .sheet_is_later = view->sheet_left == 0,
				     .pdf = view->pdf,
				     .passwords_offered = one};

	choices_put_factor(request, values, &shown);
	template_put_text(values, "sheet_url",
			  request->has_id && one ? own_path(request, "/sheet") : "");
	sheet_put_state(request->site->messenger.policy, values, view);
}

static void
show(const struct request *request, struct answer *answer, const struct filling *filling)
{
	struct template_values *values = page_desk_values(request);
	const struct template_view *view = &filling->view;
	bool typed = request->method == METHOD_POST && form_has(&request->form, "clue");

	template_put_text(values, "action", own_path(request, ""));
	template_put_text(values, "delete_url", own_path(request, "/delete"));
	template_put_text(values, "exists_url",
			  (filling->faults & FAULT_EXISTS) != 0 ? existing_path(request) : "");
	put_recipient(request, values, view);
	choices_put_secret(request, values, view->clue, view->forgiving);
	choices_put_wishes(request, values, view->lifetime_days, view->remind_days, view->wishes);
	choices_put_language(request, values, view->language);
	put_factor(request, values, view);
	choices_put_mailbox(request, values, request->has_id ? view->recipient : "", view->mailbox);
	choices_put_faults(request, values, filling->faults, &filling->strength);
	template_put_number(values, "most_templates",
			    request->site->messenger.policy->most_templates);
	page_put_time(values, "used_at", view->used_at);
	template_put_flag(values, "keep_possible", view->has_lock);
	template_put_flag(values, "password_kept", view->pdf == PDF_PASSPHRASE && view->has_lock);
	template_put_flag(values, "way_ask",
			  typed ? slice_equal(form_value(&request->form, "delivery"), SLICE("ask"))
				: view->way == TEMPLATE_ASK);
	template_put_flag(values, "link_mail",
			  typed ? request_field_flag(request, "link_mail") : view->link_mail);
	template_put_flag(values, "any_error",
			  filling->faults != 0 || request->stale || request->crowded);
	template_put_flag(values, "stale", request->stale);
	template_put_flag(values, "crowded", request->crowded);
	page_show(request, answer, filling->http_status, "pages/template", values);
}

/* What is there now, or what a new one begins with; false when the answer is made. */
static bool
fill(const struct request *request, struct answer *answer, struct filling *filling)
{
	const struct policy *policy = request->site->messenger.policy;
	enum status status;

	filling->view = (struct template_view){
	    .recipient = "",
	    .clue = "",
	    .lifetime_days = policy->default_lifetime_days,
	    .remind_days = policy->remind_days,
	    .way = TEMPLATE_AT_ONCE,
	    .link_mail = true,
	    .language = "",
	    .phone = "",
	};
	if (!request->has_id)
		return true;
	status = messenger_template(&request->site->messenger, request->desk.index, &request->id,
				    request->arena, &filling->view);
	if (status != STATUS_OK)
		page_failure(request, answer, status);
	return status == STATUS_OK;
}

void
page_template(struct request *request, struct answer *answer)
{
	struct filling filling = {.http_status = 200};

	if (fill(request, answer, &filling))
		show(request, answer, &filling);
}

/* How guessable what was typed is, and nothing else. */
static void
show_strength(struct request *request, struct answer *answer)
{
	struct filling filling = {.http_status = 200};

	if (!fill(request, answer, &filling))
		return;
	filling.faults = choices_judge(request, request->desk.address,
				       request->has_id ? filling.view.recipient
						       : request_field_text(request, "recipient"),
				       &filling.strength);
	show(request, answer, &filling);
}

/* Once it is saved: one that needs a sheet is of no use before there is one. */
static const char *
next_path(const struct request *request, const struct template_form *form)
{
	struct template_view view;
	bool found = false;

	if (form->factor.factor != FACTOR_SHEET && form->factor.pdf != PDF_SHEET)
		return "/desk/templates?done=saved";
	if (request->has_id)
		found = messenger_template(&request->site->messenger, request->desk.index,
					   &request->id, request->arena, &view) == STATUS_OK;
	else
		found = find_typed(request, &view);
	return found && view.waits ? path_of(request, &view, "/sheet")
				   : "/desk/templates?done=saved";
}

void
page_template_save(struct request *request, struct answer *answer)
{
	struct filling filling = {.http_status = 400};
	struct template_form form = {
	    .recipient = form_value(&request->form, "recipient"),
	    .secret = choices_secret(request),
	    .lifetime_days = request_field_days(request, "lifetime_days"),
	    .wishes = choices_wishes(request),
	    .remind_days = request_field_days(request, "remind_days"),
	    .way = slice_equal(form_value(&request->form, "delivery"), SLICE("ask"))
		       ? TEMPLATE_ASK
		       : TEMPLATE_AT_ONCE,
	    .link_mail = request_field_flag(request, "link_mail"),
	    .language = choices_language(request),
	    .factor = choices_factor(request),
	    .mailbox = choices_mailbox(request),
	};
	enum status status;

	if (choices_only_asked(request)) {
		show_strength(request, answer);
		return;
	}
	status = messenger_template_save(&request->site->messenger, request->desk.address,
					 request->has_id ? &request->id : NULL, &form, request->now,
					 &filling.faults, &filling.strength);

	if (status == STATUS_OK)
		answer_redirect(answer, next_path(request, &form), request->arena);
	else if (status != STATUS_INVALID)
		page_failure(request, answer, status);
	else if (fill(request, answer, &filling))
		show(request, answer, &filling);
}

static void
show_delete(const struct request *request, struct answer *answer, int http_status)
{
	struct template_values *values = page_desk_values(request);
	struct template_view view;
	enum status status = messenger_template(&request->site->messenger, request->desk.index,
						&request->id, request->arena, &view);

	if (status != STATUS_OK) {
		page_failure(request, answer, status);
		return;
	}
	template_put_text(values, "action", own_path(request, "/delete"));
	template_put_text(values, "back", own_path(request, ""));
	template_put_text(values, "recipient", view.recipient);
	template_put_flag(values, "sure_missing", http_status == 400);
	template_put_flag(values, "stale", request->stale);
	page_show(request, answer, http_status, "pages/template_delete", values);
}

void
page_template_delete(struct request *request, struct answer *answer)
{
	show_delete(request, answer, 200);
}

void
page_template_delete_sure(struct request *request, struct answer *answer)
{
	enum status status;

	if (!request_is_sure(request)) {
		show_delete(request, answer, 400);
		return;
	}
	status =
	    messenger_template_delete(&request->site->messenger, request->desk.index, &request->id);
	/* Two clicks delete once. */
	if (status == STATUS_OK || status == STATUS_NOT_FOUND)
		answer_redirect(answer, "/desk/templates?done=deleted", request->arena);
	else
		page_failure(request, answer, status);
}
