/* mail/header: fields lie where they say, decoded text is clean, encoding it again loses nothing.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mail/header.h"
#include "mail/utf8.h"
#include "mail/words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_words(struct slice value, struct arena *arena)
{
	const char *text = words_text(value, 100000, arena);
	struct slice bytes = slice_from_text(text);
	struct text encoded;

	if (!utf8_is_valid(bytes))
		abort();
	for (size_t position = 0; position < bytes.size;) {
		uint32_t code = utf8_next(bytes, &position);

		if (utf8_on_one_line(code) != code)
			abort();
	}
	text_init(&encoded, bytes.size * 4 + 1000);
	words_encode(bytes, 10, &encoded);
	if (!text_ok(&encoded) ||
	    strcmp(words_text(text_slice(&encoded), 100000, arena), text) != 0)
		abort();
	text_clear(&encoded);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice bytes = slice_of(data, size);
	struct source source = source_from_slice(&bytes);
	struct arena *arena = arena_new();
	struct header_block block;
	uint64_t last = 0;

	check_words(bytes, arena);
	if (header_read(&source, arena, &block) == STATUS_OK) {
		for (size_t i = 0; i < block.count; i++) {
			const struct header_field *field = &block.fields[i];

			if (field->offset < last || field->offset + field->size > block.body ||
			    memcmp(field->name.data, data + field->offset, field->name.size) != 0)
				abort();
			last = field->offset + field->size;
		}
		if (block.body > size)
			abort();
	}
	arena_free(arena);
	return 0;
}
