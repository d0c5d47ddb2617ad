/* Blocks that are more than a text: facts, files, pictures, the letterhead, codes. */
#include "pdf/layout_part.h"

#define LABEL_WIDTH 116.0F
#define POINTS_PER_PIXEL 0.75F /* 96 of them to an inch, as browsers show them */
#define PICTURE_HEIGHT_MAX 560.0F
#define LOGO_WIDTH_MAX 190.0F
#define LOGO_HEIGHT_MAX 48.0F
#define ADDRESS_WIDTH 180.0F
#define CODE_SIZE 12.0F
#define CODE_GAP 30.0F
#define CODE_COLUMNS_MAX 6

/* Label and value side by side; whichever is longer decides where the next one begins. */
void
layout_fact(struct layout *layout, const struct document_block *block)
{
	struct setting_style label = layout_style(9.0F, COLOUR_QUIET, false);
	struct setting_style value = layout_style(10.5F, COLOUR_INK, false);
	size_t page;
	float top, below;

	label.by_head = value.by_head = true;
	if (layout->head->rtl) {
		label.left = label.right - LABEL_WIDTH + 8.0F;
		value.right -= LABEL_WIDTH;
	} else {
		label.right = label.left + LABEL_WIDTH - 8.0F;
		value.left += LABEL_WIDTH;
	}
	layout_need(layout, value.size * LINE_HEIGHT * 2);
	top = layout->y;
	page = canvas_page_count(layout->canvas);
	/* On the base line of the value. */
	layout->y -= value.size - label.size;
	layout_set_text(layout, &label, block->label);
	below = layout->y;
	/* A label longer than a page is none; the value goes on below it. */
	if (page == canvas_page_count(layout->canvas))
		layout->y = top;
	page = canvas_page_count(layout->canvas);
	if (block->run_count == 0)
		layout->y -= value.size * LINE_HEIGHT;
	else
		layout_set(layout, &value, block->runs, block->run_count);
	if (page == canvas_page_count(layout->canvas) && below < layout->y)
		layout->y = below;
	layout_skip(layout, 2.0F);
}

void
layout_file(struct layout *layout, const struct document_block *block)
{
	struct setting_style name = layout_style(10.5F, COLOUR_INK, true);
	struct setting_style about = layout_style(9.0F, COLOUR_QUIET, false);
	struct setting_style digest = layout_style(7.5F, COLOUR_QUIET, false);

	name.by_head = about.by_head = digest.by_head = true;
	digest.font.mono = true;
	layout_need(layout, 40.0F);
	layout_set_text(layout, &name, block->label);
	layout_set_text(layout, &about, block->otherwise);
	layout_set_text(layout, &digest, block->digest);
	layout_skip(layout, 6.0F);
}

static void
set_note(struct layout *layout, struct slice text)
{
	struct setting_style note = layout_style(9.0F, COLOUR_QUIET, false);

	layout_set_text(layout, &note, text);
	layout_skip(layout, 6.0F);
}

/* As large as browsers show it, as far as there is room. */
static bool
draw_picture(struct layout *layout, struct pdf_picture *picture)
{
	float width = (float)pdf_picture_width(picture) * POINTS_PER_PIXEL;
	float height = (float)pdf_picture_height(picture) * POINTS_PER_PIXEL;
	const float widest = PAGE_RIGHT - PAGE_LEFT;
	bool drawn;

	if (width > widest) {
		height = height * widest / width;
		width = widest;
	}
	if (height > PICTURE_HEIGHT_MAX) {
		width = width * PICTURE_HEIGHT_MAX / height;
		height = PICTURE_HEIGHT_MAX;
	}
	if (width < 1.0F)
		width = 1.0F;
	if (height < 1.0F)
		height = 1.0F;
	layout_need(layout, height + 20.0F);
	drawn =
	    canvas_draw_picture(layout->canvas, layout->head->rtl ? PAGE_RIGHT - width : PAGE_LEFT,
				layout->y - height, width, height, picture);
	if (drawn)
		layout->y -= height;
	return drawn;
}

/* Nothing is read that is larger than what is left; the arena is for this picture alone. */
static enum status
read_picture(struct layout *layout, uint32_t part, struct arena *arena,
	     struct pdf_picture *picture_out)
{
	const struct layout_pictures *from = layout->pictures;
	struct slice bytes = {NULL, 0};
	size_t most = layout->budget.bytes;
	enum status status;

	if (layout->pictures_left == 0 || layout->budget.pixels == 0 || most == 0)
		return STATUS_TOO_LARGE;
	layout->pictures_left--;
	if (most > PDF_PICTURE_FILE_MAX)
		most = PDF_PICTURE_FILE_MAX;
	status = from->read(from->context, part, most, arena, &bytes);
	return status == STATUS_OK ? pdf_picture_read(bytes, &layout->budget, arena, picture_out)
				   : status;
}

enum status
layout_picture(struct layout *layout, const struct document_block *block)
{
	struct arena *arena = arena_new();
	struct pdf_picture picture;
	enum status status = read_picture(layout, block->part, arena, &picture);
	bool drawn;

	layout_skip(layout, 6.0F);
	drawn = status == STATUS_OK && draw_picture(layout, &picture);
	arena_free(arena);
	if (status != STATUS_OK && status != STATUS_INVALID && status != STATUS_TOO_LARGE)
		return status;
	set_note(layout, drawn ? block->label : block->otherwise);
	return STATUS_OK;
}

/* Read once, however often it is drawn; it is the house's own, and takes nothing from the pictures
 * of a message.  False: there is none. */
static bool
read_logo(struct layout *layout)
{
	struct pdf_picture_budget own = {
	    .pixels = PDF_PICTURE_DECODED_MAX, .memory = SIZE_MAX, .bytes = SIZE_MAX};
	struct slice file = layout->pictures->logo;

	if (!layout->logo_read)
		layout->has_logo = file.size > 0 && pdf_picture_read(file, &own, layout->arena,
								     &layout->logo) == STATUS_OK;
	layout->logo_read = true;
	return layout->has_logo;
}

/* As large as there is room, at the side where the language begins; its height, 0 without one. */
static float
draw_logo(struct layout *layout)
{
	struct pdf_picture *logo = &layout->logo;
	float width, height = LOGO_HEIGHT_MAX;

	if (!read_logo(layout))
		return 0;
	width = height * (float)pdf_picture_width(logo) / (float)pdf_picture_height(logo);
	if (width > LOGO_WIDTH_MAX) {
		height = height * LOGO_WIDTH_MAX / width;
		width = LOGO_WIDTH_MAX;
	}
	return canvas_draw_picture(layout->canvas,
				   layout->head->rtl ? PAGE_RIGHT - width : PAGE_LEFT,
				   layout->y - height, width, height, logo)
		   ? height
		   : 0;
}

/* Logo or name on one side, the address on the other; below both a line in the house's colour. */
void
layout_letterhead(struct layout *layout, const struct document_block *block)
{
	struct setting_style name = layout_style(13.0F, layout->head->accent, true);
	struct setting_style address = layout_style(8.5F, COLOUR_QUIET, false);
	float top, below, logo;

	name.by_head = address.by_head = true;
	if (layout->head->rtl) {
		address.right = address.left + ADDRESS_WIDTH;
		name.left = address.right + 12.0F;
	} else {
		address.left = address.right - ADDRESS_WIDTH;
		name.right = address.left - 12.0F;
	}
	layout_need(layout, LOGO_HEIGHT_MAX * 3);
	top = layout->y;
	logo = draw_logo(layout);
	if (logo > 0)
		layout->y = top - logo - 4.0F;
	if (logo <= 0 || block->level > 0)
		layout_set_text(layout, &name, block->label);
	below = layout->y;
	layout->y = top;
	for (size_t i = 0; i < block->run_count; i++)
		layout_set_text(layout, &address, block->runs[i].text);
	if (below < layout->y)
		layout->y = below;
	layout->y -= 8.0F;
	canvas_draw_bar(layout->canvas, PAGE_LEFT, layout->y, PAGE_RIGHT - PAGE_LEFT, 1.6F,
			layout->head->accent);
	layout->y -= 18.0F;
}

static float
widest_code(const struct layout *layout, const struct setting_style *style,
	    const struct document_block *block)
{
	float widest = 1.0F;

	for (size_t i = 0; i < block->run_count; i++) {
		float width = 0;

		for (size_t j = 0; j < block->runs[i].text.size; j++) {
			size_t font = fonts_choose(style->font, block->runs[i].text.data[j]);

			if (font != FONTS_NONE)
				width += (float)canvas_measure(layout->canvas, font,
							       block->runs[i].text.data[j]);
		}
		width = width * style->size / 1000.0F;
		if (width > widest)
			widest = width;
	}
	return widest;
}

/* Columns follow each other as the document's language is read. */
static void
choose_column(const struct layout *layout, float step, size_t column, struct setting_style *style)
{
	float past = step * (float)column;

	style->left = layout->head->rtl ? PAGE_RIGHT - past - (step - CODE_GAP) : PAGE_LEFT + past;
	if (style->left < PAGE_LEFT)
		style->left = PAGE_LEFT;
	style->right = style->left + step;
	if (style->right > PAGE_RIGHT)
		style->right = PAGE_RIGHT;
}

void
layout_codes(struct layout *layout, const struct document_block *block)
{
	struct setting_style style = layout_style(CODE_SIZE, COLOUR_INK, false);
	float step, height = CODE_SIZE * 1.8F;
	size_t columns;

	style.font.mono = style.ltr = true;
	/* The last one's width must not be a hair too much for what is left of the page. */
	step = widest_code(layout, &style, block) + 1.0F + CODE_GAP;
	columns = (size_t)((PAGE_RIGHT - PAGE_LEFT + CODE_GAP) / step);
	if (columns < 1)
		columns = 1;
	if (columns > CODE_COLUMNS_MAX)
		columns = CODE_COLUMNS_MAX;
	for (size_t i = 0; i < block->run_count && !layout->full; i++) {
		float top, below;

		if (i % columns == 0)
			layout_need(layout, height);
		top = layout->y;
		choose_column(layout, step, i % columns, &style);
		layout_set(layout, &style, &block->runs[i], 1);
		below = layout->y < top - height ? layout->y : top - height;
		layout->y = i % columns + 1 == columns || i + 1 == block->run_count ? below : top;
	}
}
