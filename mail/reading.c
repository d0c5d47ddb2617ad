#include "mail/reading.h"

#include "base/log.h"
#include "mail/pack.h"
#include "mail/reading_check.h"
#include "mail/reading_exchange.h"
#include "mail/utf8.h"

/* The page's text: plain where there is any, else the HTML's. */
static size_t
choose_parts(const struct manifest *manifest, struct text *packed)
{
	const enum part_role roles[] = {PART_TEXT, PART_HTML};
	size_t count = 0;

	for (size_t role = 0; role < 2 && count == 0; role++) {
		for (size_t i = 0; i < manifest->part_count; i++) {
			if (manifest->parts[i].role != roles[role])
				continue;
			pack_part(packed, &manifest->parts[i]);
			count++;
			if (roles[role] == PART_HTML)
				break;
		}
	}
	return count;
}

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

enum status
reading_text(struct reader *reader, const char *label, const struct source *message,
	     const struct manifest *manifest, struct arena *arena, struct text *text,
	     unsigned *flags_out)
{
	size_t limit = text->limit - text->size;
	size_t most = reading_tasks[READING_TEXT].result_max - 1;
	struct text *request = new_request(READING_TEXT, arena);
	struct text *parts = new_request(READING_TEXT, arena);
	size_t count = choose_parts(manifest, parts);
	struct slice result = {NULL, 0}, shown;
	enum status status;

	*flags_out = 0;
	if (count == 0)
		return STATUS_OK;
	pack_number(request, limit < most ? limit : most, 4);
	pack_number(request, count, 4);
	text_append(request, text_slice(parts));
	if (!text_ok(parts))
		return STATUS_TOO_LARGE;
	status = ask(reader, READING_TEXT, label, request, message, arena, &result);
	if (status != STATUS_OK)
		return status;
	if (reading_check_text(result, limit, &shown, flags_out) != STATUS_OK)
		return nonsense(label, READING_TEXT);
	text_append(text, shown);
	return STATUS_OK;
}

static const struct part *
find_html(const struct manifest *manifest)
{
	for (size_t i = 0; i < manifest->part_count; i++)
		if (manifest->parts[i].role == PART_HTML)
			return &manifest->parts[i];
	return NULL;
}

enum status
reading_original(struct reader *reader, const char *label, const struct source *message,
		 const struct manifest *manifest, struct arena *arena, struct text *html)
{
	const struct part *body = find_html(manifest);
	struct text *request = new_request(READING_ORIGINAL, arena);
	struct text *pictures = new_request(READING_ORIGINAL, arena);
	struct slice result = {NULL, 0};
	size_t count = 0;
	enum status status;

	if (body == NULL)
		return STATUS_NOT_FOUND;
	for (size_t i = 0; i < manifest->part_count; i++) {
		const struct part *part = &manifest->parts[i];

		if ((part->role != PART_INLINE && part->role != PART_FILE) ||
		    *part->content_id == '\0')
			continue;
		pack_part(pictures, part);
		count++;
	}
	pack_part(request, body);
	pack_number(request, count, 4);
	text_append(request, text_slice(pictures));
	if (!text_ok(pictures))
		return STATUS_TOO_LARGE;
	status = ask(reader, READING_ORIGINAL, label, request, message, arena, &result);
	if (status != STATUS_OK)
		return status;
	if (!utf8_is_valid(result))
		return nonsense(label, READING_ORIGINAL);
	if (result.size > html->limit - html->size)
		return STATUS_TOO_LARGE;
	text_append(html, result);
	return STATUS_OK;
}
