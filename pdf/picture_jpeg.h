/*
 * Whether a JPEG can be decoded, which is found out by doing so.  It goes into the PDF as it is;
 * whoever opens that should not meet a broken one.  Inside of pdf/picture only.
 */
#ifndef PDF_PICTURE_JPEG_H
#define PDF_PICTURE_JPEG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

/* To its last line, of that size, without more work or memory than a picture is worth. */
bool picture_jpeg_decodes(struct slice file, uint32_t width, uint32_t height);

#endif
