#include "mail/reading.h"

#include "base/log.h"
#include "mail/body.h"
#include "mail/pack.h"
#include "mail/reading_exchange.h"
#include "mail/reading_page.h"
#include "mail/utf8.h"

static enum status
nonsense(const char *label, enum reading_kind kind)
{
	log_warning("reading-failed", LOG_TEXT("message", label),
		    LOG_TEXT("task", reading_tasks[kind].name), LOG_TEXT("why", "nonsense"));
	return STATUS_INVALID;
}

/* One exchange, of which only the result counts. */
static enum status
ask(struct reader *reader, enum reading_kind kind, const char *label, struct text *request,
    const struct source *message, struct arena *arena, struct slice *result_out)
{
	struct exchange answer;
	enum status status;

	if (!text_ok(request))
		return STATUS_TOO_LARGE;
	status = exchange(reader, kind, label, text_slice(request), message, arena, &answer);
	if (status == STATUS_OK)
		status = answer.status;
	if (status == STATUS_OK)
		*result_out = answer.result;
	return status;
}

static struct text *
new_request(enum reading_kind kind, struct arena *arena)
{
	struct text *request = arena_alloc(arena, sizeof(*request));

	text_init_in(request, arena, reading_tasks[kind].request_max);
	return request;
}

/* How each request names its message's parts. */
static enum status
pack_manifest(struct text *request, const struct manifest *manifest, struct arena *arena)
{
	struct slice bytes;
	enum status status = manifest_write(manifest, arena, &bytes);

	if (status == STATUS_OK)
		pack_bytes(request, bytes);
	return status;
}

enum status
reading_page(struct reader *reader, const struct page_wish *wish, struct arena *arena,
	     struct page_reading *page_out)
{
	struct text *request = new_request(READING_PAGE, arena);
	struct slice result = {NULL, 0};
	enum status status;

	pack_number(request, wish->letter != NULL, 1);
	pack_number(request, wish->letter == NULL ? 0 : wish->letter->number, 4);
	pack_number(request, wish->wants, 1);
	pack_number(request, wish->text_max, 4);
	pack_number(request, wish->names_max, 4);
	pack_number(request, wish->look_count, 4);
	for (size_t i = 0; i < wish->look_count; i++) {
		pack_number(request, wish->looks[i].part, 4);
		pack_number(request, wish->looks[i].kind, 1);
	}
	status = pack_manifest(request, wish->manifest, arena);
	if (status == STATUS_OK)
		status =
		    ask(reader, READING_PAGE, wish->label, request, wish->message, arena, &result);
	if (status != STATUS_OK)
		return status;
	return reading_page_check(result, wish, arena, page_out) == STATUS_OK
		   ? STATUS_OK
		   : nonsense(wish->label, READING_PAGE);
}

enum status
reading_text(struct reader *reader, const char *label, const struct source *message,
	     const struct manifest *manifest, struct arena *arena, struct text *text,
	     unsigned *flags_out)
{
	size_t left = text->limit - text->size;
	struct page_wish wish = {.label = label,
				 .message = message,
				 .manifest = manifest,
				 .wants = PAGE_TEXT,
				 .text_max = left < PAGE_TEXT_MAX ? left : PAGE_TEXT_MAX};
	struct page_reading page;
	enum status status = reading_page(reader, &wish, arena, &page);

	*flags_out = 0;
	if (status != STATUS_OK)
		return status;
	for (size_t i = 0; i < page.piece_count; i++)
		text_append(text, page.pieces[i].text);
	*flags_out =
	    (page.text_cut ? READING_CUT : 0) | (page.html_refused ? READING_HTML_REFUSED : 0);
	return STATUS_OK;
}

enum status
reading_original(struct reader *reader, const char *label, const struct source *message,
		 const struct manifest *manifest, const struct part *html, struct arena *arena,
		 struct text *out)
{
	struct text *request = new_request(READING_ORIGINAL, arena);
	struct slice result = {NULL, 0};
	enum status status;

	pack_number(request, html->number, 4);
	status = pack_manifest(request, manifest, arena);
	if (status == STATUS_OK)
		status = ask(reader, READING_ORIGINAL, label, request, message, arena, &result);
	if (status != STATUS_OK)
		return status;
	if (!utf8_is_valid(result))
		return nonsense(label, READING_ORIGINAL);
	if (result.size > out->limit - out->size)
		return STATUS_TOO_LARGE;
	text_append(out, result);
	return STATUS_OK;
}

/* Whether its bytes come out of more than transfer encodings. */
static bool
is_packed(const struct part *part)
{
	for (; part != NULL; part = part->inside)
		if (part->encoding == PART_RTF)
			return true;
	return false;
}

enum status
reading_open(struct reader *reader, const char *label, const struct source *message,
	     const struct manifest *manifest, const struct part *part, struct arena *arena,
	     struct source *decoded_out)
{
	struct text *request;
	struct slice *result;
	enum status status;

	if (!is_packed(part))
		return body_open(message, part, arena, decoded_out);
	request = new_request(READING_FILE, arena);
	result = arena_alloc(arena, sizeof(*result));
	pack_number(request, part->number, 4);
	status = pack_manifest(request, manifest, arena);
	if (status == STATUS_OK)
		status = ask(reader, READING_FILE, label, request, message, arena, result);
	if (status != STATUS_OK)
		return status;
	if (result->size != part->decoded_size)
		return nonsense(label, READING_FILE);
	*decoded_out = source_from_slice(result);
	return STATUS_OK;
}
