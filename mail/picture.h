/*
 * What the first bytes of a picture say: its form and its size in pixels.  Nothing is decoded.
 * Forms are told by what the bytes are, never by a label or a name.
 */
#ifndef MAIL_PICTURE_H
#define MAIL_PICTURE_H

#include "base/stream.h"

enum picture_form { PICTURE_PNG = 1, PICTURE_JPEG, PICTURE_GIF, PICTURE_WEBP };

struct picture {
	enum picture_form form;
	uint32_t width; /* pixels, both more than 0; as stored, whatever way up it is shown */
	uint32_t height;
};

/* STATUS_INVALID: none of these forms, or its size is not where it should be. */
enum status picture_read(const struct source *source, struct picture *picture_out) MUST_CHECK;

/* "image/png" and its like. */
const char *picture_type(enum picture_form form);

#endif
