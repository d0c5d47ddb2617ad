/* mail/picture: a picture that is one has a form and a size. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mail/picture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice bytes = slice_of(data, size);
	struct source source = source_from_slice(&bytes);
	struct picture picture;

	if (picture_read(&source, &picture) == STATUS_OK &&
	    (picture.width == 0 || picture.height == 0 ||
	     strncmp(picture_type(picture.form), "image/", 6) != 0))
		abort();
	return 0;
}
