#include "pdf/canvas.h"

#include <string.h>

#include "base/text.h"
#include "mail/utf8.h"
#include "pdf/canvas_font.h"
#include "pdf/fonts.h"

/* Of one string in a page, in characters: the library cuts those of more than 65535 bytes. */
#define STRING_MAX ((size_t)16384)
#define CHARACTER_BYTES_MAX ((size_t)4)
#define PLANE ((size_t)65536)
#define COMPONENTS_MAX ((size_t)64)
#define COMPONENTS_DEPTH 8
#define NOT_MEASURED INT16_MIN

struct canvas {
	struct arena *arena;
	HPDF_Doc document;
	HPDF_Page page;
	HPDF_Page *pages;
	size_t page_count;
	size_t page_room;
	struct canvas_font fonts[FONTS_MAX];
	/* What is set on the page, so that it need not be said again. */
	uint32_t colour;
};

/* Failures are kept by the document; without a handler the library would go on just the same. */
static void
note_failure(HPDF_STATUS error, HPDF_STATUS detail, void *canvas)
{
	(void)error;
	(void)detail;
	(void)canvas;
}

static void
free_canvas(void *argument)
{
	struct canvas *canvas = argument;

	HPDF_Free(canvas->document);
}

struct canvas *
canvas_new(struct arena *arena)
{
	struct canvas *canvas = arena_alloc(arena, sizeof(*canvas));

	canvas->arena = arena;
	canvas->document = HPDF_New(note_failure, canvas);
	if (canvas->document == NULL)
		return NULL;
	arena_defer(arena, free_canvas, canvas);
	if (HPDF_UseUTFEncodings(canvas->document) != HPDF_OK ||
	    HPDF_SetCompressionMode(canvas->document, HPDF_COMP_ALL) != HPDF_OK)
		return NULL;
	return canvas;
}

static bool
has_failed(const struct canvas *canvas)
{
	return HPDF_GetError(canvas->document) != HPDF_OK;
}

bool
canvas_add_page(struct canvas *canvas)
{
	if (canvas->page_count == CANVAS_PAGES_MAX || has_failed(canvas))
		return false;
	if (canvas->page_count == canvas->page_room) {
		size_t room = canvas->page_room == 0 ? 16 : canvas->page_room * 2;
		HPDF_Page *pages = arena_alloc_many(canvas->arena, room, sizeof(HPDF_Page));

		if (canvas->page_count > 0)
			memcpy(pages, canvas->pages, canvas->page_count * sizeof(HPDF_Page));
		canvas->pages = pages;
		canvas->page_room = room;
	}
	canvas->page = HPDF_AddPage(canvas->document);
	if (canvas->page == NULL)
		return false;
	canvas->pages[canvas->page_count++] = canvas->page;
	canvas->colour = 0;
	return HPDF_Page_SetWidth(canvas->page, CANVAS_WIDTH) == HPDF_OK &&
	       HPDF_Page_SetHeight(canvas->page, CANVAS_HEIGHT) == HPDF_OK;
}

size_t
canvas_page_count(const struct canvas *canvas)
{
	return canvas->page_count;
}

static void
set_colour(struct canvas *canvas, uint32_t colour)
{
	if (colour == canvas->colour)
		return;
	canvas->colour = colour;
	HPDF_Page_SetRGBFill(canvas->page, (float)(colour >> 16 & 0xffU) / 255.0F,
			     (float)(colour >> 8 & 0xffU) / 255.0F,
			     (float)(colour & 0xffU) / 255.0F);
}

void
canvas_choose_page(struct canvas *canvas, size_t page)
{
	canvas->page = canvas->pages[page];
	/* Whatever it was. */
	canvas->colour = UINT32_MAX;
	set_colour(canvas, 0);
}

/* ---- fonts ---- */

static void
open_font(struct canvas *canvas, size_t number)
{
	struct canvas_font *font = &canvas->fonts[number];

	canvas_font_open(canvas->document, number, fonts_bytes(number), font);
	if (font->font == NULL)
		return;
	font->widths = arena_alloc_many(canvas->arena, PLANE, sizeof(*font->widths));
	for (size_t i = 0; i < PLANE; i++)
		font->widths[i] = NOT_MEASURED;
}

static struct canvas_font *
find_font(struct canvas *canvas, size_t number)
{
	struct canvas_font *font = &canvas->fonts[number];

	if (!font->tried)
		open_font(canvas, number);
	return font->font == NULL ? NULL : font;
}

/* The glyphs of a font that the file gets: the library does not find all pieces of those that are
 * put together from others, and leaves holes. */
static void
keep_components(size_t number, HPDF_TTFontDefAttr attributes, uint32_t glyph, unsigned depth)
{
	uint16_t components[COMPONENTS_MAX];
	size_t count = fonts_components(number, glyph, components, COMPONENTS_MAX);

	for (size_t i = 0; i < count && depth < COMPONENTS_DEPTH; i++) {
		if (components[i] >= attributes->num_glyphs)
			continue;
		attributes->glyph_tbl.flgs[components[i]] = 1;
		keep_components(number, attributes, components[i], depth + 1);
	}
}

int
canvas_measure(void *context, size_t number, uint32_t code)
{
	struct canvas_font *font = find_font(context, number);

	if (font == NULL || code >= PLANE)
		return 0;
	if (font->widths[code] == NOT_MEASURED) {
		font->widths[code] =
		    HPDF_TTFontDef_GetCharWidth(font->definition, (HPDF_UINT16)code);
		keep_components(number, font->definition->attr,
				HPDF_TTFontDef_GetGlyphid(font->definition, (HPDF_UINT16)code), 0);
	}
	return font->widths[code];
}

/* ---- drawing ---- */

/* At the begin of the line; what follows will stand behind it.  The library leaves out what has no
 * width, as marks have none, but not with the operator that goes to the next line first: lines have
 * no height here. */
static void
show_string(const struct canvas *canvas, const char *string, float width)
{
	if (HPDF_Page_TextWidth(canvas->page, string) > 0)
		HPDF_Page_ShowText(canvas->page, string);
	else
		HPDF_Page_ShowTextNextLine(canvas->page, string);
	HPDF_Page_MoveTextPos(canvas->page, width, 0);
}

/* A line is as long as the page is wide, but marks that take no place may be many. */
void
canvas_draw_text(struct canvas *canvas, const struct canvas_text *text, const uint32_t *codes,
		 size_t count)
{
	const struct canvas_font *font = find_font(canvas, text->font);
	struct text bytes;
	int width = 0;

	if (font == NULL || count == 0)
		return;
	text_init(&bytes, STRING_MAX * CHARACTER_BYTES_MAX);
	set_colour(canvas, text->colour);
	HPDF_Page_BeginText(canvas->page);
	HPDF_Page_SetFontAndSize(canvas->page, font->font, text->size);
	HPDF_Page_MoveTextPos(canvas->page, text->x, text->y);
	for (size_t i = 0; i < count; i++) {
		utf8_append(&bytes, codes[i]);
		width += canvas_measure(canvas, text->font, codes[i]);
		if (i + 1 < count && (i + 1) % STRING_MAX != 0)
			continue;
		show_string(canvas, text_string(&bytes), (float)width * text->size / 1000.0F);
		text_reset(&bytes);
		width = 0;
	}
	HPDF_Page_EndText(canvas->page);
	text_clear(&bytes);
}

void
canvas_draw_bar(struct canvas *canvas, float x, float y, float width, float height, uint32_t colour)
{
	set_colour(canvas, colour);
	HPDF_Page_Rectangle(canvas->page, x, y, width, height);
	HPDF_Page_Fill(canvas->page);
}

void
canvas_add_link(struct canvas *canvas, float x, float y, float width, float height,
		const char *link)
{
	HPDF_Rect place = {x, y, x + width, y + height};
	HPDF_Annotation annotation = HPDF_Page_CreateURILinkAnnot(canvas->page, place, link);

	if (annotation != NULL)
		HPDF_LinkAnnot_SetBorderStyle(annotation, 0, 0, 0);
}

/* From the unit square to the page, by how the picture has to be turned (Exif 2.3, Orientation):
 * what is added to x and y per unit of the picture's width and height, and where it begins, in
 * parts of the place. */
static const struct {
	float x_by_u, y_by_u, x_by_v, y_by_v, x, y;
} turns[] = {
    {1, 0, 0, 1, 0, 0},	  {1, 0, 0, 1, 0, 0},  {-1, 0, 0, 1, 1, 0},
    {-1, 0, 0, -1, 1, 1}, {1, 0, 0, -1, 0, 1}, {0, -1, -1, 0, 1, 1},
    {0, -1, 1, 0, 0, 1},  {0, 1, 1, 0, 0, 0},  {0, 1, -1, 0, 1, 0},
};

static HPDF_Image
load_picture(struct canvas *canvas, const struct pdf_picture *picture)
{
	if (picture->jpeg.size > 0)
		return HPDF_LoadJpegImageFromMem(canvas->document, picture->jpeg.data,
						 (HPDF_UINT)picture->jpeg.size);
	return HPDF_LoadRawImageFromMem(canvas->document, picture->pixels, picture->columns,
					picture->rows, HPDF_CS_DEVICE_RGB, 8);
}

bool
canvas_draw_picture(struct canvas *canvas, float x, float y, float width, float height,
		    struct pdf_picture *picture)
{
	const unsigned turn = picture->turn < sizeof(turns) / sizeof(turns[0]) ? picture->turn : 0;

	if (has_failed(canvas))
		return false;
	if (picture->drawn == NULL)
		picture->drawn = load_picture(canvas, picture);
	if (picture->drawn == NULL) {
		/* No failure of the document. */
		HPDF_ResetError(canvas->document);
		return false;
	}
	HPDF_Page_GSave(canvas->page);
	HPDF_Page_Concat(canvas->page, turns[turn].x_by_u * width, turns[turn].y_by_u * height,
			 turns[turn].x_by_v * width, turns[turn].y_by_v * height,
			 x + turns[turn].x * width, y + turns[turn].y * height);
	HPDF_Page_ExecuteXObject(canvas->page, picture->drawn);
	return HPDF_Page_GRestore(canvas->page) == HPDF_OK;
}

enum status
canvas_finish(struct canvas *canvas, size_t limit, struct arena *arena, struct slice *pdf_out)
{
	HPDF_UINT32 size;
	HPDF_BYTE *bytes;

	if (has_failed(canvas) || HPDF_SaveToStream(canvas->document) != HPDF_OK)
		return STATUS_INVALID;
	size = HPDF_GetStreamSize(canvas->document);
	if (size > limit)
		return STATUS_TOO_LARGE;
	bytes = arena_alloc(arena, size);
	if (HPDF_ReadFromStream(canvas->document, bytes, &size) != HPDF_OK)
		return STATUS_INVALID;
	*pdf_out = slice_of(bytes, size);
	return STATUS_OK;
}
