/*
 * /r/SECRET/forward: the message, handed on to people of the organisation who take part in it.
 */
#include "portal/page.h"

#include "base/log.h"
#include "messenger/forward.h"

#define FIELD "to_"

/* The addresses that were ticked.  A form knows no name twice. */
static size_t
typed_people(const struct request *request, struct slice *to)
{
	size_t count = 0;

	for (size_t i = 0; i < request->form.count; i++)
		if (slice_starts_nocase(request->form.fields[i].name, SLICE(FIELD)))
			to[count++] = slice_trim(request->form.fields[i].value);
	return count;
}

static bool
is_ticked(const struct request *request, const char *address)
{
	struct slice to[FORM_FIELDS_MAX];
	size_t count = typed_people(request, to);

	for (size_t i = 0; i < count; i++)
		if (slice_equal_nocase(to[i], slice_from_text(address)))
			return true;
	return false;
}

/* Nobody is shown when nothing is opened (any more). */
static enum status
put_people(const struct request *request, struct template_values *values)
{
	struct template_list *list = template_put_list(values, "people");
	struct holder *people = NULL;
	size_t count = 0;
	enum status status = STATUS_OK;

	if (request->opened != NULL)
		status = messenger_forward_people(&request->site->messenger, request->opened,
						  request->now, request->arena, &people, &count);
	for (size_t i = 0; status == STATUS_OK && i < count; i++) {
		struct template_values *item = template_list_add(list);

		template_put_text(item, "field", arena_printf(request->arena, FIELD "%zu", i));
		template_put_text(item, "name", people[i].name);
		template_put_text(item, "address", people[i].address);
		template_put_flag(item, "chosen", is_ticked(request, people[i].address));
	}
	template_put_flag(values, "has_people", count > 0);
	return status;
}

static void
show(const struct request *request, struct answer *answer, int http_status, const char *flag)
{
	const struct opened *opened = request->opened;
	struct template_values *values = page_values(request, CSRF_SESSION);
	char once[ID_TEXT_SIZE];
	enum status status = put_people(request, values);

	if (status != STATUS_OK) {
		page_failure(request, answer, status);
		return;
	}
	template_put_text(values, "base", request_path(request, ""));
	template_put_text(values, "subject", opened == NULL ? "" : opened->manifest.subject);
	template_put_flag(values, "is_open", opened != NULL);
	template_put_flag(values, "large",
			  opened != NULL &&
			      opened->message_source.size > request->site->reply_size);
	page_put_size(values, "limit_text", request->site->reply_size);
	page_put_size(values, "size_text", opened == NULL ? 0 : opened->message_source.size);
	template_put_slice(values, "body", form_value(&request->form, "body"));
	/* Each form shown is sent once, however often its button is pressed. */
	template_put_text(values, "once", id_text(id_new(), once));
	template_put_flag(values, "stale", request->stale && opened != NULL);
	template_put_flag(values, "crowded", request->crowded);
	if (flag != NULL)
		template_put_flag(values, flag, true);
	page_put_stay(request, values);
	page_show(request, answer, http_status, "pages/forward", values);
}

void
page_forward(struct request *request, struct answer *answer)
{
	show(request, answer, 200, NULL);
}

/* The token does not hold (any more), or there is no room just now: nothing typed is lost. */
void
page_forward_again(struct request *request, struct answer *answer)
{
	if (request->opened == NULL && !request->crowded)
		show(request, answer, 403, "timed_out");
	else
		show(request, answer, 200, NULL);
}

void
page_forward_send(struct request *request, struct answer *answer)
{
	struct slice to[FORM_FIELDS_MAX];
	struct forward_form form = {
	    .once = form_value(&request->form, "once"),
	    .body = form_value(&request->form, "body"),
	    .to = to,
	    .to_count = typed_people(request, to),
	    .most = request->site->reply_size,
	};
	enum status status;

	if (request->opened == NULL) {
		page_forward_again(request, answer);
		return;
	}
	status = messenger_forward(&request->site->messenger, request->opened, &form, request->now);
	if (status == STATUS_OK || status == STATUS_CONFLICT) {
		answer_add(answer, "Set-Cookie",
			   session_sent_cookie(
			       request, 1, request->opened->message_source.size + form.body.size));
		answer_redirect(answer, request_path(request, "/sent"), request->arena);
		return;
	}
	if (status == STATUS_INVALID)
		show(request, answer, 400, "nobody");
	else if (status == STATUS_BUSY)
		show(request, answer, 429, "too_often");
	else if (status == STATUS_TOO_LARGE)
		show(request, answer, 413, NULL);
	else {
		log_warning("forward-failed", LOG_TEXT("status", status_text(status)));
		show(request, answer, answer_http_status(status), "failed");
	}
}
