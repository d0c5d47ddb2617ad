/* mail/archive: whatever an archive says, the listing keeps to its bounds. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mail/archive.h"
#include "mail/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct slice bytes = slice_of(data, size);
	struct source source = source_from_slice(&bytes);
	struct archive_listing listing;

	if (archive_list(&source, arena, &listing) == STATUS_OK) {
		if (listing.item_count > ARCHIVE_ITEMS_MAX || listing.files < listing.item_count)
			abort();
		for (size_t i = 0; i < listing.item_count; i++) {
			struct slice name = slice_from_text(listing.items[i].name);

			if (name.size > ARCHIVE_NAME_MAX || !utf8_is_valid(name) ||
			    slice_find_byte(name, '\n', 0) != SLICE_NONE)
				abort();
			if (listing.items[i].is_risky && !listing.holds_risky)
				abort();
		}
	}
	arena_free(arena);
	return 0;
}
