/* mail/reading_keys: whatever a message is, its task answers what makes sense; and its header says
 * that there is something, where there is more than a file. */
#include <stdint.h>
#include <stdlib.h>

#include "mail/parse.h"
#include "mail/reading_keys.h"
#include "mail/reading_task.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(struct slice bytes, const struct keys_reading *keys, const struct header_block *block)
{
	bool something = keys->form != SIGNATURE_NONE || keys->autocrypt.size > 0;

	/* (Of types the header's look knows the plain form only.) */
	if ((something && *keys->author == '\0') ||
	    (keys->autocrypt.size > 0 && !header_brings_keys(block)))
		abort();
	if (keys->form == SIGNATURE_APART &&
	    (keys->content_offset > bytes.size ||
	     keys->content_size > bytes.size - keys->content_offset))
		abort();
	/* A decoder makes no more of it than there is. */
	if (keys->signature.size > bytes.size || keys->autocrypt.size > bytes.size)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int prepared;
	struct arena *arena = arena_new();
	struct slice bytes = slice_of(data, size);
	struct source source = source_from_slice(&bytes);
	struct reading_job job = {.message = &source, .arena = arena};
	struct header_block block;
	struct keys_reading keys;

	if (!prepared)
		mail_prepare();
	prepared = 1;
	text_init_in(&job.result, arena, reading_tasks[READING_KEYS].result_max);
	if (header_read(&source, arena, &block) == STATUS_OK &&
	    reading_keys_run(&job) == STATUS_OK) {
		if (!text_ok(&job.result) ||
		    reading_keys_check(text_slice(&job.result), size, arena, &keys) != STATUS_OK)
			abort();
		check(bytes, &keys, &block);
	}
	arena_free(arena);
	return 0;
}
