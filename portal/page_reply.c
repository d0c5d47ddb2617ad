/*
 * /r/SECRET/reply: the form, and the reply while it arrives.  Files go
 * straight into the sealed message; the text is kept until the end, so that it
 * can be shown again whatever goes wrong.
 */
#include "portal/page.h"

#include "base/log.h"
#include "portal/filename.h"

#define REPLY_PREFIX "Re: "

static const char *
reply_subject(const struct opened *opened, struct arena *arena)
{
	const char *subject = opened->manifest.subject;

	if (slice_starts_nocase(slice_from_text(subject), SLICE("Re:")))
		return subject;
	return arena_printf(arena, REPLY_PREFIX "%s", subject);
}

/* Whom the form speaks of, also when nothing is opened (any more). */
static enum status
put_addressee(const struct request *request, struct template_values *values)
{
	const struct opened *opened = request->opened;
	struct recipient_view view;
	enum status status;

	if (opened != NULL) {
		template_put_text(values, "to_name", opened->manifest.from.name);
		template_put_text(values, "to_address", opened->sender_address);
		template_put_text(values, "subject", reply_subject(opened, request->arena));
		return STATUS_OK;
	}
	status = messenger_look(&request->site->messenger, request->link, request->now,
				request->arena, &view);
	if (status != STATUS_OK)
		return status;
	template_put_text(values, "to_name", view.sender_name);
	template_put_text(values, "to_address", view.sender_address);
	template_put_text(values, "subject", "");
	return STATUS_OK;
}

static void
show(const struct request *request, struct answer *answer, int http_status, const char *flag)
{
	struct template_values *values = page_values(request, CSRF_SESSION);
	char once[ID_TEXT_SIZE];
	enum status status = put_addressee(request, values);

	if (status != STATUS_OK) {
		page_failure(request, answer, status);
		return;
	}
	template_put_text(values, "action", request_path(request, "/reply"));
	template_put_text(values, "base", request_path(request, ""));
	template_put_slice(values, "body", form_value(&request->form, "body"));
	/* Each form shown is sent once, however often its button is pressed. */
	template_put_text(values, "once", id_text(id_new(), once));
	page_put_size(values, "limit_text", request->site->reply_size);
	template_put_flag(values, "stale", request->stale);
	if (flag != NULL)
		template_put_flag(values, flag, true);
	page_show(request, answer, http_status, "pages/reply", values);
}

void
page_reply(struct request *request, struct answer *answer)
{
	if (request->opened != NULL && *request->opened->sender_address == '\0')
		page_failure(request, answer, STATUS_NOT_FOUND);
	else
		show(request, answer, 200, NULL);
}

static void
abort_reply(void *context)
{
	struct upload *upload = context;

	if (upload->reply != NULL)
		messenger_reply_abort(upload->reply);
	upload->reply = NULL;
}

/* Begin the message that the reply becomes; everything typed stands at its front. */
static enum status
begin_reply(struct request *request, bool has_files)
{
	struct upload *upload = &request->upload;
	enum status status = messenger_reply_open(&request->site->messenger, request->opened,
						  form_value(&request->form, "once"), has_files,
						  request->now, &upload->reply);

	if (status != STATUS_OK)
		return status;
	arena_defer(request->arena, abort_reply, upload);
	return messenger_reply_body(upload->reply, form_value(&request->form, "body"));
}

void
page_reply_file_begin(struct request *request, const struct multipart_part *part)
{
	struct upload *upload = &request->upload;
	const char *type = arena_text_from(request->arena, part->type);

	if (upload->reply == NULL)
		upload->status = begin_reply(request, true);
	if (upload->status == STATUS_OK)
		upload->status = messenger_reply_file_begin(
		    upload->reply, filename_clean(part->file, request->arena),
		    *type == '\0' ? "application/octet-stream" : type);
	if (upload->status == STATUS_OK)
		upload->files++;
}

void
page_reply_file_write(struct request *request, struct slice bytes)
{
	struct upload *upload = &request->upload;

	upload->size += bytes.size;
	if (upload->status == STATUS_OK)
		upload->status = messenger_reply_file_write(upload->reply, bytes);
}

void
page_reply_file_end(struct request *request)
{
	struct upload *upload = &request->upload;

	if (upload->status == STATUS_OK)
		upload->status = messenger_reply_file_end(upload->reply);
}

static enum status
commit_reply(struct request *request)
{
	struct upload *upload = &request->upload;
	struct reply *reply;

	if (upload->status == STATUS_OK && upload->reply == NULL)
		upload->status = begin_reply(request, false);
	if (upload->status != STATUS_OK)
		return upload->status;
	reply = upload->reply;
	upload->reply = NULL; /* the commit frees it, whatever happens */
	return messenger_reply_commit(reply);
}

void
page_reply_send(struct request *request, struct answer *answer)
{
	struct upload *upload = &request->upload;
	struct slice body = form_value(&request->form, "body");
	enum status status;

	if (request->opened == NULL) {
		show(request, answer, 403, "timed_out");
	} else if (upload->too_large || upload->status == STATUS_TOO_LARGE) {
		show(request, answer, 413, "too_large");
	} else if (upload->files == 0 && slice_trim(body).size == 0) {
		show(request, answer, 400, "empty");
	} else if ((status = commit_reply(request)) != STATUS_OK && status != STATUS_CONFLICT) {
		log_warning("reply-failed", LOG_TEXT("status", status_text(status)));
		show(request, answer, answer_http_status(status), "failed");
	} else {
		answer_add(answer, "Set-Cookie",
			   session_sent_cookie(request, upload->files, upload->size + body.size));
		answer_redirect(answer, request_path(request, "/sent"));
	}
}

void
page_reply_sent(struct request *request, struct answer *answer)
{
	struct template_values *values = page_values(request, CSRF_SESSION);
	unsigned long long files;
	unsigned long long size;

	/* Come back to later, there is nothing to tell: the message tells that it was answered. */
	if (!session_sent(request, &files, &size)) {
		answer_redirect(answer, request_path(request, "/message"));
		return;
	}
	template_put_text(values, "base", request_path(request, ""));
	template_put_text(values, "to_address", request->opened->sender_address);
	template_put_number(values, "file_count", (long long)files);
	page_put_size(values, "size_text", size);
	page_show(request, answer, 200, "pages/sent", values);
}
