/*
 * The task "text": what a page shows of a message, from the parts it is told.  The plain text where
 * there is any, else the HTML as text.  The answer's first byte tells of what is missing.
 */
#include "mail/body.h"
#include "mail/pack.h"
#include "mail/reading.h"
#include "mail/reading_task.h"

#define PART_LEAST ((size_t)40)

static enum status
gather(const struct reading_job *job, struct unpack *from, size_t count, struct text *text,
       unsigned *flags)
{
	enum status status = STATUS_OK;

	for (size_t i = 0; i < count && status == STATUS_OK && text_ok(text); i++) {
		struct part part;

		unpack_part(from, job->arena, &part);
		if (!from->good)
			return STATUS_INVALID;
		if (part.role != PART_HTML) {
			status = body_text(job->message, &part, text);
			continue;
		}
		status = body_html_to_text(job->message, &part, text);
		if (status == STATUS_TOO_LARGE) {
			*flags |= READING_HTML_REFUSED;
			status = STATUS_OK;
		}
	}
	return status;
}

enum status
reading_text_run(struct reading_job *job)
{
	struct unpack from = {job->request, 0, true};
	size_t limit = (size_t)unpack_number(&from, 4);
	size_t count = unpack_count(&from, PART_LEAST);
	unsigned flags = 0;
	struct text *text = arena_alloc(job->arena, sizeof(*text));
	enum status status;

	text_init_in(text, job->arena, limit);
	status = gather(job, &from, count, text, &flags);
	if (!text_ok(text))
		flags |= READING_CUT;
	pack_number(&job->result, flags, 1);
	text_append(&job->result, text_slice(text));
	return status;
}
