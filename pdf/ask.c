#include "pdf/ask.h"

#include "base/log.h"
#include "mail/pack.h"
#include "mail/reading_exchange.h"

/* What stands behind the last object: the trailer, and where the table is. */
#define TRAILER_MAX ((size_t)4096)

bool
pdf_is_whole(struct slice bytes, bool encrypted)
{
	struct slice end = SLICE("%%EOF\n"), front = SLICE("%PDF-1."), tail;
	size_t begin = bytes.size > TRAILER_MAX ? bytes.size - TRAILER_MAX : 0;

	if (bytes.size < front.size + end.size ||
	    !slice_equal(slice_part(bytes, 0, front.size), front) ||
	    !slice_equal(slice_part(bytes, bytes.size - end.size, bytes.size), end))
		return false;
	tail = slice_part(bytes, begin, bytes.size);
	return !encrypted || slice_find(tail, SLICE("/Encrypt "), 0) != SLICE_NONE;
}

static enum status
write_request(const struct pdf_wish *wish, struct arena *arena, struct text *request)
{
	struct slice document, manifest = {NULL, 0};
	enum status status = document_pack(wish->document, &document);

	if (status == STATUS_OK && wish->manifest != NULL)
		status = manifest_write(wish->manifest, arena, &manifest);
	if (status != STATUS_OK)
		return status;
	pack_bytes(request, document);
	pack_bytes(request, wish->logo);
	pack_bytes(request,
		   wish->password == NULL ? slice_of(NULL, 0) : secret_slice(wish->password));
	pack_number(request, wish->file_count, 4);
	for (size_t i = 0; i < wish->file_count; i++) {
		pack_number(request, wish->files[i].part->number, 4);
		pack_bytes(request, slice_from_text(wish->files[i].name));
		pack_bytes(request, slice_from_text(wish->files[i].type));
	}
	pack_bytes(request, manifest);
	return text_ok(request) ? STATUS_OK : STATUS_TOO_LARGE;
}

enum status
pdf_make(struct reader *reader, const struct pdf_wish *wish, struct arena *arena,
	 struct slice *pdf_out)
{
	struct slice nothing = {NULL, 0};
	struct source none = source_from_slice(&nothing);
	struct exchange answer;
	struct text request;
	enum status status;

	if (!reader_has_fonts(reader))
		return STATUS_NOT_FOUND;
	text_init(&request, reading_tasks[READING_PDF].request_max);
	status = write_request(wish, arena, &request);
	if (status == STATUS_OK)
		status = exchange(reader, READING_PDF, wish->label, text_slice(&request),
				  wish->message == NULL ? &none : wish->message, arena, &answer);
	text_clear(&request);
	if (status == STATUS_OK)
		status = answer.status;
	if (status != STATUS_OK)
		return status;
	if (!pdf_is_whole(answer.result, wish->password != NULL)) {
		log_warning("reading-failed", LOG_TEXT("message", wish->label),
			    LOG_TEXT("task", reading_tasks[READING_PDF].name),
			    LOG_TEXT("why", "nonsense"));
		return STATUS_INVALID;
	}
	*pdf_out = answer.result;
	return STATUS_OK;
}
