/* Paths: a secret is 32 characters, a name never holds a slash, and every match has its row. */
#include <stdint.h>
#include <stdlib.h>

#include "portal/route.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum request_method methods[] = {METHOD_GET, METHOD_HEAD, METHOD_POST,
						      METHOD_OTHER};
	struct slice path = slice_of(data, size);

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		struct route_match match;

		route_find(path, methods[i], &match);
		if (match.route != NULL && match.methods == 0)
			abort();
		if (match.link.size != 0 && match.link.size != 32 && match.methods != 0)
			abort();
		if (slice_find_byte(match.name, '/', 0) != SLICE_NONE)
			abort();
	}
	return 0;
}
