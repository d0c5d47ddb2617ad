/*
 * /r/SECRET/file/N/NAME, /r/SECRET/message.eml and /r/SECRET/files.zip: streamed, and never shown
 * by the browser itself; /r/SECRET/picture/N/NAME: a picture on a page of ours.  NAME is for the
 * eye only; N decides.
 */
#include "portal/page.h"

#include "base/encode.h"
#include "base/log.h"
#include "mail/file_name.h"
#include "messenger/receipt.h"
#include "messenger/shown_letter.h"
#include "portal/ask.h"
#include "portal/bundle.h"
#include "portal/file_values.h"
#include "portal/filename.h"
#include "portal/range.h"

const struct part *
page_find_file(const struct request *request)
{
	const struct manifest *manifest = &request->opened->manifest;

	for (size_t i = 0; i < manifest->part_count; i++) {
		const struct part *part = &manifest->parts[i];

		if (part->number == request->number && shown_is_file(part))
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
	/* RFC 9110 section 14.2: ranges are for GET only. */
	if (headers->range.size > 0 && request->method == METHOD_GET &&
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

/* Files on their way to their reader. */
struct giving {
	const struct request *request;
	const struct taken_file *files;
	size_t count;
};

/* The last byte has gone: now they are taken. */
static void
note_taken(void *context)
{
	const struct giving *giving = context;
	const struct request *request = giving->request;
	enum status status = messenger_take(&request->site->messenger, &request->opened->delivery,
					    giving->files, giving->count, request->now);

	if (status != STATUS_OK)
		log_warning("not-noted-as-taken", LOG_TEXT("status", status_text(status)));
}

void
page_watch_files(struct request *request, struct answer *answer, const struct part *const *parts,
		 size_t count)
{
	struct giving *giving = arena_alloc(request->arena, sizeof(*giving));
	struct taken_file *files = arena_alloc_many(request->arena, count + 1, sizeof(*files));

	for (size_t i = 0; i < count; i++)
		files[i] = (struct taken_file){
		    parts[i]->number, file_name_or_default(parts[i]->name, parts[i]->type)};
	*giving = (struct giving){request, files, count};
	if (request->method == METHOD_HEAD || count == 0 || answer->stream == NULL ||
	    answer->stream_from + answer->stream_size != answer->stream->size)
		return;
	if (answer->stream->size == 0) {
		note_taken(giving);
		return;
	}
	answer->done = note_taken;
	answer->done_context = giving;
}

void
page_note_taken(const struct request *request, const struct part *part)
{
	struct taken_file file = {part->number, file_name_or_default(part->name, part->type)};
	struct giving giving = {request, &file, 1};

	note_taken(&giving);
}

/* The file of the path, its content, and its tag; false when the answer is made. */
static bool
open_file(struct request *request, struct answer *answer, const struct part **part_out,
	  struct source **source_out, const char **tag_out)
{
	const struct part *part = page_find_file(request);
	struct source *source = arena_alloc(request->arena, sizeof(*source));
	char digest[HEX_LENGTH(32) + 1];
	enum status status = STATUS_NOT_FOUND;

	if (part != NULL)
		status = ask_open(request, part, source);
	if (status != STATUS_OK) {
		page_failure(request, answer, status);
		return false;
	}
	encode_hex(slice_of(part->sha256, sizeof(part->sha256)), digest);
	*part_out = part;
	*source_out = source;
	*tag_out = arena_printf(request->arena, "\"%s\"", digest);
	return true;
}

void
page_file(struct request *request, struct answer *answer)
{
	const struct part *part;
	struct source *source;
	const char *tag;

	if (!open_file(request, answer, &part, &source, &tag))
		return;
	answer->type = file_name_content_type(part->type);
	answer_add(
	    answer, "Content-Disposition",
	    filename_disposition(file_name_or_default(part->name, part->type), request->arena));
	give(request, answer, source, tag);
	page_watch_files(request, answer, &part, 1);
}

/* What it is decides the picture itself, not its sender's label: nothing else is ever given out to
 * be shown. */
void
page_picture(struct request *request, struct answer *answer)
{
	const struct part *part;
	struct source *source;
	struct page_wish wish = ask_wish(request, NULL);
	struct page_look look = {.kind = LOOK_PICTURE};
	struct page_reading page;
	const char *tag;
	enum status status;
	bool failed;

	if (!open_file(request, answer, &part, &source, &tag))
		return;
	look.part = part->number;
	wish.looks = &look;
	wish.look_count = 1;
	status = ask_page(request, &wish, &page, &failed);
	if (status == STATUS_OK && !file_values_is_picture(&page.sights[0]))
		status = STATUS_NOT_FOUND;
	if (status != STATUS_OK) {
		page_failure(request, answer, status);
		return;
	}
	answer->type = picture_type(page.sights[0].picture.form);
	give(request, answer, source, tag);
	page_watch_files(request, answer, &part, 1);
}

void
page_files(struct request *request, struct answer *answer)
{
	const struct opened *opened = request->opened;
	const struct bundle_from from = {request->site->messenger.reader, ask_label(request),
					 &opened->message_source, &opened->manifest};
	struct source *zip = arena_alloc(request->arena, sizeof(*zip));
	const struct part **parts;
	size_t count = file_values_list(request, NULL, &parts);
	enum status status = STATUS_NOT_FOUND;

	if (count > 0)
		status = bundle_open_parts(&from, parts, count, opened->manifest.sent_at,
					   request->arena, zip);
	if (status != STATUS_OK) {
		page_failure(request, answer, status);
		return;
	}
	answer->kind = ANSWER_FILE;
	answer->status = 200;
	answer->type = "application/zip";
	answer_add(answer, "Content-Disposition",
		   filename_disposition("files.zip", request->arena));
	/* It is made anew each time, from the front. */
	answer_add(answer, "Accept-Ranges", "none");
	answer->stream = zip;
	answer->stream_size = zip->size;
	page_watch_files(request, answer, parts, count);
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
