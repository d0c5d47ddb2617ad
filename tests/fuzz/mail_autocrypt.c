/* mail/autocrypt: any header has one usable field or none, and its key is no longer than the field.
 */
#include <stdint.h>
#include <stdlib.h>

#include "mail/autocrypt.h"
#include "mail/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int prepared;
	struct arena *arena = arena_new();
	struct slice bytes = slice_of(data, size);
	struct source source = source_from_slice(&bytes);
	struct header_block block;
	struct autocrypt found;

	if (!prepared)
		mail_prepare();
	prepared = 1;
	if (header_read(&source, arena, &block) == STATUS_OK &&
	    autocrypt_read(&block, arena, &found) == STATUS_OK &&
	    (found.key.size == 0 || found.key.size > AUTOCRYPT_FIELD_MAX ||
	     address_check(slice_from_text(found.address), NULL) != STATUS_OK))
		abort();
	arena_free(arena);
	return 0;
}
