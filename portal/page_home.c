#include "portal/page.h"

/* How long a network that tried too many codes is asked to wait; the rules tell no time. */
#define BUSY_SECONDS 600

static void
show(const struct request *request, struct answer *answer, int http_status, const char *flag)
{
	struct template_values *values = page_values(request, CSRF_LINK);

	template_put_flag(values, "code_wrong", false);
	template_put_flag(values, "busy", false);
	template_put_flag(values, "stale", request->stale);
	template_put_flag(values, "crowded", request->crowded);
	if (flag != NULL)
		template_put_flag(values, flag, true);
	page_put_time(values, "retry_at", request->now + BUSY_SECONDS);
	page_show(request, answer, http_status, "pages/home", values);
}

void
page_home(struct request *request, struct answer *answer)
{
	show(request, answer, 200, NULL);
}

void
page_home_pick_up(struct request *request, struct answer *answer)
{
	const char *link;
	enum status status = messenger_pick_up(
	    &request->site->messenger, form_value(&request->form, "code"),
	    slice_from_text(request->network), request->now, request->arena, &link);

	switch (status) {
	case STATUS_OK:
		answer_redirect(answer, arena_printf(request->arena, "/r/%s", link),
				request->arena);
		break;
	case STATUS_INVALID:
	case STATUS_DENIED:
	case STATUS_NOT_FOUND:
		show(request, answer, 404, "code_wrong");
		break;
	case STATUS_BUSY:
		answer_retry_after(answer, BUSY_SECONDS);
		show(request, answer, 429, "busy");
		break;
	default:
		page_failure(request, answer, status);
	}
}
