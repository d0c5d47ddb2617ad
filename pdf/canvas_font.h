/*
 * A font's file in libharu, which reads it from memory: its own functions open files.
 * Inside of pdf/canvas only.
 */
#ifndef PDF_CANVAS_FONT_H
#define PDF_CANVAS_FONT_H

#include <hpdf.h>
#include <stdint.h>

#include "base/slice.h"

struct canvas_font {
	bool tried;
	HPDF_FontDef definition;
	HPDF_Font font; /* NULL: it cannot be drawn with */
	struct slice bytes;
	size_t at;	 /* where the library reads */
	int16_t *widths; /* the canvas's, of each character */
};

/* Open it in a document, as its font of that number, from 0 to 25; bytes and place must stay for as
 * long as the document. */
void
canvas_font_open(HPDF_Doc document, size_t number, struct slice bytes, struct canvas_font *font);

#endif
