/* mail/sent_date: any value is a time or none. */
#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "mail/sent_date.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();

	if (sent_date(arena_text_from(arena, slice_of(data, size))) < 0)
		abort();
	arena_free(arena);
	return 0;
}
