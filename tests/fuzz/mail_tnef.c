/* mail/tnef, mail/rtf_pack: every piece lies inside, names and types are clean, packed RTF unpacks
 * within its bound, and the same however it is read. */
#include <stdint.h>
#include <stdlib.h>

#include "mail/rtf_pack.h"
#include "mail/tnef.h"
#include "mail/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum status
count_bytes(void *context, struct slice bytes)
{
	*(uint64_t *)context += bytes.size;
	return STATUS_OK;
}

static void
unpack(struct slice bytes)
{
	struct source source = source_from_slice(&bytes);
	uint64_t size = 0;
	struct sink sink = {&size, count_bytes};

	if (rtf_unpack(&source, &sink) == STATUS_OK &&
	    (size > RTF_SIZE_MAX || size > (uint64_t)bytes.size * 17 + 4096))
		abort();
}

static void
check_text(const char *text)
{
	struct slice bytes = slice_from_text(text);

	if (!utf8_is_valid(bytes))
		abort();
	for (size_t at = 0; at < bytes.size;) {
		uint32_t code = utf8_next(bytes, &at);

		if (utf8_on_one_line(code) != code)
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice bytes = slice_of(data, size);
	struct source source = source_from_slice(&bytes);
	struct arena *arena = arena_new();
	struct tnef tnef;

	unpack(bytes);
	if (tnef_read(&source, arena, &tnef) == STATUS_OK) {
		if (tnef.count > TNEF_PIECES_MAX)
			abort();
		for (size_t i = 0; i < tnef.count; i++) {
			const struct tnef_piece *piece = &tnef.pieces[i];

			if (piece->offset > size || piece->size > size - piece->offset)
				abort();
			check_text(piece->name);
			check_text(piece->type);
			check_text(piece->content_id);
			if (piece->kind == TNEF_RTF)
				unpack(slice_of(data + piece->offset, (size_t)piece->size));
		}
	}
	arena_free(arena);
	return 0;
}
