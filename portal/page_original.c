/*
 * /r/SECRET/original: a page with a frame, and the frame's content: the HTML
 * body, sanitised, under a policy of its own.  A sandboxed frame sends no
 * cookie with its pictures, so the letter's own pictures travel inside it
 * (mail/reading_original.c).
 */
#include "portal/page.h"

#include "portal/ask.h"
#include "portal/letter.h"

/* The HTML body that N of the path names; without N the message's own. */
static const struct part *
find_html(const struct request *request)
{
	const struct manifest *manifest = &request->opened->manifest;

	if (!request->has_number)
		return shown_html(manifest, NULL);
	if (request->number >= manifest->part_count ||
	    manifest->parts[request->number].role != PART_HTML)
		return NULL;
	return &manifest->parts[request->number];
}

void
page_original(struct request *request, struct answer *answer)
{
	struct template_values *values = page_values(request, CSRF_SESSION);
	const struct manifest *manifest = &request->opened->manifest;
	const struct part *html = find_html(request), *letter = NULL;
	const char *subject = "";
	enum status status = STATUS_NOT_FOUND;

	if (html != NULL) {
		letter = manifest_letter(manifest, html);
		status = letter_subject(request, letter, &subject);
	}
	if (status != STATUS_OK) {
		page_failure(request, answer, status);
		return;
	}
	template_put_text(values, "back",
			  letter == NULL
			      ? request_path(request, "/message")
			      : arena_printf(request->arena, "%s/%u",
					     request_path(request, "/message"), letter->number));
	template_put_text(values, "content_url",
			  arena_printf(request->arena, "%s/%u/content",
				       request_path(request, "/original"), html->number));
	template_put_text(values, "subject", subject);
	page_show(request, answer, 200, "pages/original", values);
}

void
page_original_content(struct request *request, struct answer *answer)
{
	const struct opened *opened = request->opened;
	const struct part *html = find_html(request);
	enum status status = STATUS_NOT_FOUND;

	if (html != NULL)
		status = reading_original(request->site->messenger.reader, ask_label(request),
					  &opened->message_source, &opened->manifest, html,
					  request->arena, &answer->page);
	if (status == STATUS_INVALID || status == STATUS_TOO_LARGE) {
		text_reset(&answer->page);
		page_show(request, answer, 200, "pages/unshown", page_values(request, CSRF_NONE));
		answer->kind = ANSWER_FRAME;
		return;
	}
	if (status != STATUS_OK) {
		text_reset(&answer->page);
		page_failure(request, answer, status);
		return;
	}
	answer->kind = ANSWER_FRAME;
	answer->status = 200;
	answer->type = "text/html; charset=utf-8";
	answer->body = text_slice(&answer->page);
}
