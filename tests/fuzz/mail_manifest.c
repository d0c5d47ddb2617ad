/* mail/manifest: what is read is written the same; a parsed message's manifest always reads. */
#include <stdint.h>
#include <stdlib.h>

#include "mail/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct manifest manifest;
	struct slice again;

	if (manifest_read(slice_of(data, size), arena, &manifest) == STATUS_OK &&
	    (manifest_write(&manifest, arena, &again) != STATUS_OK ||
	     !slice_equal(again, slice_of(data, size))))
		abort();
	arena_free(arena);
	return 0;
}
