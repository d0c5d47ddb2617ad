#include "portal/dispatch.h"

#include "portal/choose.h"
#include "portal/page.h"

static void
refuse(const struct request *request, struct answer *answer, int http_status)
{
	page_error(request, answer, http_status);
	/* The rest of the request is not read, so the next one could not be told from it. */
	answer->close = true;
}

/* The form of a reply is read even when nobody is signed in any more, so that the
 * text in it can be given back. */
static void
open_before_form(struct request *request)
{
	enum status status =
	    messenger_open(&request->site->messenger, request->link, &request->opening,
			   request->now, request->arena, &request->opened);

	if (status != STATUS_OK)
		request->opened = NULL;
	request->upload.opening = status;
}

void
dispatch_begin(struct request *request, struct slice target, enum status guarded,
	       const struct guard_facts *facts, struct answer *answer, struct sending **sending_out)
{
	unsigned methods = 0;
	enum status status = guarded;

	if (guarded != STATUS_OK) {
		refuse(request, answer, answer_http_status(guarded));
		return;
	}
	status = request_find_route(request, target, &methods);
	if (status == STATUS_CONFLICT)
		answer_add(answer, "Allow", route_allow(methods));
	if (status != STATUS_OK) {
		page_error(request, answer, status == STATUS_CONFLICT ? 405 : 404);
		answer->close = facts->has_body;
		return;
	}
	/* Not every language has the words of every page. */
	request->language = choose_language(request);
	if (request->choice.size > 0 && request->method != METHOD_POST) {
		choose_keep(request, target, answer);
		return;
	}
	if (request->method == METHOD_POST && !request_is_own(request)) {
		refuse(request, answer, 403);
		return;
	}
	if (request->method == METHOD_POST && request->route->gives_back)
		open_before_form(request);
	status = sending_open(request, facts, sending_out);
	if (status != STATUS_OK)
		refuse(request, answer,
		       status == STATUS_INVALID && request->method == METHOD_POST
			   ? 415
			   : answer_http_status(status));
}

static bool
open_message(struct request *request, struct answer *answer)
{
	enum status status;

	if (request->opened != NULL || request->route->gives_back)
		return true;
	if (request->token.size == 0) {
		page_session_over(request, answer);
		return false;
	}
	status = messenger_open(&request->site->messenger, request->link, &request->opening,
				request->now, request->arena, &request->opened);
	if (status == STATUS_OK)
		return true;
	request->opened = NULL;
	/* The clue's page knows better words for what is closed, too. */
	if (status == STATUS_DENIED || status == STATUS_GONE)
		page_session_over(request, answer);
	else if (status == STATUS_CONFLICT)
		answer_redirect(
		    answer, request->opening.mailbox.size > 0 ? "/box/account" : "/box?done=lies",
		    request->arena);
	else
		page_failure(request, answer, status);
	return false;
}

/* Who is signed in, and may see more than how to set up a second factor? */
static bool
may_go_on(struct request *request, struct answer *answer, struct account_session session,
	  bool limited)
{
	request->account = session;
	if (!limited || request->route->to_set_up)
		return true;
	answer_redirect(answer, request_account_path(request, ""), request->arena);
	return false;
}

static bool
open_desk(struct request *request, struct answer *answer)
{
	enum status status = messenger_desk_open(&request->site->messenger, request->token,
						 request->now, request->arena, &request->desk);

	if (status == STATUS_DENIED)
		page_desk_sign_in(request, answer);
	else if (status != STATUS_OK)
		page_failure(request, answer, status);
	else
		return may_go_on(request, answer,
				 (struct account_session){request->desk.address,
							  request->desk.index,
							  request->desk.session, NULL},
				 request->desk.limited);
	return false;
}

static bool
open_box(struct request *request, struct answer *answer)
{
	const struct inbox *inbox = &request->inbox;
	enum status status = messenger_mailbox_open(&request->site->messenger, request->token,
						    request->now, request->arena, &request->inbox);

	if (status == STATUS_DENIED)
		page_box_sign_in(request, answer);
	else if (status != STATUS_OK)
		page_failure(request, answer, status);
	else
		return may_go_on(
		    request, answer,
		    (struct account_session){inbox->address, inbox->index, inbox->session, inbox},
		    inbox->limited);
	return false;
}

/* True when the handler may go on. */
static bool
open_session(struct request *request, struct answer *answer)
{
	switch (request->route->session) {
	case SESSION_MESSAGE:
		return open_message(request, answer);
	case SESSION_DESK:
		return open_desk(request, answer);
	case SESSION_BOX:
		return open_box(request, answer);
	case SESSION_NONE:
		break;
	}
	return true;
}

/* Show the form again.  At the desk that needs to know whose; a message stays closed. */
static void
run_again(struct request *request, struct answer *answer)
{
	if (request->route->session == SESSION_DESK && !open_desk(request, answer))
		return;
	if (request->route->session == SESSION_BOX && !open_box(request, answer))
		return;
	if (request->route->again != NULL)
		request->route->again(request, answer);
	else
		page_error(request, answer, request->crowded ? 503 : 403);
}

/* The form, and whether its token holds; false when the answer is made. */
static bool
read_form(struct request *request, struct sending *sending, struct answer *answer)
{
	enum status status = sending_finish(sending);

	if (status == STATUS_OK && request->query.size > 0 && request->method != METHOD_POST)
		status = form_parse(request->query, request->arena, &request->form);
	if (status != STATUS_OK) {
		page_failure(request, answer, status);
		return false;
	}
	if (request->method == METHOD_POST && !session_csrf_holds(request, request->route->csrf))
		request->stale = true;
	return true;
}

void
dispatch_run(struct request *request, struct sending *sending, struct answer *answer)
{
	if (!read_form(request, sending, answer))
		return;
	if (request->stale)
		run_again(request, answer);
	else if (open_session(request, answer))
		request->route->handler(request, answer);
}

void
dispatch_crowded(struct request *request, struct sending *sending, struct answer *answer)
{
	if (!read_form(request, sending, answer))
		return;
	request->crowded = true;
	run_again(request, answer);
}
