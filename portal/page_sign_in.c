/*
 * What signing in at the desk and to a mailbox have in common: the form, and how the last session
 * ended.
 */
#include "portal/page.h"
#include "portal/program.h"

void
page_sign_in_show(const struct request *request, struct answer *answer, int http_status,
		  const char *name, const char *flag, int64_t retry_at)
{
	struct template_values *values = page_values(request, CSRF_LINK);

	if (retry_at > request->now)
		answer_retry_after(answer, retry_at - request->now);
	template_put_slice(values, "address", form_value(&request->form, "address"));
	page_put_time(values, "retry_at", retry_at);
	template_put_flag(values, "stale", request->stale && request->method == METHOD_POST);
	template_put_flag(values, "crowded", request->crowded);
	if (flag != NULL)
		template_put_flag(values, flag, true);
	page_show(request, answer, http_status, name, values);
}

const char *
page_sign_in_ended(const struct request *request, enum route_session session)
{
	static const struct {
		const char *done;
		const char *flag;
		enum route_session session;
	} notes[] = {
	    {"left", "signed_out", SESSION_DESK},
	    {"left", "signed_out", SESSION_BOX},
	    {"closed", "closed", SESSION_BOX},
	    {"lies", "lies_here", SESSION_BOX},
	};
	struct slice done = form_value(&request->form, "done");

	for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]) && request->route->query; i++)
		if (notes[i].session == session &&
		    slice_equal(done, slice_from_text(notes[i].done)))
			return notes[i].flag;
	/* Whoever never was signed in is not told that it is over. */
	return request->token.size > 0 && request->route->session == session ? "timed_out" : NULL;
}

struct place
page_place(const struct request *request)
{
	struct program program = program_guess(request->headers.user_agent);

	return (struct place){program.name, program.system, request->network};
}

struct mailbox_visitor
page_mailbox_visitor(const struct request *request)
{
	return (struct mailbox_visitor){page_place(request), language_code(request->language)};
}
