/*
 * The task "file": the bytes of a file that is packed in a way of its own (RTF of Outlook).
 */
#include "mail/body.h"
#include "mail/pack.h"
#include "mail/reading_task.h"

static enum status
append(void *context, struct slice bytes)
{
	text_append(context, bytes);
	return STATUS_OK;
}

enum status
reading_file_run(struct reading_job *job)
{
	struct unpack from = {job->request, 0, true};
	uint64_t number = unpack_number(&from, 4);
	struct sink sink = {&job->result, append};
	struct manifest manifest;
	struct source source;
	enum status status;

	if (manifest_read(unpack_bytes(&from), job->arena, &manifest) != STATUS_OK ||
	    !unpack_is_done(&from) || number >= manifest.part_count)
		return STATUS_INVALID;
	status = body_open(job->message, &manifest.parts[number], job->arena, &source);
	return status == STATUS_OK ? source_copy(&source, 0, source.size, &sink) : status;
}
