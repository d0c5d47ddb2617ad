#include "portal/cookie.h"

bool
cookie_find(struct slice header, const char *name, struct slice *value_out)
{
	struct slice wanted = slice_from_text(name);
	size_t from = 0;

	while (from < header.size) {
		size_t end = slice_find_byte(header, ';', from);
		struct slice pair;
		size_t equals;

		if (end == SLICE_NONE)
			end = header.size;
		pair = slice_trim(slice_part(header, from, end));
		equals = slice_find_byte(pair, '=', 0);
		if (equals != SLICE_NONE && slice_equal(slice_part(pair, 0, equals), wanted)) {
			*value_out = slice_part(pair, equals + 1, pair.size);
			return true;
		}
		from = end + 1;
	}
	return false;
}
