/*
 * Message text behind DATA, cut into pieces that the input chooses, against the
 * slow scanner.
 */
#include <stdint.h>
#include <stdlib.h>

#include "tests/unit/ingest/slow_dot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool good)
{
	if (!good)
		abort();
}

/* The first byte is the size of the pieces. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slow_dot slow;
	struct text content;
	struct slice input;
	struct dot dot;
	size_t at = 0;

	if (size == 0)
		return 0;
	input = slice_of(data + 1, size - 1);
	slow_dot_scan(input, &slow);
	dot_init(&dot);
	text_init(&content, (size_t)4194304);
	while (at < input.size && !dot_ended(&dot)) {
		struct slice piece = slice_part(input, at, at + 1 + data[0]);
		size_t had = piece.size;

		while (piece.size > 0 && !dot_ended(&dot))
			text_append(&content, dot_next(&dot, &piece));
		at += had - piece.size;
	}
	check(dot_ended(&dot) == slow.ended && dot.fault == slow.fault && at == slow.used);
	check(content.size <= slow.content.size);
	check(slice_equal(text_slice(&content),
			  slice_part(text_slice(&slow.content), 0, content.size)));
	check(dot.fault != DOT_CLEAN || content.size == slow.content.size);
	text_clear(&content);
	text_clear(&slow.content);
	return 0;
}
