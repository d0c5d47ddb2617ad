/* mail/parse and body: every part lies inside, decodes to its size from the start and from any
 * offset, and the manifest reads back. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mail/body.h"
#include "mail/parse.h"

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerInitialize(int *count, char ***arguments)
{
	(void)count;
	(void)arguments;
	mail_prepare();
	return 0;
}

static void
check_part(const struct source *source, const struct part *part, struct arena *arena)
{
	unsigned char *whole = arena_alloc(arena, (size_t)part->decoded_size + 1);
	unsigned char *again = arena_alloc(arena, (size_t)part->decoded_size + 1);
	struct source holder, decoded;
	struct text text;

	if (body_holder(source, part, arena, &holder) != STATUS_OK || part->offset > holder.size ||
	    part->size > holder.size - part->offset ||
	    body_open(source, part, arena, &decoded) != STATUS_OK ||
	    source_read_exactly(&decoded, 0, whole, (size_t)part->decoded_size) != STATUS_OK)
		abort();
	for (size_t step = 0; step < 8; step++) {
		size_t from = (size_t)part->decoded_size * ((step * 5) % 8) / 8;
		size_t want = (size_t)part->decoded_size - from;

		if (source_read_exactly(&decoded, from, again, want) != STATUS_OK ||
		    memcmp(whole + from, again, want) != 0)
			abort();
	}
	text_init(&text, 1000000);
	if (part->role == PART_TEXT && body_text(source, part, &text) != STATUS_OK)
		abort();
	text_clear(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct edits none;
	struct slice bytes = slice_of(data, size), written;
	struct source source = source_from_slice(&bytes);
	struct arena *arena = arena_new();
	struct manifest manifest, read;

	if (mail_parse(&source, &none, arena, &manifest) == STATUS_OK) {
		if (manifest.part_count == 0 || manifest.part_count > MANIFEST_PARTS_MAX ||
		    manifest_write(&manifest, arena, &written) != STATUS_OK ||
		    manifest_read(written, arena, &read) != STATUS_OK)
			abort();
		for (size_t i = 0; i < manifest.part_count && i < 20; i++)
			check_part(&source, &manifest.parts[i], arena);
	}
	arena_free(arena);
	return 0;
}
