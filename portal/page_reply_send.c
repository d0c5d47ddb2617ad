/*
 * /r/SECRET/reply, POST: the reply while it arrives.  Files go straight into the
 * sealed message.  Whatever keeps it from being sent, what was typed and the files
 * that came whole are kept as a draft: also when the session is over meanwhile, or
 * the connection breaks.
 */
#include "portal/replying.h"

#include <string.h>

#include "base/log.h"
#include "portal/filename.h"

/* May it be kept?  Behind a right token, or from a form that this visitor was shown. */
static bool
may_keep(const struct request *request)
{
	return (request->opened != NULL && session_csrf_holds(request, CSRF_SESSION)) ||
	       session_keep_holds(request);
}

/* Which delivery it is about, if any. */
static bool
find_place(struct request *request)
{
	struct upload *upload = &request->upload;

	if (upload->placed)
		return true;
	if (request->opened != NULL)
		upload->delivery = request->opened->delivery;
	else if (messenger_draft_place(&request->site->messenger, request->link, request->now,
				       &upload->delivery) != STATUS_OK)
		return false;
	upload->placed = true;
	return true;
}

/* The files that were ticked go first: they make room. */
static void
drop_files(struct request *request)
{
	struct slice front = SLICE("drop_");

	for (size_t i = 0; i < request->form.count; i++) {
		struct slice name = request->form.fields[i].name;
		struct id file;

		if (!slice_starts_nocase(name, front) ||
		    id_parse(slice_part(name, front.size, name.size), &file) != STATUS_OK)
			continue;
		if (messenger_draft_drop(&request->site->messenger, &request->upload.delivery,
					 &file) != STATUS_OK)
			log_warning("draft-file-stays", LOG_TEXT("why", "not dropped"));
	}
}

/* Once for a form, when its first file comes or at its end.  The fields are copied: the buffer that
 * holds them may still grow. */
static enum status
prepare(struct request *request)
{
	struct upload *upload = &request->upload;
	struct writing typed = replying_typed(request);
	enum status status;

	if (upload->prepared)
		return STATUS_OK;
	upload->text = (struct writing){
	    .body = arena_copy(request->arena, typed.body),
	    .quote = arena_copy(request->arena, typed.quote),
	    .to_all = typed.to_all,
	    .fresh = typed.fresh,
	    .subject = typed.subject,
	};
	upload->sendable = request->opened != NULL && session_csrf_holds(request, CSRF_SESSION);
	if (!find_place(request))
		return STATUS_GONE;
	if (upload->sendable)
		drop_files(request);
	status = messenger_draft_total(&request->site->messenger, &upload->delivery,
				       &upload->draft_files, &upload->draft_size);
	upload->prepared = status == STATUS_OK;
	return status;
}

static enum status
keep(struct request *request)
{
	struct upload *upload = &request->upload;
	const struct messenger *messenger = &request->site->messenger;
	bool has_words = replying_has_words(&upload->text);
	struct draft_save save = {.text = &upload->text, .most = request->site->reply_size};
	struct reply *reply = upload->reply;
	enum status status;

	upload->reply = NULL; /* keeping frees it, whatever happens */
	if (reply != NULL)
		status = messenger_reply_keep(reply, &upload->text, save.most, &upload->kept);
	else if (has_words)
		status = messenger_draft_save(messenger, &upload->delivery, &save, request->now,
					      &upload->kept);
	else
		return STATUS_OK;
	upload->saved = status == STATUS_OK;
	return status;
}

/* The connection broke, or the form did, with files on their way. */
static void
keep_what_came(void *context)
{
	struct request *request = context;

	if (request->upload.reply != NULL && keep(request) != STATUS_OK)
		log_warning("draft-lost", LOG_TEXT("why", "connection broken"));
}

static enum status
begin_reply(struct request *request, bool has_files)
{
	struct upload *upload = &request->upload;
	const struct messenger *messenger = &request->site->messenger;
	struct reply_form form = {.once = form_value(&request->form, "once"),
				  .text = upload->text,
				  .has_files = has_files};
	struct holder *holders = NULL;
	enum status status = STATUS_OK;

	if (upload->sendable && upload->text.to_all && !upload->text.fresh)
		status = messenger_holders(messenger, request->opened, request->now, request->arena,
					   &holders, &form.holder_count);
	form.holders = holders;
	if (status == STATUS_OK && upload->sendable)
		status = messenger_reply_open(messenger, request->opened, &form, request->now,
					      &upload->reply);
	else if (status == STATUS_OK)
		status = messenger_reply_open_files(messenger, &upload->delivery, request->now,
						    &upload->reply);
	if (status == STATUS_OK)
		arena_defer(request->arena, keep_what_came, request);
	return status;
}

void
page_reply_file_begin(struct request *request, const struct multipart_part *part)
{
	struct upload *upload = &request->upload;
	const char *type = arena_text_from(request->arena, part->type);

	upload->files++;
	if (upload->reply == NULL) {
		upload->status = prepare(request);
		if (upload->status == STATUS_OK)
			upload->status = begin_reply(request, true);
	}
	if (upload->files + upload->draft_files > DRAFT_FILES_MAX)
		upload->too_many = true;
	if (upload->status == STATUS_OK && !upload->too_many)
		upload->status = messenger_reply_file_begin(
		    upload->reply, filename_clean(part->file, request->arena),
		    *type == '\0' ? "application/octet-stream" : type);
}

void
page_reply_file_write(struct request *request, struct slice bytes)
{
	struct upload *upload = &request->upload;

	if (upload->too_many || upload->too_large)
		return;
	upload->size += bytes.size;
	if (upload->draft_size + upload->size > request->site->reply_size)
		upload->too_large = true;
	else if (upload->status == STATUS_OK)
		upload->status = messenger_reply_file_write(upload->reply, bytes);
}

void
page_reply_file_end(struct request *request)
{
	struct upload *upload = &request->upload;

	if (upload->status == STATUS_OK && !upload->too_many && !upload->too_large)
		upload->status = messenger_reply_file_end(upload->reply);
}

/* Save what came, and show the form with it. */
static void
show_kept(struct request *request, struct answer *answer, int http_status, const char *flag)
{
	enum status status = STATUS_DENIED;

	if (may_keep(request))
		status = prepare(request);
	if (status == STATUS_OK)
		status = keep(request);
	if (status != STATUS_OK && status != STATUS_DENIED)
		log_warning("draft-not-saved", LOG_TEXT("status", status_text(status)));
	replying_show(request, answer, http_status, flag);
}

/* The token does not hold (any more), or there is no room just now. */
void
page_reply_again(struct request *request, struct answer *answer)
{
	if (request->opened != NULL || request->crowded) {
		show_kept(request, answer, 200, NULL);
		return;
	}
	/* Its session being over, no token could hold: that is what is to be told. */
	request->stale = false;
	page_reply_send(request, answer);
}

/* The text in front, then what came with the form, then what was in the draft. */
static enum status
commit_reply(struct request *request, const struct draft *draft)
{
	struct upload *upload = &request->upload;
	const struct messenger *messenger = &request->site->messenger;
	struct reply *reply;
	int64_t retry_at;
	enum status status = upload->status;

	if (status == STATUS_OK)
		status =
		    messenger_reply_count(messenger, &upload->delivery, request->now, &retry_at);
	if (status == STATUS_OK && upload->reply == NULL)
		status = begin_reply(request, draft->file_count > 0);
	if (status == STATUS_OK)
		status = messenger_reply_add_draft(upload->reply, request->opened, draft);
	if (status != STATUS_OK)
		return status;
	reply = upload->reply;
	upload->reply = NULL; /* the commit frees it, whatever happens */
	return messenger_reply_commit(reply);
}

static void
send_reply(struct request *request, struct answer *answer)
{
	struct upload *upload = &request->upload;
	struct draft draft;
	enum status status = messenger_draft_open(&request->site->messenger, request->opened,
						  request->arena, &draft);

	if (status == STATUS_OK && upload->files == 0 && draft.file_count == 0 &&
	    !replying_has_words(&upload->text)) {
		show_kept(request, answer, 400, "empty");
		return;
	}
	if (status == STATUS_OK)
		status = commit_reply(request, &draft);
	if (status == STATUS_OK || status == STATUS_CONFLICT) {
		answer_add(answer, "Set-Cookie",
			   session_sent_cookie(request, upload->files + draft.file_count,
					       upload->size + draft.size + upload->text.body.size));
		answer_redirect(answer, request_path(request, "/sent"), request->arena);
		return;
	}
	log_warning("reply-failed", LOG_TEXT("status", status_text(status)));
	show_kept(request, answer, answer_http_status(status),
		  status == STATUS_BUSY ? "too_often" : "failed");
}

static void
save_draft(struct request *request, struct answer *answer)
{
	enum status status = request->upload.status;

	if (status == STATUS_OK)
		status = keep(request);
	if (status == STATUS_OK)
		answer_redirect(answer, request_path(request, "/reply"), request->arena);
	else
		replying_show(request, answer, answer_http_status(status), "failed");
}

void
page_reply_send(struct request *request, struct answer *answer)
{
	struct upload *upload = &request->upload;
	struct slice deed = form_value(&request->form, "do");
	enum status status;

	if (request->opened == NULL && upload->opening == STATUS_UNAVAILABLE) {
		replying_show(request, answer, 503, "failed");
		return;
	}
	if (request->opened == NULL) {
		show_kept(request, answer, 403, "timed_out");
		if (upload->saved)
			answer_add(answer, "Set-Cookie", session_writing_cookie(request, true));
		return;
	}
	status = prepare(request);
	if (status != STATUS_OK)
		replying_show(request, answer, answer_http_status(status), "failed");
	else if (upload->too_many)
		show_kept(request, answer, 413, "too_many");
	else if (upload->too_large || upload->status == STATUS_TOO_LARGE)
		show_kept(request, answer, 413, "too_large");
	else if (slice_equal(deed, SLICE("save")) || slice_equal(deed, SLICE("add")))
		save_draft(request, answer);
	else
		send_reply(request, answer);
}
