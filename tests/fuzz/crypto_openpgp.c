/* crypto/openpgp_packet: whatever keys are said to be, what is written of them is read back as the
 * same, and is never more than was read. */
#include <stdint.h>
#include <stdlib.h>

#include "crypto/openpgp_packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t
count_signatures(const struct openpgp_block *block)
{
	size_t count = 0;

	for (size_t at = 0; at < block->count; at++)
		count += block->components[at].signature_count;
	return count;
}

static void
check_block(const struct openpgp_block *block, size_t size)
{
	struct arena *arena = arena_new();
	struct openpgp_block *again;
	struct text out;
	size_t count;

	if (block->count == 0 || block->count > OPENPGP_COMPONENTS_MAX ||
	    block->components[0].kind != OPENPGP_PRIMARY ||
	    count_signatures(block) != block->signature_count ||
	    block->signature_count > OPENPGP_SIGNATURES_MAX)
		abort();
	text_init(&out, OPENPGP_MATERIAL_MAX);
	openpgp_write_block(block, NULL, NULL, &out);
	if (!text_ok(&out) || out.size > size)
		abort();
	/* A block with a secret subkey drops signatures from there on. */
	if (!block->secret &&
	    (openpgp_read_blocks(text_slice(&out), arena, &again, &count) != STATUS_OK ||
	     count != 1 || again[0].count != block->count ||
	     again[0].signature_count != block->signature_count))
		abort();
	text_clear(&out);
	arena_free(arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct openpgp_block *blocks;
	size_t count;

	if (openpgp_read_blocks(slice_of(data, size), arena, &blocks, &count) == STATUS_OK) {
		if (count == 0 || count > OPENPGP_BLOCKS_MAX)
			abort();
		for (size_t at = 0; at < count; at++)
			check_block(&blocks[at], size);
	}
	arena_free(arena);
	return 0;
}
