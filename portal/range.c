#include "portal/range.h"

/* Both are numbers here; `last` is the position of the last byte, as RFC 9110 counts. */
static enum range_result
give(uint64_t first, uint64_t last, uint64_t size, uint64_t *from_out, uint64_t *to_out)
{
	if (last < first)
		return RANGE_WHOLE;
	if (first >= size)
		return RANGE_UNSATISFIABLE;
	*from_out = first;
	*to_out = last < size ? last + 1 : size;
	return RANGE_PART;
}

enum range_result
range_parse(struct slice header, uint64_t size, uint64_t *from_out, uint64_t *to_out)
{
	struct slice unit = SLICE("bytes=");
	unsigned long long first;
	unsigned long long last;
	struct slice range;
	struct slice behind;
	size_t dash;

	if (!slice_starts_nocase(header, unit))
		return RANGE_WHOLE;
	range = slice_trim(slice_part(header, unit.size, header.size));
	dash = slice_find_byte(range, '-', 0);
	if (dash == SLICE_NONE)
		return RANGE_WHOLE;
	behind = slice_part(range, dash + 1, range.size);
	if (dash == 0) {
		/* The last so many bytes. */
		if (!slice_to_number(behind, &last))
			return RANGE_WHOLE;
		if (last == 0 || size == 0)
			return RANGE_UNSATISFIABLE;
		return give(last < size ? size - last : 0, size - 1, size, from_out, to_out);
	}
	if (!slice_to_number(slice_part(range, 0, dash), &first))
		return RANGE_WHOLE;
	if (behind.size == 0)
		return give(first, UINT64_MAX, size, from_out, to_out);
	if (!slice_to_number(behind, &last))
		return RANGE_WHOLE;
	return give(first, last, size, from_out, to_out);
}

bool
range_tag_listed(struct slice header, const char *tag)
{
	struct slice wanted = slice_from_text(tag);
	size_t from = 0;

	if (slice_equal(slice_trim(header), SLICE("*")))
		return true;
	while (from < header.size) {
		size_t end = slice_find_byte(header, ',', from);
		struct slice item;

		if (end == SLICE_NONE)
			end = header.size;
		item = slice_trim(slice_part(header, from, end));
		if (item.size > 2 && slice_equal(slice_part(item, 0, 2), SLICE("W/")))
			item = slice_part(item, 2, item.size);
		if (slice_equal(item, wanted))
			return true;
		from = end + 1;
	}
	return false;
}

bool
range_tag_same(struct slice header, const char *tag)
{
	return slice_equal(slice_trim(header), slice_from_text(tag));
}
