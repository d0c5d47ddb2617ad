/*
 * On the pages of an account: where its owner is signed in, and a reset of their second factors
 * that is begun; /desk/account/sessions, /desk/account/keep and the same below
 * /box, which end these.
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
		template_put_flag(item, "elsewhere",
				  views[i].in_mailbox != (request->account.inbox != NULL));
		template_put_flag(item, "in_mailbox", views[i].in_mailbox);
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
	size_t count;
	enum status status = messenger_sessions_list(messenger, &request->account, request->now,
						     request->arena, &views, &count);

	if (status != STATUS_OK)
		return status;
	put_sessions(request, values, views, count);
	if (request->account.inbox != NULL)
		return page_put_ways_back(request, values, request->account.index);
	return page_put_reset(request, values, request->account.index, "/desk");
}

enum status
page_put_reset(const struct request *request, struct template_values *values,
	       struct slice owner_index, const char *base)
{
	struct reset_view view;
	enum status status = messenger_reset_find(&request->site->messenger, owner_index,
						  request->now, request->arena, &view);

	/* Buttons need the token of the session that they are for: a message's page may have
	 * another. */
	template_put_flag(values, "inside", request->route->session != SESSION_MESSAGE);
	if (status != STATUS_OK)
		return status == STATUS_NOT_FOUND ? STATUS_OK : status;
	template_put_flag(values, "losing", true);
	template_put_flag(values, "losing_begun", view.state == RESET_BEGUN);
	template_put_flag(values, "losing_asked", view.state == RESET_ASKED);
	template_put_flag(values, "losing_agreed", view.state == RESET_AGREED);
	template_put_text(values, "losing_by", view.begun_by.name);
	template_put_text(values, "losing_keep",
			  arena_printf(request->arena, "%s/account/keep", base));
	page_put_time(values, "losing_begun_at", view.begun_at);
	page_put_time(values, "losing_at", view.ready_at);
	return STATUS_OK;
}

/* Out of this one, too, as by the button of every page. */
static void
leave_everywhere(const struct request *request, struct answer *answer)
{
	enum status status =
	    messenger_sessions_end_all(&request->site->messenger, &request->account, true);

	if (status == STATUS_OK)
		page_signed_out(request, answer);
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
		    messenger_sessions_end_all(&request->site->messenger, &request->account, false);
	else if (slice_equal(word, SLICE("one")) &&
		 id_parse(form_value(&request->form, "session"), &id) == STATUS_OK)
		status = messenger_sessions_end(&request->site->messenger, &request->account, &id);
	if (status != STATUS_OK)
		page_failure(request, answer, status);
	else
		answer_redirect(answer, request_account_path(request, ""), request->arena);
}

void
page_reset_stop(struct request *request, struct answer *answer)
{
	enum status status =
	    messenger_reset_stop(&request->site->messenger, request->account.address, request->now);

	/* It may be over already: the page says what there is. */
	if (status == STATUS_OK || status == STATUS_NOT_FOUND)
		answer_redirect(answer, request_account_path(request, ""), request->arena);
	else
		page_failure(request, answer, status);
}

/* The session's cookie, of whichever kind it is; an empty token ends it. */
static void
put_cookie(const struct request *request, struct answer *answer, struct slice token)
{
	answer_add(answer, "Set-Cookie",
		   request->account.inbox != NULL
		       ? session_box_cookie(request, token)
		       : session_desk_cookie(request, SESSION_DESK_COOKIE, token));
}

void
page_signed_out(const struct request *request, struct answer *answer)
{
	put_cookie(request, answer, slice_of(NULL, 0));
	answer_redirect(answer,
			request->account.inbox != NULL ? "/box?done=left" : "/desk?done=left",
			request->arena);
}

/* The session goes on under its new token, if there is one; forms of the answer carry that of it.
 */
void
page_account_go_on(struct request *request, struct answer *answer, enum status status,
		   struct session_keeper *keeper)
{
	if (status == STATUS_OK) {
		struct secret *token = arena_alloc(request->arena, sizeof(*token));

		put_cookie(request, answer, secret_slice(&keeper->token));
		secret_init_in(token, request->arena, keeper->token.size);
		memcpy(token->data, keeper->token.data, keeper->token.size);
		request->token = secret_slice(token);
	}
	secret_clear(&keeper->token);
}
