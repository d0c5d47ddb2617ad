/*
 * One paragraph set in lines: wrapped to a width by measured characters, right
 * to left where its text runs so, letters of Arabic joined, a font chosen for
 * each character by who has it.  Knows nothing of pages, nor of how glyphs get there.
 */
#ifndef PDF_PARAGRAPH_H
#define PDF_PARAGRAPH_H

#include "pdf/document.h"
#include "pdf/fonts.h"

/* What draws: the width of a character, in thousandths of the font's size. */
struct paragraph_measure {
	void *context;
	int (*width)(void *context, size_t font, uint32_t code);
};

struct paragraph {
	const struct document_run *runs; /* line ends in them end lines, and 16 KB without one do */
	size_t run_count;
	struct font_style style;
	float size;
	float width;
	bool rtl; /* where a line does not tell, and none before it did */
};

/* Characters in a row that share a font and a link, in the order in which they are seen from left
 * to right; `x` from the line's left end. */
struct line_piece {
	size_t font;
	const uint32_t *codes;
	size_t count;
	struct slice link;
	float x;
	float width;
};

struct text_line {
	const struct line_piece *pieces;
	size_t count;
	float width; /* without blanks at its end */
	bool rtl;    /* it belongs to the right side */
};

typedef void line_sink(void *context, const struct text_line *line);

struct typesetter;

/* For texts in a language of such a code, as far as that matters for where words end.  Lives in
 * the arena. */
struct typesetter *
typesetter_new(const char *language, const struct paragraph_measure *measure, struct arena *arena);

/* Give every line of the paragraph to the sink; an empty one has no pieces.  What is needed for
 * that is gone afterwards.  Gives how many characters had to be written as code and name. */
size_t typesetter_set(struct typesetter *typesetter, const struct paragraph *paragraph,
		      line_sink *sink, void *context);

#endif
