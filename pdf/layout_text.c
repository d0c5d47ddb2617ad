/* Lines of text on pages. */
#include "pdf/layout_part.h"

#define QUOTE_STEP 10.0F
#define QUOTE_BAR 1.5F
#define BASE_LINE 1.05F /* below the top of a line, of the size */
#define UNDERLINE 0.6F

struct placing {
	struct layout *layout;
	const struct setting_style *style;
};

struct setting_style
layout_style(float size, uint32_t colour, bool bold)
{
	return (struct setting_style){.font = {.bold = bold},
				      .size = size,
				      .colour = colour,
				      .left = PAGE_LEFT,
				      .right = PAGE_RIGHT};
}

void
layout_new_page(struct layout *layout)
{
	if (!canvas_add_page(layout->canvas))
		layout->full = true;
	layout->y = PAGE_TOP;
}

void
layout_skip(struct layout *layout, float height)
{
	if (layout->y < PAGE_TOP)
		layout->y -= height;
}

void
layout_need(struct layout *layout, float height)
{
	if (layout->y - height < PAGE_BOTTOM && layout->y < PAGE_TOP && !layout->numbering)
		layout_new_page(layout);
}

static void
draw_piece(const struct layout *layout, const struct setting_style *style,
	   const struct line_piece *piece, float x)
{
	const struct canvas_text text = {.font = piece->font,
					 .size = style->size,
					 .colour = piece->link.size > 0 ? layout->head->accent
									: style->colour,
					 .x = x + piece->x,
					 .y = layout->y - style->size * BASE_LINE};

	canvas_draw_text(layout->canvas, &text, piece->codes, piece->count);
	if (piece->link.size == 0)
		return;
	canvas_draw_bar(layout->canvas, text.x, text.y - 1.5F, piece->width, UNDERLINE,
			text.colour);
	canvas_add_link(layout->canvas, text.x, text.y - 2.5F, piece->width,
			style->size * LINE_HEIGHT, arena_text_from(layout->arena, piece->link));
}

/* A bar for each level, at the side where the document begins its lines. */
static void
draw_quotes(const struct layout *layout, const struct setting_style *style, float height)
{
	for (unsigned i = 0; i < style->quotes; i++) {
		float step = QUOTE_STEP * (float)i;

		canvas_draw_bar(layout->canvas,
				layout->head->rtl ? style->right - step - QUOTE_BAR
						  : style->left + step,
				layout->y - height, QUOTE_BAR, height, COLOUR_LINE);
	}
}

float
layout_quotes_width(const struct setting_style *style)
{
	return (float)style->quotes * QUOTE_STEP;
}

static void
place_line(void *context, const struct text_line *line)
{
	const struct placing *placing = context;
	const struct setting_style *style = placing->style;
	struct layout *layout = placing->layout;
	float height = style->size * LINE_HEIGHT, left = style->left, right = style->right;
	bool to_right = line->rtl;

	if (style->by_head || style->by_indent)
		to_right = style->by_indent ? style->indent_right : layout->head->rtl;
	layout_need(layout, height);
	if (layout->full)
		return;
	if (layout->head->rtl)
		right -= layout_quotes_width(style);
	else
		left += layout_quotes_width(style);
	if (style->indent_right)
		right -= style->indent;
	else
		left += style->indent;
	draw_quotes(layout, style, height);
	for (size_t i = 0; i < line->count; i++)
		draw_piece(layout, style, &line->pieces[i], to_right ? right - line->width : left);
	layout->y -= height;
}

void
layout_set(struct layout *layout, const struct setting_style *style,
	   const struct document_run *runs, size_t count)
{
	struct placing placing = {layout, style};
	const struct paragraph paragraph = {
	    .runs = runs,
	    .run_count = count,
	    .style = style->font,
	    .size = style->size,
	    .width = style->right - style->left - layout_quotes_width(style) - style->indent,
	    .rtl = style->by_indent ? style->indent_right : (layout->head->rtl && !style->ltr)};

	layout->unseen += typesetter_set(layout->typesetter, &paragraph, place_line, &placing);
}

void
layout_set_text(struct layout *layout, const struct setting_style *style, struct slice text)
{
	const struct document_run run = {.text = text};

	layout_set(layout, style, &run, 1);
}
