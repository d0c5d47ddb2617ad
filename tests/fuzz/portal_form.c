/* Forms from anybody: whatever is taken has no name twice, and no more fields than there is room
 * for. */
#include <stdint.h>
#include <stdlib.h>

#include "portal/form.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct form form = {.count = 0};

	if (form_parse(slice_of(data, size), arena, &form) == STATUS_OK) {
		for (size_t i = 0; i < form.count; i++)
			for (size_t j = 0; j < i; j++)
				if (slice_equal(form.fields[i].name, form.fields[j].name))
					abort();
	} else if (form.count != 0) {
		abort();
	}
	arena_free(arena);
	return 0;
}
