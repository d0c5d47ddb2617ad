/*
 * What the files of pdf/layout share: the place on the page, and text set there.
 */
#ifndef PDF_LAYOUT_PART_H
#define PDF_LAYOUT_PART_H

#include "pdf/layout.h"
#include "pdf/paragraph.h"

#define PAGE_LEFT 60.0F
#define PAGE_RIGHT (CANVAS_WIDTH - 60.0F)
#define PAGE_TOP (CANVAS_HEIGHT - 60.0F)
#define PAGE_BOTTOM 66.0F
#define PAGE_FOOT 36.0F

#define COLOUR_INK 0x1c1c1cU
#define COLOUR_QUIET 0x5a5a5aU
#define COLOUR_LINE 0xc8c8c8U

#define LINE_HEIGHT 1.4F /* of the size */

#define ROW_COLUMNS_MAX ((size_t)10)

/* The table whose rows are being set. */
struct layout_table {
	size_t columns; /* 0: none */
	unsigned level; /* of quotation */
	bool fits;	/* there is room for all columns */
	float widths[ROW_COLUMNS_MAX];
};

struct layout {
	struct canvas *canvas;
	const struct document_head *head;
	const struct layout_pictures *pictures;
	struct arena *arena;
	struct typesetter *typesetter;
	float y; /* from there on downwards is free */
	bool full;
	bool numbering; /* what is set is a page's number: it begins none */
	struct layout_table table;
	struct pdf_picture logo;
	bool logo_read; /* or tried to */
	bool has_logo;
	size_t unseen;
	size_t pictures_left;
	struct pdf_picture_budget budget; /* of those */
};

/* How a text is set, and where between left and right. */
struct setting_style {
	struct font_style font;
	float size;
	uint32_t colour;
	float left;
	float right;
	float indent;	   /* of what hangs, behind the quotes */
	bool indent_right; /* at the right side */
	bool by_indent;	   /* stands there, whichever way its lines run */
	unsigned quotes;
	bool by_head; /* at the side of the document's language, whichever way its lines run */
	bool ltr;     /* digits alone run from left to right in any document */
};

/* The same style for all of the page's width. */
struct setting_style layout_style(float size, uint32_t colour, bool bold);

/* Begin a new page; `full` is up when there is none. */
void layout_new_page(struct layout *layout);
/* Leave that much empty, but not at the top of a page. */
void layout_skip(struct layout *layout, float height);
/* A new page, unless so much is left on this one. */
void layout_need(struct layout *layout, float height);

void layout_set(struct layout *layout, const struct setting_style *style,
		const struct document_run *runs, size_t count);
void layout_set_text(struct layout *layout, const struct setting_style *style, struct slice text);

/* What the bars of quotes take of the width. */
float layout_quotes_width(const struct setting_style *style);

/* One block each, of the kinds that need more than that. */
void layout_fact(struct layout *layout, const struct document_block *block);
void layout_file(struct layout *layout, const struct document_block *block);
void layout_letterhead(struct layout *layout, const struct document_block *block);
void layout_codes(struct layout *layout, const struct document_block *block);
/* Rows in a row are one table: `rest` tells what follows. */
void layout_row(struct layout *layout, const struct document_block *block,
		const struct document_reading *rest);
/* All but its own failures are the source's. */
enum status layout_picture(struct layout *layout, const struct document_block *block) MUST_CHECK;

#endif
