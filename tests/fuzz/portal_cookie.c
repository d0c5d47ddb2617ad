/* Cookie fields: what is found lies within the field and ends before the next cookie. */
#include <stdint.h>
#include <stdlib.h>

#include "portal/cookie.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice value;

	if (cookie_find(slice_of(data, size), "__Secure-postern", &value) &&
	    (value.data < data || value.data + value.size > data + size ||
	     slice_find_byte(value, ';', 0) != SLICE_NONE))
		abort();
	return 0;
}
