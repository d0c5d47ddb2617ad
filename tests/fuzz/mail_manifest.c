/* mail/manifest: what is read is written the same. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "mail/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The present version is written as it was read; an older one gets the time that it did not know,
 * and stays as it is from then on. */
static bool
is_written_again(struct slice bytes, const struct manifest *manifest, struct arena *arena)
{
	struct slice again, third;
	struct manifest read;

	if (manifest_write(manifest, arena, &again) != STATUS_OK)
		return false;
	if (bytes.data[3] == again.data[3])
		return slice_equal(again, bytes);
	return again.size == bytes.size + 8 &&
	       slice_equal(slice_part(again, 0, 3), slice_part(bytes, 0, 3)) &&
	       manifest_read(again, arena, &read) == STATUS_OK && read.sent_at == 0 &&
	       manifest_write(&read, arena, &third) == STATUS_OK && slice_equal(third, again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct slice bytes = slice_of(data, size);
	struct manifest manifest;

	if (manifest_read(bytes, arena, &manifest) == STATUS_OK &&
	    !is_written_again(bytes, &manifest, arena))
		abort();
	arena_free(arena);
	return 0;
}
