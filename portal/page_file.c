/*
 * /r/SECRET/file/N/NAME and /r/SECRET/message.eml: streamed, resumable, and never
 * shown by the browser itself.  NAME is for the eye only; N decides.
 */
#include "portal/page.h"

#include "base/encode.h"
#include "base/log.h"
#include "mail/body.h"
#include "messenger/receipt.h"
#include "portal/filename.h"
#include "portal/range.h"

static const struct part *
find_file(const struct manifest *manifest, uint64_t number)
{
	for (size_t i = 0; i < manifest->part_count; i++) {
		const struct part *part = &manifest->parts[i];

		if (part->number == number &&
		    (part->role == PART_FILE || part->role == PART_INLINE))
			return part;
	}
	return NULL;
}

/* Whether the browser's copy counts, and which bytes it still wants. */
static void
give(const struct request *request, struct answer *answer, const struct source *source,
     const char *tag)
{
	const struct request_headers *headers = &request->headers;
	enum range_result result = RANGE_WHOLE;
	uint64_t from = 0;
	uint64_t to = source->size;

	answer->kind = ANSWER_FILE;
	answer_add(answer, "ETag", tag);
	answer_add(answer, "Accept-Ranges", "bytes");
	if (headers->if_none_match.size > 0 && range_tag_listed(headers->if_none_match, tag)) {
		answer->status = 304;
		return;
	}
	if (headers->range.size > 0 &&
	    (headers->if_range.size == 0 || range_tag_same(headers->if_range, tag)))
		result = range_parse(headers->range, source->size, &from, &to);
	if (result == RANGE_UNSATISFIABLE) {
		answer->status = 416;
		answer_add(
		    answer, "Content-Range",
		    arena_printf(request->arena, "bytes */%llu", (unsigned long long)source->size));
		return;
	}
	answer->status = 200;
	if (result == RANGE_PART) {
		answer->status = 206;
		answer_add(answer, "Content-Range",
			   arena_printf(request->arena, "bytes %llu-%llu/%llu",
					(unsigned long long)from, (unsigned long long)to - 1,
					(unsigned long long)source->size));
	}
	answer->stream = source;
	answer->stream_from = from;
	answer->stream_size = to - from;
}

/* A file on its way to its reader. */
struct giving {
	const struct request *request;
	const struct part *part;
};

/* Its last byte has gone: now it is taken. */
static void
note_taken(void *context)
{
	const struct giving *giving = context;
	const struct request *request = giving->request;
	enum status status = messenger_take(
	    &request->site->messenger, &request->opened->delivery, giving->part->number,
	    filename_or_default(giving->part->name, giving->part->type), request->now);

	if (status != STATUS_OK)
		log_warning("not-noted-as-taken", LOG_TEXT("status", status_text(status)));
}

/* Whatever range was asked for: who has the end has the file, or what they wanted of it. */
static void
watch(struct request *request, struct answer *answer, const struct part *part,
      const struct source *source)
{
	struct giving *giving = arena_alloc(request->arena, sizeof(*giving));

	*giving = (struct giving){request, part};
	if (request->method != METHOD_GET || answer->stream == NULL ||
	    answer->stream_from + answer->stream_size != source->size)
		return;
	if (source->size == 0) {
		note_taken(giving);
		return;
	}
	answer->done = note_taken;
	answer->done_context = giving;
}

void
page_file(struct request *request, struct answer *answer)
{
	const struct opened *opened = request->opened;
	const struct part *part = find_file(&opened->manifest, request->number);
	struct source *source = arena_alloc(request->arena, sizeof(*source));
	char digest[HEX_LENGTH(32) + 1];
	enum status status;

	if (part == NULL) {
		page_failure(request, answer, STATUS_NOT_FOUND);
		return;
	}
	status = body_open(&opened->message_source, part, request->arena, source);
	if (status != STATUS_OK) {
		page_failure(request, answer, status);
		return;
	}
	encode_hex(slice_of(part->sha256, sizeof(part->sha256)), digest);
	answer->type = filename_content_type(part->type);
	answer_add(
	    answer, "Content-Disposition",
	    filename_disposition(filename_or_default(part->name, part->type), request->arena));
	give(request, answer, source, arena_printf(request->arena, "\"%s\"", digest));
	watch(request, answer, part, source);
}

void
page_file_message(struct request *request, struct answer *answer)
{
	const struct opened *opened = request->opened;
	char id[ID_TEXT_SIZE];

	answer->type = "message/rfc822";
	answer_add(answer, "Content-Disposition",
		   filename_disposition("message.eml", request->arena));
	give(request, answer, &opened->message_source,
	     arena_printf(request->arena, "\"%s\"", id_text(opened->delivery, id)));
}
