/*
 * /r/SECRET/reply: the form, and /r/SECRET/sent: what was sent.
 */
#include "portal/replying.h"

#include <string.h>

#include "base/log.h"
#include "mail/quote.h"
#include "mail/utf8.h"
#include "portal/quoting.h"
#include "portal/thread_values.h"

/* Whom the form speaks of, also when nothing is opened (any more).  What was typed is shown even
 * when nobody can be asked who that was. */
static enum status
put_addressee(const struct request *request, struct template_values *values)
{
	const struct opened *opened = request->opened;
	struct recipient_view view;
	enum status status;

	template_put_text(values, "subject", "");
	template_put_text(values, "to", "");
	if (opened != NULL) {
		template_put_text(values, "to", opened->sender_address);
		template_put_text(values, "subject",
				  messenger_reply_subject(opened, request->arena));
		return STATUS_OK;
	}
	status = messenger_look(&request->site->messenger, request->link, request->now,
				request->arena, &view);
	if (status == STATUS_OK)
		template_put_text(values, "to", view.sender_address);
	return status == STATUS_UNAVAILABLE && request->method == METHOD_POST ? STATUS_OK : status;
}

static void
put_holders(const struct request *request, struct template_values *values, bool to_all, bool fresh)
{
	struct template_list *list = template_put_list(values, "holders");
	struct holder *holders = NULL;
	size_t count = 0;
	enum status status = STATUS_OK;

	if (request->opened != NULL && !fresh)
		status = messenger_holders(&request->site->messenger, request->opened, request->now,
					   request->arena, &holders, &count);
	if (status != STATUS_OK)
		log_warning("holders-not-shown", LOG_TEXT("status", status_text(status)));
	for (size_t i = 0; status == STATUS_OK && i < count; i++) {
		struct template_values *item = template_list_add(list);

		template_put_text(item, "name", holders[i].name);
		template_put_text(item, "address", holders[i].address);
		template_put_flag(item, "inside", holders[i].inside);
	}
	template_put_flag(values, "can_reply_all", status == STATUS_OK && count > 0);
	template_put_flag(values, "to_all", to_all);
}

static void
put_files(const struct request *request, struct template_values *values, const struct draft *draft)
{
	struct template_list *list = template_put_list(values, "draft_list");
	uint64_t limit = request->site->reply_size;

	for (size_t i = 0; i < draft->file_count; i++) {
		struct template_values *item = template_list_add(list);
		char id[ID_TEXT_SIZE];

		template_put_text(
		    item, "field",
		    arena_printf(request->arena, "drop_%s", id_text(draft->files[i].id, id)));
		template_put_text(item, "name", draft->files[i].name);
		page_put_size(item, "size_text", draft->files[i].size);
	}
	template_put_flag(values, "has_draft_files", draft->file_count > 0);
	page_put_size(values, "draft_size_text", draft->size);
	page_put_size(values, "limit_text", limit);
	page_put_size(values, "left_text", draft->size < limit ? limit - draft->size : 0);
	template_put_number(values, "limit_files", (long long)DRAFT_FILES_MAX);
	template_put_number(values, "left_files",
			    (long long)(draft->file_count < DRAFT_FILES_MAX
					    ? DRAFT_FILES_MAX - draft->file_count
					    : 0));
}

static const char *
typed_subject(const struct request *request)
{
	struct slice typed = slice_trim(form_value(&request->form, "subject"));

	return arena_text_from(request->arena,
			       slice_part(typed, 0, utf8_cut(typed, WRITING_SUBJECT_MAX)));
}

struct writing
replying_typed(const struct request *request)
{
	return (struct writing){
	    .body = form_value(&request->form, "body"),
	    .quote = form_value(&request->form, "quote"),
	    .to_all = slice_equal(form_value(&request->form, "to"), SLICE("all")),
	    .fresh = request_field_flag(request, "fresh"),
	    .subject = typed_subject(request),
	};
}

bool
replying_has_words(const struct writing *typed)
{
	return slice_trim(typed->body).size > 0 || quote_has_words(typed->quote);
}

/* /r/SECRET/write: not an answer, but something new to whoever wrote that message. */
static bool
is_fresh(const struct request *request)
{
	return strcmp(request->route->path, "/r/SECRET/write") == 0;
}

/* What stands in the fields: what was typed, else the draft, else the message quoted. */
static struct writing
fields_of(const struct request *request, const struct draft *draft)
{
	struct writing fields = {.to_all = false};

	if (request->method == METHOD_POST)
		return replying_typed(request);
	if (draft->has_text)
		return draft->text;
	fields.fresh = is_fresh(request);
	if (request->opened != NULL && !fields.fresh)
		fields.quote = slice_from_text(quoting_text(request));
	return fields;
}

static void
put_kept(const struct request *request, struct template_values *values, const struct draft *draft)
{
	const struct upload *upload = &request->upload;

	template_put_flag(values, "saved", upload->saved);
	template_put_number(values, "kept_files", (long long)upload->kept);
	template_put_flag(values, "files_lost", upload->files > upload->kept);
	page_put_time(values, "draft_at", draft->has_text ? draft->text.written_at : 0);
}

void
replying_show(const struct request *request, struct answer *answer, int http_status,
	      const char *flag)
{
	struct template_values *values = page_values(request, CSRF_SESSION);
	struct draft draft = {.has_text = false};
	char once[ID_TEXT_SIZE];
	struct writing fields;
	enum status status = put_addressee(request, values);

	if (status != STATUS_OK) {
		page_failure(request, answer, status);
		return;
	}
	if (request->opened != NULL)
		status = messenger_draft_open(&request->site->messenger, request->opened,
					      request->arena, &draft);
	if (status != STATUS_OK)
		draft = (struct draft){.has_text = false};
	fields = fields_of(request, &draft);
	template_put_flag(values, "fresh", fields.fresh);
	template_put_text(values, "own_subject",
			  fields.fresh && fields.subject != NULL ? fields.subject : "");
	template_put_text(values, "action", request_path(request, "/reply"));
	template_put_text(values, "base", request_path(request, ""));
	template_put_slice(values, "body", fields.body);
	template_put_slice(values, "quote", fields.quote);
	/* Each form shown is sent once, however often its button is pressed. */
	template_put_text(values, "once", id_text(id_new(), once));
	template_put_text(
	    values, "keep",
	    request->opened != NULL || session_keep_holds(request) ? session_keep(request) : "");
	put_holders(request, values, fields.to_all && !fields.fresh, fields.fresh);
	put_files(request, values, &draft);
	put_kept(request, values, &draft);
	page_put_stay(request, values);
	template_put_flag(values, "stale", request->stale);
	template_put_flag(values, "crowded", request->crowded);
	if (flag != NULL)
		template_put_flag(values, flag, true);
	page_show(request, answer, http_status, "pages/reply", values);
}

void
page_reply(struct request *request, struct answer *answer)
{
	if (*request->opened->sender_address == '\0')
		page_failure(request, answer, STATUS_NOT_FOUND);
	else
		replying_show(request, answer, 200, NULL);
}

void
page_reply_sent(struct request *request, struct answer *answer)
{
	struct template_values *values = page_values(request, CSRF_SESSION);
	unsigned long long files;
	unsigned long long size;
	struct writing *sent;
	size_t count = 0;
	enum status status;

	/* Come back to later, there is nothing to tell: the message tells that it was answered. */
	if (!session_sent(request, &files, &size)) {
		answer_redirect(answer, request_path(request, "/message"), request->arena);
		return;
	}
	status = messenger_sent_list(&request->site->messenger, request->opened, 1, request->arena,
				     &sent, &count);
	if (status != STATUS_OK || count == 0) {
		page_failure(request, answer, status == STATUS_OK ? STATUS_NOT_FOUND : status);
		return;
	}
	thread_put_sent(request, values, &sent[0]);
	template_put_text(values, "base", request_path(request, ""));
	page_put_size(values, "size_text", size);
	page_show(request, answer, 200, "pages/sent", values);
}
