/*
 * Tables: whether one is a grid, whose rows say something only by their columns,
 * or holds the parts of a page in their places; and which column a cell stands in.
 */
#ifndef MAIL_HTML_GRID_H
#define MAIL_HTML_GRID_H

#include "mail/html_tree.h"

#define HTML_COLUMNS_MAX 64U

/* The way through a table's cells, one row after the other. */
struct html_rows {
	unsigned column;		  /* where the next cell begins */
	unsigned below[HTML_COLUMNS_MAX]; /* rows that a cell above still reaches into */
};

void html_rows_next(struct html_rows *rows);
/* The column of the next cell; HTML_COLUMNS_MAX for those beyond the last that is counted. */
unsigned html_rows_cell(struct html_rows *rows, const GumboNode *cell);

struct html_grid {
	bool column[HTML_COLUMNS_MAX]; /* with anything in it; others keep places apart */
	unsigned count;		       /* of these */
};

/* False: no grid.  It is one when two columns and two rows have something in them, and no cell more
 * than a few short lines. */
bool html_grid_read(const GumboNode *table, struct html_grid *grid_out);

/* How many columns with anything in them are in front of this one. */
unsigned html_grid_place(const struct html_grid *grid, unsigned column);

#endif
