/*
 * /desk/delivery/ID/factor: its sender says that the recipient has lost their second factors;
 * /box/factor/SECRET: whoever reads the recipient's mail agrees.
 */
#include "messenger/reset_asked.h"
#include "messenger/view.h"
#include "portal/page.h"

static void
show(struct request *request, struct answer *answer, int http_status, const char *flag,
     int64_t retry_at)
{
	struct claimant claimant = request_claimant(request);
	struct template_values *values = page_desk_values(request);
	struct sender_view view;
	char id[ID_TEXT_SIZE];
	enum status status =
	    messenger_look_sender(&request->site->messenger, &claimant, request->arena, &view);

	if (status != STATUS_OK) {
		page_failure(request, answer, status);
		return;
	}
	template_put_text(values, "action", request_delivery_path(request, "/factor"));
	template_put_text(
	    values, "back",
	    arena_printf(request->arena, "/desk/message/%s", id_text(view.message, id)));
	template_put_text(values, "recipient", view.recipient);
	template_put_flag(values, "in_mailbox", view.in_mailbox);
	template_put_flag(values, "over",
			  !view.in_mailbox || view.expires_at <= request->now ||
			      (view.state != DELIVERY_READY && view.state != DELIVERY_OPENED));
	page_put_time(values, "retry_at", retry_at);
	template_put_flag(values, "stale", request->stale);
	if (flag != NULL)
		template_put_flag(values, flag, true);
	page_show(request, answer, http_status, "pages/factor_lost", values);
}

void
page_factor_lost(struct request *request, struct answer *answer)
{
	show(request, answer, 200, NULL, 0);
}

void
page_factor_lost_say(struct request *request, struct answer *answer)
{
	int64_t retry_at;
	enum status status;

	if (!request_is_sure(request)) {
		show(request, answer, 400, "sure_missing", 0);
		return;
	}
	status = messenger_reset_ask(&request->site->messenger, &request->desk, &request->id,
				     request->now, &retry_at);
	switch (status) {
	case STATUS_OK:
		show(request, answer, 200, "sent", 0);
		break;
	case STATUS_CONFLICT:
		show(request, answer, 409, NULL, 0);
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
put_view(struct template_values *values, const struct reset_view *view)
{
	template_put_text(values, "sender_address", view->begun_by.name);
	template_put_flag(values, "open", view->state == RESET_ASKED);
	template_put_flag(values, "agreed", view->state == RESET_AGREED);
	template_put_flag(values, "done", view->state == RESET_COMPLETED);
	template_put_flag(values, "stopped", view->state == RESET_STOPPED);
	page_put_time(values, "asked_at", view->begun_at);
	page_put_time(values, "ready_at", view->ready_at);
}

static void
show_link(struct request *request, struct answer *answer, int http_status, const char *flag)
{
	struct template_values *values = page_values(request, CSRF_LINK);
	struct reset_view view;
	enum status status = messenger_reset_look(&request->site->messenger, request->link,
						  request->now, request->arena, &view);

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
			  arena_printf(request->arena, "/box/factor/%.*s", (int)request->link.size,
				       (const char *)request->link.data));
	template_put_flag(values, "stale", request->stale);
	if (flag != NULL)
		template_put_flag(values, flag, true);
	page_show(request, answer, http_status, "pages/factor_lost_link", values);
}

void
page_factor_lost_link(struct request *request, struct answer *answer)
{
	show_link(request, answer, 200, NULL);
}

void
page_factor_lost_agree(struct request *request, struct answer *answer)
{
	enum status status;

	if (!request_is_sure(request)) {
		show_link(request, answer, 400, "sure_missing");
		return;
	}
	status = messenger_reset_agree(&request->site->messenger, request->link, request->now);
	/* What has become of it meanwhile is on the page. */
	if (status == STATUS_OK || status == STATUS_CONFLICT || status == STATUS_GONE)
		show_link(request, answer, 200, NULL);
	else
		page_failure(request, answer, status);
}
