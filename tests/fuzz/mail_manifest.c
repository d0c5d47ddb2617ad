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
	    (manifest_write(&manifest, arena, &again) != STATUS_OK || again.size != size ||
	     /* The version may be an older one. */
	     !slice_equal(slice_part(again, 0, 3), slice_of(data, 3)) ||
	     !slice_equal(slice_part(again, 4, size), slice_of(data + 4, size - 4))))
		abort();
	arena_free(arena);
	return 0;
}
