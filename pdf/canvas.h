/*
 * Pages of paper, and what is put on them at a place: characters, lines, links,
 * pictures.  The only one that knows libharu (pdf/canvas_font is a piece of it), which draws into
 * memory; knows nothing of paragraphs.  Points (1/72 inch), counted from the lower left corner.
 *
 * A failure of the library is kept until canvas_finish: what is drawn behind it is nothing.
 */
#ifndef PDF_CANVAS_H
#define PDF_CANVAS_H

#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "pdf/picture.h"

#define CANVAS_WIDTH 595.0F /* A4 */
#define CANVAS_HEIGHT 842.0F
#define CANVAS_PAGES_MAX ((size_t)5000)

struct canvas;

/* Why a font's file cannot be drawn with, whatever it says of itself, for a log; NULL: it can. */
const char *canvas_font_fault(struct slice file);

/* An empty document that lives in the arena; NULL when there is no memory for it. */
struct canvas *canvas_new(struct arena *arena);

/* A new page, on which everything is drawn from now on; false: there are too many, or the library
 * failed. */
bool canvas_add_page(struct canvas *canvas);
size_t canvas_page_count(const struct canvas *canvas);
/* Draw on that page, from 0, from now on. */
void canvas_choose_page(struct canvas *canvas, size_t page);

/* The width of a character of a font (pdf/fonts.h) in thousandths of its size: as
 * struct paragraph_measure wants it, with the canvas as its context. */
int canvas_measure(void *canvas, size_t font, uint32_t code);

struct canvas_text {
	size_t font;
	float size;
	uint32_t colour; /* 0xRRGGBB */
	float x;
	float y; /* of the base line */
};

/* Characters from left to right, none beyond U+FFFF. */
void canvas_draw_text(struct canvas *canvas, const struct canvas_text *text, const uint32_t *codes,
		      size_t count);

/* A filled rectangle: lines are thin ones. */
void canvas_draw_bar(struct canvas *canvas, float x, float y, float width, float height,
		     uint32_t colour);

/* The rectangle leads to an address of visible ASCII. */
void canvas_add_link(struct canvas *canvas, float x, float y, float width, float height,
		     const char *link);

/* A picture in a rectangle; one that is drawn again stands in the file once.  False: the library
 * takes none of it. */
bool canvas_draw_picture(struct canvas *canvas, float x, float y, float width, float height,
			 struct pdf_picture *picture);

/* All pages as PDF, in an arena that may be another one than the canvas's.  STATUS_INVALID:
 * something that was drawn could not be; STATUS_TOO_LARGE: more than `limit` bytes. */
enum status canvas_finish(struct canvas *canvas, size_t limit, struct arena *arena,
			  struct slice *pdf_out) MUST_CHECK;

#endif
