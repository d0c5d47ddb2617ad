/* What lies in a draft: what is read is written back the same. */
#include <stdlib.h>
#include <string.h>

#include "messenger/writing.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct arena *arena = arena_new();
	struct writing writing, again;
	struct slice bytes;

	if (writing_read(slice_of(data, size), arena, &writing) == STATUS_OK) {
		if (writing_write(&writing, arena, &bytes) != STATUS_OK ||
		    writing_read(bytes, arena, &again) != STATUS_OK ||
		    !slice_equal(again.body, writing.body) || again.fresh != writing.fresh ||
		    again.forward != writing.forward ||
		    strcmp(again.subject, writing.subject) != 0 ||
		    again.recipient_count != writing.recipient_count ||
		    again.file_count != writing.file_count)
			abort();
		for (size_t i = 0; i < writing.file_count; i++)
			if (strcmp(again.files[i].name, writing.files[i].name) != 0 ||
			    again.files[i].size != writing.files[i].size)
				abort();
	}
	arena_free(arena);
	return 0;
}
