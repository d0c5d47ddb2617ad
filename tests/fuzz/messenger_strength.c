/* A passphrase and a clue from anybody: whatever they are, the estimate is a number and not below
 * nothing. */
#include <math.h>
#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>

#include "messenger/strength.h"

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerInitialize(int *count, char ***arguments)
{
	(void)count;
	(void)arguments;
	/* What a passphrase is normalised in is guarded memory. */
	return sodium_init() < 0 ? 1 : 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice all = slice_of(data, size);
	size_t cut = slice_find_byte(all, '\n', 0);
	struct slice passphrase = slice_part(all, 0, cut == SLICE_NONE ? size : cut);
	struct slice clue = slice_part(all, cut == SLICE_NONE ? size : cut + 1, size);
	const char *words[STRENGTH_WORDS_MAX];
	struct arena *arena = arena_new();
	struct strength strength;
	enum strength_unit unit;
	unsigned number;
	size_t count = 0;

	strength_add_words(clue, arena, words, &count);
	if (count > STRENGTH_WORDS_MAX)
		abort();
	for (int rule = LOCK_EXACT; rule <= LOCK_FORGIVING; rule++) {
		if (strength_estimate((enum lock_rule)rule, passphrase, words, count, arena,
				      &strength) != STATUS_OK)
			continue;
		if (!isfinite(strength.bits) || strength.bits < 0)
			abort();
		strength_round(&strength, &number, &unit);
		if (number < 1 || number > 999)
			abort();
	}
	arena_free(arena);
	return 0;
}
