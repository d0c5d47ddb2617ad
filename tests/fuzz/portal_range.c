/* Range fields: the first byte scales the file's size; a part lies within it and is not empty. */
#include <stdint.h>
#include <stdlib.h>

#include "portal/range.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice header = slice_of(data, size);
	uint64_t length;
	uint64_t from;
	uint64_t to;

	if (size == 0)
		return 0;
	length = data[0] == 0 ? 0 : UINT64_MAX >> (data[0] % 64);
	header = slice_part(header, 1, size);
	if (range_parse(header, length, &from, &to) == RANGE_PART && (from >= to || to > length))
		abort();
	(void)range_tag_listed(header, "\"tag\"");
	(void)range_tag_same(header, "\"tag\"");
	return 0;
}
