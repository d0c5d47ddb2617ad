#include "mail/spans.h"

void
span_pack(struct text *packed, const struct span *span)
{
	pack_number(packed, span->kind, 1);
	pack_number(packed, span->level, 1);
	pack_number(packed, span->begin, 4);
	pack_number(packed, span->end, 4);
}

/* Between two characters, or at an end. */
static bool
is_between(struct slice text, size_t at)
{
	return at == text.size || (at < text.size && (text.data[at] & 0xc0U) != 0x80);
}

static bool
makes_sense(const struct span *span, struct slice text, size_t least)
{
	unsigned most = span->kind == SPAN_HEADING ? 6 : SPAN_LEVEL_MAX;

	if (span->kind < SPAN_BOLD || span->kind > SPAN_BAR)
		return false;
	if (span->kind == SPAN_BOLD || span->kind == SPAN_BAR
		? span->level != 0
		: span->level < 1 || span->level > most)
		return false;
	if (span->kind == SPAN_BAR &&
	    !slice_equal(slice_part(text, span->begin, span->end), SLICE("|")))
		return false;
	return span->begin >= least && span->begin < span->end && is_between(text, span->begin) &&
	       is_between(text, span->end) &&
	       slice_find_byte(slice_part(text, span->begin, span->end), '\n', 0) == SLICE_NONE;
}

bool
spans_read(struct slice packed, struct slice text, struct arena *arena,
	   const struct span **spans_out, size_t *count_out)
{
	struct unpack from = {packed, 0, packed.size % SPAN_SIZE == 0};
	size_t count = packed.size / SPAN_SIZE, least = 0;
	struct span *spans = arena_alloc_many(arena, count, sizeof(*spans));

	for (size_t i = 0; i < count && from.good; i++) {
		spans[i].kind = (enum span_kind)unpack_number(&from, 1);
		spans[i].level = (unsigned)unpack_number(&from, 1);
		spans[i].begin = (size_t)unpack_number(&from, 4);
		spans[i].end = (size_t)unpack_number(&from, 4);
		from.good = from.good && makes_sense(&spans[i], text, least);
		least = spans[i].end;
	}
	if (!from.good)
		return false;
	*spans_out = spans;
	*count_out = count;
	return true;
}
