/*
 * /r/SECRET/message: the message as text, its files, and what can be done with it.
 */
#include "portal/page.h"

#include "base/encode.h"
#include "mail/body.h"
#include "portal/filename.h"

#define BODY_SHOWN_MAX ((size_t)262144)
#define MAILBOXES_SHOWN_MAX ((size_t)100)
#define FILES_SHOWN_MAX ((size_t)1000)
#define LONG_LINE ((size_t)78) /* characters */

static const char *
join_mailboxes(const struct mailbox *mailboxes, size_t count, struct arena *arena)
{
	struct text *text = arena_alloc(arena, sizeof(*text));

	text_init_in(text, arena, 65536);
	for (size_t i = 0; i < count && i < MAILBOXES_SHOWN_MAX; i++) {
		if (i > 0)
			text_append_text(text, ", ");
		if (*mailboxes[i].name != '\0')
			text_printf(text, "%s <%s>", mailboxes[i].name, mailboxes[i].address);
		else
			text_append_text(text, mailboxes[i].address);
	}
	if (count > MAILBOXES_SHOWN_MAX)
		text_append_text(text, ", \xe2\x80\xa6");
	return text_string(text);
}

static const struct part *
find_role(const struct manifest *manifest, enum part_role role)
{
	for (size_t i = 0; i < manifest->part_count; i++)
		if (manifest->parts[i].role == role)
			return &manifest->parts[i];
	return NULL;
}

/* The plain text where there is any, else the HTML as text. */
static enum status
gather_body(const struct opened *opened, struct text *body, bool *html_failed_out)
{
	const struct manifest *manifest = &opened->manifest;
	const struct part *html = find_role(manifest, PART_HTML);
	enum status status = STATUS_OK;

	*html_failed_out = false;
	for (size_t i = 0; i < manifest->part_count && status == STATUS_OK && text_ok(body); i++)
		if (manifest->parts[i].role == PART_TEXT)
			status = body_text(&opened->message_source, &manifest->parts[i], body);
	if (status != STATUS_OK || html == NULL || find_role(manifest, PART_TEXT) != NULL)
		return status;
	status = body_html_to_text(&opened->message_source, html, body);
	if (status == STATUS_TOO_LARGE) {
		*html_failed_out = true;
		return STATUS_OK;
	}
	return status;
}

static void
put_block(struct template_list *blocks, struct slice text, bool is_long)
{
	struct template_values *block;

	if (text.size == 0)
		return;
	block = template_list_add(blocks);
	template_put_slice(block, "text", text);
	template_put_flag(block, "long", is_long);
}

/* Text browsers cut preformatted lines that are wider than the screen, so that a long line goes out
 * as a paragraph of its own; all others stay together as they were written. */
static void
put_blocks(struct template_values *values, struct slice body)
{
	struct template_list *blocks = template_put_list(values, "blocks");
	size_t begin = 0;

	for (size_t at = 0; at < body.size;) {
		size_t end = slice_find_byte(body, '\n', at);
		struct slice line = slice_part(body, at, end == SLICE_NONE ? body.size : end);
		size_t next = at + line.size + (end == SLICE_NONE ? 0 : 1);

		if (slice_count_characters(line) > LONG_LINE) {
			put_block(blocks, slice_part(body, begin, at), false);
			put_block(blocks, line, true);
			begin = next;
		}
		at = next;
	}
	put_block(blocks, slice_part(body, begin, body.size), false);
}

static void
put_files(const struct request *request, struct template_values *values)
{
	const struct manifest *manifest = &request->opened->manifest;
	struct template_list *list = template_put_list(values, "files");
	size_t count = 0;

	for (size_t i = 0; i < manifest->part_count && count < FILES_SHOWN_MAX; i++) {
		const struct part *part = &manifest->parts[i];
		struct template_values *file;
		const char *name = filename_or_default(part->name, part->type);

		if (part->role != PART_FILE && part->role != PART_INLINE)
			continue;
		file = template_list_add(list);
		count++;
		template_put_number(file, "number", part->number);
		template_put_text(file, "name", name);
		template_put_text(file, "type_text", filename_content_type(part->type));
		page_put_size(file, "size_text", part->decoded_size);
		template_put_text(file, "url",
				  arena_printf(request->arena, "%s/file/%u/%s",
					       request_path(request, ""), part->number,
					       filename_path_segment(name, request->arena)));
	}
	template_put_flag(values, "has_files", count > 0);
}

static void
show(struct request *request, struct answer *answer, int http_status)
{
	const struct opened *opened = request->opened;
	const struct manifest *manifest = &opened->manifest;
	struct template_values *values = page_values(request, CSRF_SESSION);
	unsigned long long sent[2];
	bool html_failed;
	struct text *body = arena_alloc(request->arena, sizeof(*body));
	enum status status;

	text_init_in(body, request->arena, BODY_SHOWN_MAX);
	status = gather_body(opened, body, &html_failed);
	if (status != STATUS_OK) {
		page_failure(request, answer, status);
		return;
	}
	template_put_text(values, "base", request_path(request, ""));
	template_put_text(values, "subject", manifest->subject);
	template_put_text(values, "from_name", manifest->from.name);
	template_put_text(values, "from_address", manifest->from.address);
	template_put_text(values, "to",
			  join_mailboxes(manifest->to, manifest->to_count, request->arena));
	template_put_text(values, "cc",
			  join_mailboxes(manifest->cc, manifest->cc_count, request->arena));
	template_put_text(values, "date", manifest->date);
	page_put_time(values, "until", opened->expires_at);
	page_put_time(values, "session_until", opened->session_ends_at);
	put_blocks(values, text_slice(body));
	template_put_flag(values, "body_cut", !text_ok(body));
	template_put_flag(values, "no_body", slice_trim(text_slice(body)).size == 0);
	template_put_flag(values, "has_original", find_role(manifest, PART_HTML) != NULL);
	template_put_flag(values, "html_failed", html_failed);
	template_put_flag(values, "can_reply", *opened->sender_address != '\0');
	template_put_flag(values, "replied", session_sent(request, &sent[0], &sent[1]));
	template_put_flag(values, "sure_missing", http_status == 400);
	put_files(request, values);
	page_show(request, answer, http_status, "pages/message", values);
}

void
page_message(struct request *request, struct answer *answer)
{
	show(request, answer, 200);
}

void
page_message_close(struct request *request, struct answer *answer)
{
	enum status status = messenger_close(&request->site->messenger, request->token);

	if (status != STATUS_OK && status != STATUS_DENIED && status != STATUS_NOT_FOUND) {
		page_failure(request, answer, status);
		return;
	}
	answer_add(answer, "Set-Cookie", session_cookie_end(request));
	answer_redirect_anew(answer, request_path(request, ""), request->now, request->arena);
}

void
page_message_destroy(struct request *request, struct answer *answer)
{
	enum status status;

	if (!request_is_sure(request)) {
		show(request, answer, 400);
		return;
	}
	status =
	    messenger_destroy(&request->site->messenger, &request->opened->delivery, request->now);
	if (status != STATUS_OK && status != STATUS_CONFLICT && status != STATUS_GONE) {
		page_failure(request, answer, status);
		return;
	}
	answer_add(answer, "Set-Cookie", session_cookie_end(request));
	answer_redirect_anew(answer, request_path(request, ""), request->now, request->arena);
}
