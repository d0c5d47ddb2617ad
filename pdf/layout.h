/*
 * A document set on pages: where each block stands, how large, in which colour.
 */
#ifndef PDF_LAYOUT_H
#define PDF_LAYOUT_H

#include "pdf/canvas.h"
#include "pdf/document.h"

/* Where pictures come from: the bytes of a part of the message, at most `most`, in the arena, which
 * goes once the picture is on the page.  STATUS_INVALID, STATUS_TOO_LARGE: there is nothing to be
 * shown; all else ends the drawing. */
struct layout_pictures {
	void *context;
	enum status (*read)(void *context, uint32_t part, size_t most, struct arena *arena,
			    struct slice *bytes_out);
	struct slice logo; /* empty: none */
};

/* Draw all blocks.  `arena` is the canvas's.  STATUS_INVALID: that is no document;
 * STATUS_TOO_LARGE: more pages than there may be. */
enum status layout_draw(struct canvas *canvas, const struct document_head *head,
			struct document_reading *reading, const struct layout_pictures *pictures,
			struct arena *arena) MUST_CHECK;

#endif
