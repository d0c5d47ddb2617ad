/*
 * /box/lost and /box/lost/SECRET: somebody does not know the passphrase of their mailbox, and gives
 * it up; /box/keep, where whoever knows it stops that.  The same is said for every address.
 */
#include "messenger/give_up.h"
#include "portal/page.h"

static void
show(const struct request *request, struct answer *answer, int http_status, const char *flag,
     int64_t retry_at)
{
	struct template_values *values = page_values(request, CSRF_LINK);

	template_put_slice(values, "address", form_value(&request->form, "address"));
	page_put_time(values, "retry_at", retry_at);
	template_put_flag(values, "stale", request->stale);
	if (flag != NULL)
		template_put_flag(values, flag, true);
	page_show(request, answer, http_status, "pages/box_lost", values);
}

void
page_box_lost(struct request *request, struct answer *answer)
{
	show(request, answer, 200, NULL, 0);
}

void
page_box_lost_ask(struct request *request, struct answer *answer)
{
	int64_t retry_at;
	enum status status =
	    messenger_give_up_ask(&request->site->messenger, form_value(&request->form, "address"),
				  slice_from_text(request->network),
				  language_code(request->language), request->now, &retry_at);

	switch (status) {
	case STATUS_OK:
		show(request, answer, 200, "sent", 0);
		break;
	case STATUS_INVALID:
		show(request, answer, 400, "incomplete", 0);
		break;
	case STATUS_BUSY:
		answer_retry_after(answer, retry_at - request->now);
		show(request, answer, 429, "too_soon", retry_at);
		break;
	default:
		page_failure(request, answer, status);
	}
}

/* --- behind the link --- */

static void
put_view(struct template_values *values, const struct give_up_view *view)
{
	bool begun = view->state == GIVE_UP_BEGUN || view->state == GIVE_UP_WAITS;

	template_put_text(values, "address", view->address);
	template_put_text(values, "begun_by", view->begun_by.name);
	template_put_flag(values, "by_admin", view->state == GIVE_UP_BEGUN);
	template_put_flag(values, "begun", begun);
	template_put_flag(values, "stopped", view->state == GIVE_UP_STOPPED);
	template_put_flag(values, "open", view->state == GIVE_UP_ASKED);
	page_put_time(values, "ready_at", begun ? view->ready_at : 0);
}

static void
show_link(struct request *request, struct answer *answer, int http_status, const char *flag)
{
	const struct messenger *messenger = &request->site->messenger;
	struct template_values *values = page_values(request, CSRF_LINK);
	struct give_up_view view;
	enum status status =
	    messenger_give_up_look(messenger, request->link, request->now, request->arena, &view);

	/* What is over is cleared away after a while. */
	if (status == STATUS_NOT_FOUND)
		status = STATUS_GONE;
	if (status != STATUS_OK && status != STATUS_GONE) {
		page_failure(request, answer, status);
		return;
	}
	if (status == STATUS_OK)
		put_view(values, &view);
	else
		http_status = 410;
	template_put_flag(values, "dead", status == STATUS_GONE);
	template_put_text(values, "action",
			  arena_printf(request->arena, "/box/lost/%.*s", (int)request->link.size,
				       (const char *)request->link.data));
	page_put_time(values, "would_be_at",
		      request->now + messenger->policy->mailbox_wait_seconds);
	template_put_flag(values, "stale", request->stale);
	if (flag != NULL)
		template_put_flag(values, flag, true);
	page_show(request, answer, http_status, "pages/box_lost_link", values);
}

void
page_box_lost_link(struct request *request, struct answer *answer)
{
	show_link(request, answer, 200, NULL);
}

void
page_box_lost_begin(struct request *request, struct answer *answer)
{
	enum status status;

	if (!request_is_sure(request)) {
		show_link(request, answer, 400, "sure_missing");
		return;
	}
	status = messenger_give_up_begin(&request->site->messenger, request->link, request->now);
	/* What has become of it meanwhile is on the page. */
	if (status == STATUS_OK || status == STATUS_CONFLICT || status == STATUS_GONE)
		show_link(request, answer, 200, NULL);
	else
		page_failure(request, answer, status);
}

/* --- for who is inside --- */

static enum status
put_give_up(const struct request *request, struct template_values *values, struct slice owner_index)
{
	struct give_up_view view;
	enum status status = messenger_give_up_find(&request->site->messenger, owner_index,
						    request->now, request->arena, &view);

	if (status != STATUS_OK)
		return status == STATUS_NOT_FOUND ? STATUS_OK : status;
	template_put_flag(values, "ending", true);
	template_put_flag(values, "ending_by_admin", view.state == GIVE_UP_BEGUN);
	template_put_text(values, "ending_by", view.begun_by.name);
	page_put_time(values, "ending_begun_at", view.begun_at);
	page_put_time(values, "ending_at", view.ready_at);
	return STATUS_OK;
}

enum status
page_put_ways_back(const struct request *request, struct template_values *values,
		   struct slice owner_index)
{
	enum status status = put_give_up(request, values, owner_index);

	return status == STATUS_OK ? page_put_reset(request, values, owner_index, "/box") : status;
}

void
page_box_keep(struct request *request, struct answer *answer)
{
	enum status status =
	    messenger_give_up_stop(&request->site->messenger, &request->inbox, request->now);

	/* It may be over already: the page says what there is. */
	if (status == STATUS_OK || status == STATUS_NOT_FOUND)
		answer_redirect(answer, "/box", request->arena);
	else
		page_failure(request, answer, status);
}
