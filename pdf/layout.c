#include "pdf/layout_part.h"

#include <unicode/uchar.h>

#include "mail/utf8.h"

/* Of the task's seconds, of its memory, and of PDF_DRAWN_MAX, which holds fonts and text, too:
 * what is beyond is named, for a picture less is better than no PDF (bench/pdf.c). */
#define PICTURES_MAX ((size_t)100)
#define PICTURES_PIXELS_MAX ((uint64_t)134217728)
#define PICTURES_MEMORY_MAX ((size_t)50331648)
#define PICTURES_BYTES_MAX ((size_t)14680064)
#define WORDS_MAX ((size_t)1000)
#define ITEM_STEP 18.0F
#define ITEM_DEPTH_MAX 12U /* deeper ones are indented no more */

static void
set_rule(struct layout *layout)
{
	layout_skip(layout, 6.0F);
	layout_need(layout, 12.0F);
	canvas_draw_bar(layout->canvas, PAGE_LEFT, layout->y, PAGE_RIGHT - PAGE_LEFT, 0.7F,
			COLOUR_LINE);
	layout->y -= 8.0F;
}

/* Not without the beginning of what follows: some lines, or a picture of usual size. */
static float
follows(const struct document_reading *reading)
{
	struct document_reading ahead = *reading;
	struct document_block next;

	return document_next(&ahead, &next) == STATUS_OK && next.kind == DOCUMENT_PICTURE ? 260.0F
											  : 40.0F;
}

/* In a letter the empty lines around a heading are its writer's, and so is none: it never looks
 * like one of the document's own, which tell what is true. */
static void
set_heading_of_letter(struct layout *layout, const struct document_block *block, float behind)
{
	static const float sizes[DOCUMENT_HEADINGS_MAX] = {15.0F, 13.5F, 12.0F,
							   11.0F, 10.5F, 10.5F};
	struct setting_style style = layout_style(sizes[block->level - 1], COLOUR_INK, true);

	layout_need(layout, style.size * LINE_HEIGHT + behind);
	layout_set(layout, &style, block->runs, block->run_count);
}

static void
set_heading(struct layout *layout, const struct document_block *block, float behind)
{
	bool title = block->kind == DOCUMENT_TITLE;
	struct setting_style style =
	    layout_style(title ? 18.0F : 12.5F, title ? COLOUR_INK : layout->head->accent, true);

	if (!title && block->level > 0) {
		set_heading_of_letter(layout, block, behind);
		return;
	}

	layout_skip(layout, title ? 0.0F : 12.0F);
	layout_need(layout, style.size * LINE_HEIGHT + behind);
	layout_set(layout, &style, block->runs, block->run_count);
	layout_skip(layout, title ? 8.0F : 4.0F);
}

/* A bullet, or a number of usual length, has a step's room; what is longer gets more. */
static float
lead_width(struct slice lead)
{
	size_t count = slice_count_characters(lead);

	return count <= 3 ? ITEM_STEP : (float)count * 7.0F + 4.0F;
}

/* Whether its words run from the right, by the first that tells. */
static bool
runs_from_right(const struct layout *layout, const struct document_block *block)
{
	for (size_t i = 0; i < block->run_count; i++) {
		struct slice text = block->runs[i].text;

		for (size_t at = 0; at < text.size;) {
			UCharDirection direction = u_charDirection((UChar32)utf8_next(text, &at));

			if (direction == U_LEFT_TO_RIGHT)
				return false;
			if (direction == U_RIGHT_TO_LEFT || direction == U_RIGHT_TO_LEFT_ARABIC)
				return true;
		}
	}
	return layout->head->rtl;
}

/* Its words hang: lines beyond the first begin where the first does, at the side from which they
 * are read. */
static void
set_item(struct layout *layout, const struct document_block *block)
{
	struct setting_style style = layout_style(10.5F, COLOUR_INK, false), mark;
	struct slice lead = slice_trim(block->lead);
	unsigned depth = block->depth < ITEM_DEPTH_MAX ? block->depth : ITEM_DEPTH_MAX;
	float top;

	style.quotes = block->level;
	style.indent_right = runs_from_right(layout, block);
	mark = style;
	mark.by_indent = true;
	mark.indent = depth > 1 ? ITEM_STEP * (float)(depth - 1) : 0;
	style.indent = mark.indent + lead_width(lead);
	layout_need(layout, style.size * LINE_HEIGHT);
	top = layout->y;
	layout_set_text(layout, &mark,
			slice_equal(lead, SLICE("*")) ? SLICE("\xe2\x80\xa2") : lead);
	if (block->run_count > 0)
		layout->y = top;
	layout_set(layout, &style, block->runs, block->run_count);
	layout_skip(layout, 2.0F);
}

static void
set_text(struct layout *layout, const struct document_block *block)
{
	bool note = block->kind == DOCUMENT_NOTE;
	struct setting_style style =
	    layout_style(note ? 9.0F : 10.5F, note ? COLOUR_QUIET : COLOUR_INK, false);

	style.quotes = block->level;
	layout_set(layout, &style, block->runs, block->run_count);
	if (block->kind != DOCUMENT_LINES)
		layout_skip(layout, 6.0F);
}

static enum status
set_block(struct layout *layout, const struct document_block *block,
	  const struct document_reading *rest)
{
	if (block->kind != DOCUMENT_ROW)
		layout->table.columns = 0;
	switch (block->kind) {
	case DOCUMENT_TITLE:
	case DOCUMENT_HEADING:
		set_heading(layout, block, follows(rest));
		break;
	case DOCUMENT_PARAGRAPH:
	case DOCUMENT_NOTE:
	case DOCUMENT_LINES:
		set_text(layout, block);
		break;
	case DOCUMENT_ITEM:
		set_item(layout, block);
		break;
	case DOCUMENT_ROW:
		layout_row(layout, block, rest);
		break;
	case DOCUMENT_FACT:
		layout_fact(layout, block);
		break;
	case DOCUMENT_RULE:
		set_rule(layout);
		break;
	case DOCUMENT_FILE:
		layout_file(layout, block);
		break;
	case DOCUMENT_PICTURE:
		return layout_picture(layout, block);
	case DOCUMENT_LETTERHEAD:
		layout_letterhead(layout, block);
		break;
	case DOCUMENT_CODES:
		layout_codes(layout, block);
		break;
	case DOCUMENT_BREAK:
		if (layout->y < PAGE_TOP)
			layout_new_page(layout);
		break;
	case DOCUMENT_END:
	case DOCUMENT_KINDS:
		break;
	}
	return STATUS_OK;
}

/* Words with numbers in the places of %1 and %2. */
static struct slice
fill_in(struct arena *arena, const char *words, size_t first, size_t second)
{
	struct text *text = text_new_in(arena, WORDS_MAX);

	for (; *words != '\0'; words++) {
		if (words[0] == '%' && (words[1] == '1' || words[1] == '2'))
			text_printf(text, "%zu", *++words == '1' ? first : second);
		else
			text_append_byte(text, (unsigned char)*words);
	}
	/* A half character would be none. */
	return text_ok(text) ? text_slice(text) : slice_of(NULL, 0);
}

static void
say_unseen(struct layout *layout)
{
	struct setting_style style = layout_style(9.0F, COLOUR_QUIET, false);
	size_t count = layout->unseen;

	if (count == 0 || layout->head->unseen_words[0] == '\0')
		return;
	set_rule(layout);
	layout_set_text(layout, &style,
			fill_in(layout->arena, layout->head->unseen_words, count, 0));
}

/* Only now it is known how many there are.  They stand below what is the bottom for all else. */
static void
number_pages(struct layout *layout)
{
	struct setting_style style = layout_style(8.5F, COLOUR_QUIET, false);
	size_t count = canvas_page_count(layout->canvas);

	style.by_head = true;
	for (size_t i = 0; i < count && !layout->full; i++) {
		canvas_choose_page(layout->canvas, i);
		layout->y = PAGE_FOOT + style.size * LINE_HEIGHT;
		layout->numbering = true;
		layout_set_text(layout, &style,
				fill_in(layout->arena, layout->head->page_words, i + 1, count));
	}
}

enum status
layout_draw(struct canvas *canvas, const struct document_head *head,
	    struct document_reading *reading, const struct layout_pictures *pictures,
	    struct arena *arena)
{
	const struct paragraph_measure measure = {canvas, canvas_measure};
	struct layout layout = {.canvas = canvas,
				.head = head,
				.pictures = pictures,
				.arena = arena,
				.pictures_left = PICTURES_MAX,
				.budget = {.pixels = PICTURES_PIXELS_MAX,
					   .memory = PICTURES_MEMORY_MAX,
					   .bytes = PICTURES_BYTES_MAX}};
	struct document_block block = {.kind = DOCUMENT_BREAK};
	enum status status = STATUS_OK;

	layout.typesetter = typesetter_new(head->language, &measure, arena);
	layout_new_page(&layout);
	while (status == STATUS_OK && !layout.full) {
		status = document_next(reading, &block);
		if (status != STATUS_OK || block.kind == DOCUMENT_END)
			break;
		status = set_block(&layout, &block, reading);
	}
	if (status != STATUS_OK)
		return status;
	say_unseen(&layout);
	number_pages(&layout);
	return layout.full ? STATUS_TOO_LARGE : STATUS_OK;
}
