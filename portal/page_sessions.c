/*
 * On /desk/account: where somebody is signed in, and a reset of their second factors that
 * administrators have begun; /desk/account/sessions and /desk/account/keep, which end these.
 */
#include <string.h>

#include "messenger/reset.h"
#include "messenger/sessions.h"
#include "portal/page.h"

static void
put_sessions(const struct request *request, struct template_values *values,
	     const struct session_view *views, size_t count)
{
	struct template_list *list = template_put_list(values, "sessions");
	char id[ID_TEXT_SIZE];

	for (size_t i = 0; i < count; i++) {
		struct template_values *item = template_list_add(list);

		place_put(item, &views[i].place);
		page_put_time(item, "signed_in_at", views[i].since);
		page_put_time(item, "seen_at", views[i].seen_at);
		template_put_flag(item, "is_this", views[i].is_this);
		template_put_text(item, "session",
				  arena_copy_text(request->arena, id_text(views[i].id, id)));
	}
	template_put_flag(values, "has_others", count > 1);
}

enum status
page_put_sessions(const struct request *request, struct template_values *values)
{
	const struct messenger *messenger = &request->site->messenger;
	struct session_view *views;
	struct reset_view reset;
	size_t count;
	enum status status = messenger_sessions_list(messenger, &request->desk, request->now,
						     request->arena, &views, &count);

	if (status != STATUS_OK)
		return status;
	put_sessions(request, values, views, count);
	status = messenger_reset_find(messenger, request->desk.index, request->now, request->arena,
				      &reset);
	if (status == STATUS_OK) {
		template_put_flag(values, "has_reset", true);
		template_put_text(values, "reset_by", reset.begun_by.name);
		page_put_time(values, "reset_begun_at", reset.begun_at);
		page_put_time(values, "reset_ready_at", reset.ready_at);
	}
	return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* Out of this one, too, as by the button of every page. */
static void
leave_everywhere(const struct request *request, struct answer *answer)
{
	enum status status =
	    messenger_sessions_end_all(&request->site->messenger, &request->desk, true);

	if (status == STATUS_OK)
		page_desk_signed_out(request, answer);
	else
		page_failure(request, answer, status);
}

/* By the button, which text browsers name, too. */
void
page_sessions_end(struct request *request, struct answer *answer)
{
	struct slice word = form_value(&request->form, "do");
	enum status status = STATUS_INVALID;
	struct id id;

	if (slice_equal(word, SLICE("all"))) {
		leave_everywhere(request, answer);
		return;
	}
	if (slice_equal(word, SLICE("others")))
		status =
		    messenger_sessions_end_all(&request->site->messenger, &request->desk, false);
	else if (slice_equal(word, SLICE("one")) &&
		 id_parse(form_value(&request->form, "session"), &id) == STATUS_OK)
		status = messenger_sessions_end(&request->site->messenger, &request->desk, &id);
	if (status != STATUS_OK)
		page_failure(request, answer, status);
	else
		answer_redirect(answer, "/desk/account", request->arena);
}

void
page_reset_stop(struct request *request, struct answer *answer)
{
	enum status status =
	    messenger_reset_stop(&request->site->messenger, request->desk.address, request->now);

	/* It may be over already: the page says what there is. */
	if (status == STATUS_OK || status == STATUS_NOT_FOUND)
		answer_redirect(answer, "/desk/account", request->arena);
	else
		page_failure(request, answer, status);
}

/* The session goes on under its new token, if there is one; forms of the answer carry that of it.
 */
void
page_desk_go_on(struct request *request, struct answer *answer, enum status status,
		struct session_keeper *keeper)
{
	if (status == STATUS_OK) {
		struct secret *token = arena_alloc(request->arena, sizeof(*token));

		answer_add(answer, "Set-Cookie",
			   session_desk_cookie(request, SESSION_DESK_COOKIE,
					       secret_slice(&keeper->token)));
		secret_init_in(token, request->arena, keeper->token.size);
		memcpy(token->data, keeper->token.data, keeper->token.size);
		request->token = secret_slice(token);
	}
	secret_clear(&keeper->token);
}
