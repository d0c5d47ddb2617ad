#include "mail/html_grid.h"

#include <string.h>

#include "mail/html_look.h"
#include "mail/html_rules.h"
#include "mail/utf8.h"

/* More lines than an address has, or several that are longer than one of it, are text that was put
 * beside other text. */
#define LINES_MAX 6U
#define LINE_MAX 50U /* characters, blanks not counted */
#define ROWS_MAX 65534U

/* A look at a table, none of another in it. */
struct look {
	const GumboNode *table;
	struct html_rows rows;
	struct html_grid grid;
	unsigned full;	 /* rows with anything in them */
	bool row_seen;	 /* this one has */
	unsigned column; /* of the cell; HTML_COLUMNS_MAX: in none that counts */
	unsigned lines;	 /* of the cell */
	unsigned line;	 /* characters of the last */
	bool long_line;	 /* one of them was */
	bool new_line;	 /* what follows in the cell is on another line */
	bool beyond;	 /* it is no grid */
};

void
html_rows_next(struct html_rows *rows)
{
	for (unsigned i = 0; i < HTML_COLUMNS_MAX; i++)
		rows->below[i] -= rows->below[i] > 0 ? 1 : 0;
	rows->column = 0;
}

unsigned
html_rows_cell(struct html_rows *rows, const GumboNode *cell)
{
	unsigned wide = html_number(cell, "colspan", HTML_COLUMNS_MAX, 1);
	unsigned high = html_number(cell, "rowspan", ROWS_MAX, 1), first;

	while (rows->column < HTML_COLUMNS_MAX && rows->below[rows->column] > 0)
		rows->column++;
	first = rows->column;
	/* The first row of them is this one. */
	for (unsigned i = 0; i < (wide == 0 ? 1 : wide) && rows->column < HTML_COLUMNS_MAX; i++)
		rows->below[rows->column++] = high;
	return first;
}

unsigned
html_grid_place(const struct html_grid *grid, unsigned column)
{
	unsigned place = 0;

	for (unsigned i = 0; i < column && i < HTML_COLUMNS_MAX; i++)
		place += grid->column[i] ? 1 : 0;
	return place;
}

static void
see_character(struct look *look)
{
	if (look->lines == 0 || look->new_line) {
		look->lines++;
		look->line = 0;
	}
	look->new_line = false;
	look->long_line = look->long_line || ++look->line > LINE_MAX;
	look->full += look->row_seen ? 0 : 1;
	look->row_seen = true;
	look->grid.count += look->grid.column[look->column] ? 0 : 1;
	look->grid.column[look->column] = true;
	look->beyond =
	    look->beyond || look->lines > LINES_MAX || (look->long_line && look->lines > 1);
}

static void
see_text(struct look *look, const char *string)
{
	struct slice text = slice_from_text(string);

	for (size_t at = 0; at < text.size && look->column < HTML_COLUMNS_MAX && !look->beyond;) {
		uint32_t code = utf8_next(text, &at);

		if (code > ' ' && code != 0xa0 && !utf8_is_unwanted(code) &&
		    !html_is_invisible(code))
			see_character(look);
	}
}

static bool
has_place_for(const char *name)
{
	static const char *const larger[] = {"blockquote", "dl",  "hr", "listing",
					     "ol",	   "pre", "ul", "xmp"};

	for (size_t i = 0; i < sizeof(larger) / sizeof(larger[0]); i++)
		if (strcmp(name, larger[i]) == 0)
			return false;
	return html_heading_level(name) == 0;
}

static void
enter_cell(struct look *look, const GumboNode *cell)
{
	look->column = html_rows_cell(&look->rows, cell);
	look->lines = 0;
	look->new_line = look->long_line = false;
	/* What has more columns than can be told apart is not read by columns. */
	look->beyond = look->beyond || look->column == HTML_COLUMNS_MAX;
}

static bool
enter(void *context, const GumboNode *node)
{
	struct look *look = context;
	char room[HTML_NAME_SIZE];
	const char *name;

	if (look->beyond)
		return false;
	if (node->type == GUMBO_NODE_TEXT || node->type == GUMBO_NODE_CDATA) {
		see_text(look, node->v.text.text);
		return false;
	}
	name = html_element_name(node, room);
	if (name[0] == '\0' || node->type != GUMBO_NODE_ELEMENT ||
	    html_rule_of(name) == ELEMENT_DROP || html_is_hidden(node))
		return false;
	if (strcmp(name, "tr") == 0) {
		html_rows_next(&look->rows);
		look->row_seen = false;
	} else if (strcmp(name, "td") == 0 || strcmp(name, "th") == 0)
		enter_cell(look, node);
	else if (strcmp(name, "img") == 0 && html_attribute(node, "alt") != NULL)
		see_text(look, html_attribute(node, "alt"));
	else if ((node != look->table && strcmp(name, "table") == 0) ||
		 (look->column < HTML_COLUMNS_MAX && !has_place_for(name)))
		look->beyond = true;
	else if (html_line_ends(name) > 0 || strcmp(name, "br") == 0)
		look->new_line = true;
	return !look->beyond;
}

static void
leave(void *context, const GumboNode *node)
{
	struct look *look = context;
	char room[HTML_NAME_SIZE];
	const char *name = html_element_name(node, room);

	if (strcmp(name, "td") == 0 || strcmp(name, "th") == 0)
		look->column = HTML_COLUMNS_MAX;
	else if (html_line_ends(name) > 0)
		look->new_line = true;
}

bool
html_grid_read(const GumboNode *table, struct html_grid *grid_out)
{
	struct look look = {.table = table, .column = HTML_COLUMNS_MAX};
	const struct html_walker walker = {&look, enter, leave};
	struct slice role = slice_from_text(html_attribute(table, "role"));

	if (slice_equal_nocase(role, SLICE("presentation")) ||
	    slice_equal_nocase(role, SLICE("none")))
		return false;
	html_tree_walk(table, &walker);
	if (look.beyond || look.grid.count < 2 || look.full < 2)
		return false;
	*grid_out = look.grid;
	return true;
}
