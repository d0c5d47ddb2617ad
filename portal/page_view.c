/*
 * /r/SECRET/view/N/NAME: a file looked at without saving it: a picture, a text, the list of an
 * archive.  Whatever a browser would have to interpret (PDF, HTML, SVG, office documents) is only
 * given out to be saved.
 */
#include "portal/page.h"

#include <string.h>

#include "mail/body.h"
#include "mail/file_kind.h"
#include "mail/utf8.h"
#include "portal/file_values.h"
#include "portal/filename.h"
#include "portal/text_blocks.h"

#define TEXT_SHOWN_MAX ((size_t)131072)
#define NAMES_MAX ((size_t)500)
#define NAME_BYTES_MAX ((size_t)20000)
#define HEAD_SIZE ((size_t)4096)

/* The charset of a text by its first bytes, as it is rarely labelled, and often wrongly; NULL for
 * what is no text. */
static const char *
guess_charset(struct slice head, const char *label)
{
	if (head.size >= 2 &&
	    (memcmp(head.data, "\xff\xfe", 2) == 0 || memcmp(head.data, "\xfe\xff", 2) == 0))
		return "utf-16";
	if (slice_starts_nocase(slice_from_text(label), SLICE("utf-16")) ||
	    slice_starts_nocase(slice_from_text(label), SLICE("utf-32")))
		return label;
	if (memchr(head.data, '\0', head.size) != NULL)
		return NULL;
	if (utf8_is_valid(slice_part(head, 0, utf8_cut(head, HEAD_SIZE - 4))))
		return "utf-8";
	return *label == '\0' || slice_equal_nocase(slice_from_text(label), SLICE("us-ascii"))
		   ? "windows-1252"
		   : label;
}

/* The text as far as there is room; *shown_out is false when it is none. */
static enum status
put_text(struct request *request, const struct part *part, struct template_values *values,
	 bool *shown_out)
{
	const struct source *message = &request->opened->message_source;
	struct text *text = arena_alloc(request->arena, sizeof(*text));
	unsigned char head[HEAD_SIZE];
	struct part plain = *part;
	struct source source;
	size_t size = part->decoded_size < sizeof(head) ? (size_t)part->decoded_size : sizeof(head);
	enum status status = body_open(message, part, request->arena, &source);

	if (status == STATUS_OK)
		status = source_read_exactly(&source, 0, head, size);
	if (status != STATUS_OK)
		return status;
	plain.flowed = false;
	plain.charset = guess_charset(slice_of(head, size), part->charset);
	*shown_out = plain.charset != NULL;
	if (!*shown_out)
		return STATUS_OK;
	text_init_in(text, request->arena, TEXT_SHOWN_MAX);
	status = body_text(message, &plain, text);
	if (status != STATUS_OK)
		return status;
	text_blocks_put(values, text_slice(text));
	template_put_flag(values, "is_text", true);
	template_put_flag(values, "text_cut", !text_ok(text));
	template_put_flag(values, "text_empty", slice_trim(text_slice(text)).size == 0);
	/* Who has read all of it need not take it any more. */
	if (text_ok(text) && request->method == METHOD_GET)
		page_note_taken(request, part);
	return STATUS_OK;
}

/* What is to be shown; false for nothing. */
static enum status
put_content(struct request *request, const struct part *part, struct template_values *values,
	    bool *shown_out)
{
	struct file_budget budget = {1, NAMES_MAX, NAME_BYTES_MAX};
	const char *name = filename_or_default(part->name, part->type);
	enum file_kind kind = file_kind_of(slice_from_text(name), slice_from_text(part->type));
	struct picture picture;
	struct source source;
	enum status status = STATUS_OK;

	template_put_list(values, "blocks");
	file_values_put(request, part, &budget, values);
	*shown_out = kind == FILE_KIND_ZIP;
	template_put_flag(values, "is_archive", kind == FILE_KIND_ZIP);
	if (kind == FILE_KIND_TEXT)
		return put_text(request, part, values, shown_out);
	if (kind != FILE_KIND_PICTURE)
		return STATUS_OK;
	status = body_open(&request->opened->message_source, part, request->arena, &source);
	*shown_out = status == STATUS_OK && file_values_picture(&source, &picture);
	template_put_flag(values, "is_picture", *shown_out);
	return status;
}

void
page_view(struct request *request, struct answer *answer)
{
	const struct part *part = page_find_file(request);
	struct template_values *values = page_values(request, CSRF_SESSION);
	bool shown = false;
	enum status status = STATUS_NOT_FOUND;

	if (part != NULL)
		status = put_content(request, part, values, &shown);
	if (status != STATUS_OK) {
		page_failure(request, answer, status);
		return;
	}
	template_put_text(values, "base", request_path(request, ""));
	template_put_flag(values, "not_shown", !shown);
	page_show(request, answer, 200, "pages/view", values);
}
