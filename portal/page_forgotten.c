/*
 * /r/SECRET/forgotten: the recipient does not know the answer, and lets the
 * sender know.  Nothing about the message is told that the clue's page does not tell.
 */
#include "portal/page.h"

#include "messenger/receipt.h"

/* The page with `flag` raised, or what there is to say instead of it. */
static void
show(struct request *request, struct answer *answer, int http_status, const char *flag,
     int64_t retry_at)
{
	struct recipient_view view;
	struct template_values *values;
	enum status status = messenger_look(&request->site->messenger, request->link, request->now,
					    request->arena, &view);

	if (status != STATUS_OK) {
		page_failure(request, answer, status);
		return;
	}
	if (view.standing != STANDING_READY) {
		page_clue(request, answer);
		return;
	}
	values = page_values(request, CSRF_LINK);
	template_put_text(values, "action", request_path(request, "/forgotten"));
	template_put_text(values, "back", request_path(request, ""));
	template_put_text(values, "sender_name", view.sender_name);
	template_put_text(values, "sender_address", view.sender_address);
	page_put_time(values, "retry_at", retry_at);
	template_put_flag(values, "stale", request->stale);
	if (flag != NULL)
		template_put_flag(values, flag, true);
	page_show(request, answer, http_status, "pages/forgotten", values);
}

void
page_forgotten(struct request *request, struct answer *answer)
{
	show(request, answer, 200, NULL, 0);
}

void
page_forgotten_tell(struct request *request, struct answer *answer)
{
	int64_t retry_at;
	enum status status;

	if (!request_is_sure(request)) {
		show(request, answer, 400, "sure_missing", 0);
		return;
	}
	status = messenger_ask(&request->site->messenger, request->link, request->now, &retry_at);
	switch (status) {
	case STATUS_OK:
		show(request, answer, 200, "sent", 0);
		break;
	case STATUS_BUSY:
		answer_retry_after(answer, retry_at - request->now);
		show(request, answer, 429, "too_soon", retry_at);
		break;
	case STATUS_GONE:
		page_clue(request, answer);
		break;
	default:
		page_failure(request, answer, status);
	}
}
