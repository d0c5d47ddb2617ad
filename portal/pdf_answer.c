#include "portal/pdf_answer.h"

#include "portal/filename.h"

void
pdf_answer(const struct request *request, struct answer *answer, const char *name, struct slice pdf)
{
	struct slice *bytes = arena_alloc(request->arena, sizeof(*bytes));
	struct source *source = arena_alloc(request->arena, sizeof(*source));

	*bytes = pdf;
	*source = source_from_slice(bytes);
	answer->kind = ANSWER_FILE;
	answer->status = 200;
	answer->type = "application/pdf";
	answer_add(answer, "Content-Disposition", filename_disposition(name, request->arena));
	/* Another time it is another file. */
	answer_add(answer, "Accept-Ranges", "none");
	answer->stream = source;
	answer->stream_size = source->size;
}
