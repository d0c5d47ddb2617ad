/*
 * The writer of mail/html_text: characters one after the other, and in front of each what is
 * wanted there by then: line ends, marks of quotes, bullets, bars of a table.  Knows no
 * elements.  Inside of mail/html_text only.
 */
#ifndef MAIL_HTML_TEXT_PART_H
#define MAIL_HTML_TEXT_PART_H

#include "mail/html_grid.h"
#include "mail/html_raised.h"
#include "mail/spans.h"

#define NESTING_MAX ((size_t)SPAN_LEVEL_MAX) /* that is told of quotes and lists */

struct list {
	char counts_by; /* 1, a, A, i, I, as HTML has it; 0: not at all */
	unsigned number;
};

struct writer {
	struct text *out;
	struct text *spans; /* packed; NULL: not wanted */
	unsigned line_ends; /* wanted before the next character */
	bool blank;	    /* a blank is wanted there */
	bool cell;	    /* a cell begins there, of a table that is no grid */
	bool item;	    /* a list item begins there */
	bool strike;	    /* what is struck out begins there */
	const char *lift;   /* a sign for what is raised stands there; NULL: none */
	bool some;	    /* anything is written */
	uint32_t last;	    /* the character before */
	size_t quote, line_quote;
	size_t pre;
	struct list lists[NESTING_MAX];
	size_t list_depth; /* may be beyond what is told */
	/* What the next character is. */
	unsigned struck, bold, heading;
	enum raised_form raised;
	bool above;
	struct span open; /* that it goes on, if its kind is not 0 */
	/* Of a table that is a grid. */
	bool in_cell;
	bool cell_line; /* what follows in the cell stood on another line */
	bool cell_some;
	bool row_some;
	unsigned bars, wanted_bars; /* of this row */
};

/* The innermost list; NULL when there is none. */
struct list *writer_list(struct writer *writer);

void writer_want_line_ends(struct writer *writer, unsigned count);
void writer_put(struct writer *writer, uint32_t code);
/* Text of HTML: blanks as they count there, without what is not seen. */
void writer_put_text(struct writer *writer, const char *string);

/* What is struck out stands between ~~, but nothing does not. */
void writer_begin_struck(struct writer *writer);
void writer_end_struck(struct writer *writer);

/* A row of a grid, and its cells; at its end it has so many columns. */
void writer_begin_row(struct writer *writer);
void writer_begin_cell(struct writer *writer, unsigned place);
void writer_end_cell(struct writer *writer);
void writer_end_row(struct writer *writer, unsigned columns);

void writer_end(struct writer *writer);

#endif
