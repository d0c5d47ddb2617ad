/*
 * A picture from a stranger made ready for a page: PNG decoded and made smaller
 * where it has more pixels than paper shows; JPEG left as it is, once all of it has been decoded
 * for a try.  All else is told to be none.
 */
#ifndef PDF_PICTURE_H
#define PDF_PICTURE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"

#define PDF_PICTURE_FILE_MAX ((size_t)8388608)
#define PDF_PICTURE_DECODED_MAX ((uint64_t)16777216) /* pixels of a PNG */
#define PDF_PICTURE_JPEG_MAX ((uint64_t)50331648)    /* pixels of a JPEG */
#define PDF_PICTURE_COLUMNS_MAX 1400U		     /* on paper */
#define PDF_PICTURE_ROWS_MAX 2000U

/* What pictures may still cost, all of one PDF together. */
struct pdf_picture_budget {
	uint64_t pixels; /* that are decoded: time */
	size_t memory;	 /* bytes of pixels, which are in memory until the file is written */
	size_t bytes;	 /* of the file that is written */
};

struct pdf_picture {
	uint32_t columns; /* as it is stored */
	uint32_t rows;
	unsigned turn;		     /* how it has to be turned: Exif's Orientation, 1 to 8 */
	struct slice jpeg;	     /* a whole file; empty: pixels */
	const unsigned char *pixels; /* row by row, three bytes each: red, green, blue */
	void *drawn;		     /* the canvas's, once it was drawn; NULL */
};

/* Borrows a JPEG's bytes; pixels live in the arena.  What it costs is taken from *left: time and
 * memory before they are spent, also for what turns out to be none.  STATUS_INVALID: nothing that
 * can be shown; STATUS_TOO_LARGE: too many pixels or bytes, or more than is left. */
enum status pdf_picture_read(struct slice file, struct pdf_picture_budget *left,
			     struct arena *arena, struct pdf_picture *picture_out) MUST_CHECK;

/* Its size as it is seen, once it is turned. */
uint32_t pdf_picture_width(const struct pdf_picture *picture);
uint32_t pdf_picture_height(const struct pdf_picture *picture);

#endif
