/* Rows of a table, cell beside cell. */
#include "pdf/layout_part.h"

#define ROW_SIZE 10.5F
#define CHARACTER 7.4F	/* about as wide as one is, in bold */
#define WORD_LEAST 3.0F /* characters; some are wider */
#define KEPT_MAX 12.0F	/* lines that a row keeps on one page */
#define CELL_GAP 14.0F	/* with the bar in it */
#define BAR_PLACE 9.0F	/* of the bar, in front of its cell */
#define USUAL_MAX 40.0F /* characters; a cell of more has several lines */
#define WORD_MAX 16.0F	/* characters; a longer word is broken */
#define ROWS_AHEAD_MAX 1000

/* Of a column, in characters. */
struct column {
	float word; /* the longest */
	float cell;
};

static size_t
count_cells(const struct document_block *block)
{
	size_t count = 1;

	for (size_t i = 0; i < block->run_count; i++)
		count += block->runs[i].cell ? 1 : 0;
	return count;
}

/* The runs of the cell that begins at `from`; the next one begins behind the run after them. */
static size_t
cell_end(const struct document_block *block, size_t from)
{
	while (from < block->run_count && !block->runs[from].cell)
		from++;
	return from;
}

static float
larger(float a, float b)
{
	return a > b ? a : b;
}

static float
at_most(float number, float most)
{
	return number < most ? number : most;
}

static void
look_at_word(struct slice text, struct column *column)
{
	while (text.size > 0) {
		size_t end = slice_find_byte(text, ' ', 0);
		struct slice word = slice_part(text, 0, end);

		column->word =
		    larger(column->word, at_most((float)slice_count_characters(word), WORD_MAX));
		text = slice_part(text, word.size + 1, text.size);
	}
}

static void
look_at_row(const struct document_block *block, struct column columns[ROW_COLUMNS_MAX])
{
	float cell = 0;
	size_t column = 0;

	for (size_t i = 0; i < block->run_count; i++) {
		if (block->runs[i].cell) {
			column++;
			cell = 0;
			continue;
		}
		cell += (float)slice_count_characters(block->runs[i].text);
		columns[column].cell = larger(columns[column].cell, at_most(cell, USUAL_MAX));
		look_at_word(block->runs[i].text, &columns[column]);
	}
}

/* Each column has room for its words, and of what is left as much as its cells want.  False: not
 * even that. */
static bool
share_width(const struct column columns[ROW_COLUMNS_MAX], float width, struct layout_table *table)
{
	float least = 0, wanted = 0, share;

	for (size_t i = 0; i < table->columns; i++) {
		least += columns[i].word * CHARACTER + CELL_GAP;
		wanted += larger(columns[i].cell - columns[i].word, 0) * CHARACTER;
	}
	if (least > width)
		return false;
	share = wanted > width - least ? (width - least) / wanted : 1.0F;
	for (size_t i = 0; i < table->columns; i++)
		table->widths[i] = columns[i].word * CHARACTER + CELL_GAP +
				   larger(columns[i].cell - columns[i].word, 0) * CHARACTER * share;
	return true;
}

/* Look at all rows that follow and have as many columns. */
static void
begin_table(struct layout *layout, const struct document_block *first,
	    const struct document_reading *rest, float width)
{
	struct document_reading ahead = *rest;
	struct document_block block = *first;
	struct column columns[ROW_COLUMNS_MAX];
	struct layout_table *table = &layout->table;

	for (size_t i = 0; i < ROW_COLUMNS_MAX; i++)
		columns[i] = (struct column){WORD_LEAST, 0};
	*table = (struct layout_table){.columns = count_cells(first), .level = first->level};
	for (size_t i = 0; i < ROWS_AHEAD_MAX && block.kind == DOCUMENT_ROW &&
			   count_cells(&block) == table->columns && block.level == first->level;
	     i++) {
		look_at_row(&block, columns);
		if (document_next(&ahead, &block) != STATUS_OK)
			break;
	}
	table->fits = share_width(columns, width, table);
}

/* As a line of text, its cells apart by bars. */
static void
set_as_line(struct layout *layout, const struct document_block *block,
	    const struct setting_style *style)
{
	struct document_run *runs =
	    arena_alloc_many(layout->arena, block->run_count + 1, sizeof(*runs));

	for (size_t i = 0; i < block->run_count; i++) {
		runs[i] = block->runs[i];
		if (runs[i].cell)
			runs[i].text = SLICE(" | ");
	}
	layout_set(layout, style, runs, block->run_count);
}

/* The cell, with the bar in front of all but the first, at its column's place. */
static void
set_cell(struct layout *layout, const struct document_block *block, size_t from, size_t to,
	 struct setting_style style)
{
	struct setting_style bar = style;
	float top = layout->y;

	if (from > 0) {
		bar.colour = COLOUR_QUIET;
		bar.indent -= BAR_PLACE;
		bar.by_indent = true;
		layout_set_text(layout, &bar, SLICE("|"));
		layout->y = top;
	}
	layout_set(layout, &style, block->runs + from, to - from);
}

/* About how high a row is; a high one may go on to the next page. */
static float
guess_height(const struct layout *layout, const struct document_block *block)
{
	float lines = 1.0F, characters = 0;
	size_t column = 0;

	for (size_t i = 0; i < block->run_count; i++) {
		if (block->runs[i].cell) {
			column++;
			characters = 0;
			continue;
		}
		characters += (float)slice_count_characters(block->runs[i].text);
		lines = larger(lines, 1.0F + characters * CHARACTER / layout->table.widths[column]);
	}
	return at_most(lines, KEPT_MAX) * ROW_SIZE * LINE_HEIGHT;
}

static void
set_cells(struct layout *layout, const struct document_block *block,
	  const struct setting_style *of_row)
{
	float top, below, past = 0, quotes = layout_quotes_width(of_row);
	size_t from = 0, page;

	layout_need(layout, guess_height(layout, block));
	page = canvas_page_count(layout->canvas);
	top = below = layout->y;
	for (size_t i = 0; i < layout->table.columns && !layout->full; i++) {
		struct setting_style style = *of_row;
		size_t to = cell_end(block, from);
		float end = quotes + past + layout->table.widths[i];

		style.indent = past;
		/* Columns follow each other as the document is read; quotes stay where they are. */
		if (layout->head->rtl)
			style.left = larger(style.right - end + CELL_GAP, style.left);
		else
			style.right = at_most(style.left + end - CELL_GAP, style.right);
		layout->y = top;
		set_cell(layout, block, from, to, style);
		/* Behind a cell that went on to another page, the rest begins below it. */
		if (page != canvas_page_count(layout->canvas)) {
			page = canvas_page_count(layout->canvas);
			top = below = layout->y;
		}
		below = at_most(below, at_most(layout->y, top - ROW_SIZE * LINE_HEIGHT));
		past += layout->table.widths[i];
		from = to + 1;
	}
	layout->y = below;
	layout_skip(layout, 2.0F);
}

void
layout_row(struct layout *layout, const struct document_block *block,
	   const struct document_reading *rest)
{
	struct setting_style style = layout_style(ROW_SIZE, COLOUR_INK, false);
	size_t cells = count_cells(block);

	style.quotes = block->level;
	style.indent_right = layout->head->rtl;
	if (cells > ROW_COLUMNS_MAX) {
		set_as_line(layout, block, &style);
		return;
	}
	if (layout->table.columns != cells || layout->table.level != block->level)
		begin_table(layout, block, rest,
			    style.right - style.left - layout_quotes_width(&style));
	if (layout->table.fits)
		set_cells(layout, block, &style);
	else
		set_as_line(layout, block, &style);
}
