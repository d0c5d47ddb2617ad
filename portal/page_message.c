/*
 * /r/SECRET/message: the message as text, its files, and what can be done with it.
 */
#include "portal/page.h"

#include "base/encode.h"
#include "mail/body.h"
#include "portal/file_values.h"
#include "portal/text_blocks.h"

#define BODY_SHOWN_MAX ((size_t)262144)
#define MAILBOXES_SHOWN_MAX ((size_t)100)

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
	text_blocks_put(values, text_slice(body));
	template_put_flag(values, "body_cut", !text_ok(body));
	template_put_flag(values, "no_body", slice_trim(text_slice(body)).size == 0);
	template_put_flag(values, "has_original", find_role(manifest, PART_HTML) != NULL);
	template_put_flag(values, "html_failed", html_failed);
	template_put_flag(values, "can_reply", *opened->sender_address != '\0');
	template_put_flag(values, "replied", session_sent(request, &sent[0], &sent[1]));
	template_put_flag(values, "sure_missing", http_status == 400);
	file_values_put_all(request, values);
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
