/*
 * A QR code (ISO/IEC 18004) for pages: as one path of an SVG picture, and as lines of
 * block characters for text browsers.  Both are dark on light, whatever the page's colours:
 * who shows them gives them a light ground.
 */
#ifndef PORTAL_QR_H
#define PORTAL_QR_H

#include "base/arena.h"
#include "base/status.h"

#define QR_QUIET 4 /* modules of light around it, within the size */

struct qr {
	int size;	  /* of the picture's view box, in modules */
	const char *path; /* the dark modules: digits and letters of SVG path data alone */
	/* For each line two rows of modules, in U+2588, U+2580, U+2584 and spaces, with LF at its
	 * end; light modules are the blocks, for light letters on dark ground. */
	const char *blocks;
};

/* STATUS_TOO_LARGE over 1200 bytes. */
enum status qr_draw(struct slice bytes, struct arena *arena, struct qr *qr_out) MUST_CHECK;

#endif
