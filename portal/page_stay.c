/*
 * /r/SECRET/stay: the visit goes on.  Any request of the session does that; this
 * one is for people who only read, and for the script that asks them.
 */
#include "portal/page.h"

void
page_put_stay(const struct request *request, struct template_values *values)
{
	const struct opened *opened = request->opened;
	int64_t idle = opened != NULL ? opened->session_idle_at : 0;
	int64_t ends = opened != NULL ? opened->session_ends_at : 0;

	page_put_time(values, "stay_until", idle);
	page_put_time(values, "session_until", ends);
	template_put_number(values, "stay_seconds", opened != NULL ? idle - request->now : 0);
	template_put_flag(values, "stay_possible", idle < ends);
}

void
page_stay(struct request *request, struct answer *answer)
{
	bool writing = slice_equal(form_value(&request->form, "back"), SLICE("reply"));

	answer_redirect(answer, request_path(request, writing ? "/reply" : "/message"),
			request->arena);
}
