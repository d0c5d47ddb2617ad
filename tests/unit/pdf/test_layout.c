/* pdf/layout: where blocks stand on their pages, and what drawing them may cost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <png.h>
#include <qpdf/qpdf-c.h>

#include "pdf/layout.h"
#include "tests/unit/pdf/fonts_here.h"

#define DRAWN_MAX ((size_t)20971520)

struct drawing {
	struct arena *arena;
	struct document *document;
	struct slice drawn;
};

static struct drawing
begin(const char *language, bool rtl)
{
	const struct document_head head = {.title = "",
					   .author = "",
					   .language = language,
					   .rtl = rtl,
					   .page_words = "%1/%2",
					   .unseen_words = "",
					   .text_name = ""};
	struct drawing drawing = {.arena = arena_new()};

	drawing.document = document_new(drawing.arena, &head);
	return drawing;
}

/* The document as it went through a pack, in a canvas of its own. */
static enum status
draw(struct drawing *drawing, const struct layout_pictures *pictures)
{
	struct arena *arena = arena_new();
	struct canvas *canvas = canvas_new(arena);
	struct document_reading reading;
	struct document_head head;
	struct slice packed;
	enum status status;

	assert_non_null(canvas);
	assert_int_equal(document_pack(drawing->document, &packed), STATUS_OK);
	assert_int_equal(document_open(packed, arena, &head, &reading), STATUS_OK);
	status = layout_draw(canvas, &head, &reading, pictures, arena);
	if (status == STATUS_OK)
		status = canvas_finish(canvas, DRAWN_MAX, drawing->arena, &drawing->drawn);
	arena_free(arena);
	return status;
}

static size_t
count_of(struct slice bytes, struct slice word)
{
	size_t count = 0;

	for (size_t at = 0; (at = slice_find(bytes, word, at)) != SLICE_NONE; at += word.size)
		count++;
	return count;
}

/* ---- pictures ---- */

struct album {
	struct slice picture;
	size_t asked; /* how often */
	size_t least; /* of what each of them might be large */
};

/* As a part of a message is read: what is larger than asked for is not even opened. */
static enum status
give_picture(void *context, uint32_t part, size_t most, struct arena *arena,
	     struct slice *bytes_out)
{
	struct album *album = context;

	(void)part;
	album->asked++;
	if (most < album->least)
		album->least = most;
	if (album->picture.size > most)
		return STATUS_TOO_LARGE;
	*bytes_out = arena_copy(arena, album->picture);
	return STATUS_OK;
}

static struct slice
make_png(struct arena *arena, uint32_t columns, uint32_t rows, bool noise)
{
	png_image image = {.version = PNG_IMAGE_VERSION,
			   .width = columns,
			   .height = rows,
			   .format = PNG_FORMAT_RGB,
			   .flags = PNG_IMAGE_FLAG_FAST};
	size_t size = (size_t)columns * rows * 3;
	unsigned char *pixels = arena_alloc(arena, size), *bytes;
	png_alloc_size_t written = 0;

	srandom(3);
	for (size_t i = 0; i < size && noise; i++)
		pixels[i] = (unsigned char)random();
	assert_int_equal(png_image_write_to_memory(&image, NULL, &written, 0, pixels, 0, NULL), 1);
	bytes = arena_alloc(arena, written);
	assert_int_equal(png_image_write_to_memory(&image, bytes, &written, 0, pixels, 0, NULL), 1);
	return slice_of(bytes, written);
}

/* However many there are: what there is room for is drawn, all others cost nothing, and there is a
 * PDF. */
static void
pictures_are_bounded(void **state)
{
	static const struct {
		const char *claim;
		uint32_t columns, rows;
		bool noise;
		size_t drawn;
	} rows[] = {
	    {"of little weight: by their number", 2, 2, false, 100},
	    {"large ones: by memory", 1400, 2000, false, 5},
	    {"wide ones, made small: by time", 16000, 1000, false, 8},
	    {"of many bytes: by what is left of the file", 1000, 900, true, 5},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct drawing drawing = begin("en", false);
		struct album album = {.least = SIZE_MAX};
		const struct layout_pictures pictures = {&album, give_picture, {NULL, 0}};
		size_t drawn;

		album.picture =
		    make_png(drawing.arena, rows[i].columns, rows[i].rows, rows[i].noise);
		for (uint32_t j = 0; j < 120; j++)
			document_add_picture(drawing.document, j, SLICE("seen"), SLICE("named"));
		assert_int_equal(draw(&drawing, &pictures), STATUS_OK);
		drawn = count_of(drawing.drawn, SLICE("/Subtype /Image"));
		if (drawn != rows[i].drawn || album.asked != 100)
			fail_msg("%s: %zu drawn, %zu asked for", rows[i].claim, drawn, album.asked);
		/* Where bytes are short, nothing is asked for that is larger. */
		if (rows[i].noise)
			assert_true(album.least < album.picture.size);
		arena_free(drawing.arena);
	}
}

/* ---- codes ---- */

#define PIECES_MAX 64

/* What a page shows: where each piece begins, and its glyphs, as the digits that stand for them. */
struct pieces {
	struct {
		double x, y;
		char glyphs[200];
	} all[PIECES_MAX];
	size_t count;
};

/* "60 700 Td" */
static void
read_place(const char *line, double *x, double *y)
{
	char *end, *next;

	*x = strtod(line, &end);
	*y = strtod(end, &next);
	assert_true(end != line && next != end);
}

static void
read_pieces(struct slice pdf, struct pieces *pieces)
{
	qpdf_data qpdf = qpdf_init();
	unsigned char *bytes = NULL;
	char *content, *rest, *line;
	size_t size = 0;

	assert_int_equal(qpdf_read_memory(qpdf, "it", (const char *)pdf.data, pdf.size, NULL), 0);
	assert_int_equal(
	    qpdf_oh_get_page_content_data(qpdf, qpdf_get_page_n(qpdf, 0), &bytes, &size), 0);
	content = strndup((const char *)bytes, size);
	assert_non_null(content);
	pieces->count = 0;
	for (line = strtok_r(content, "\n", &rest); line != NULL;
	     line = strtok_r(NULL, "\n", &rest)) {
		assert_true(pieces->count < PIECES_MAX);
		if (strcmp(line, "BT") == 0)
			pieces->all[pieces->count].glyphs[0] = '\0';
		else if (strcmp(line, "ET") == 0)
			pieces->count++;
		else if (strstr(line, " Td") != NULL &&
			 pieces->all[pieces->count].glyphs[0] == '\0')
			read_place(line, &pieces->all[pieces->count].x,
				   &pieces->all[pieces->count].y);
		else if (*line == '<')
			assert_int_equal(
			    sscanf(line, "<%199[0-9A-F]>", pieces->all[pieces->count].glyphs), 1);
	}
	free(content);
	free(bytes);
	qpdf_cleanup(&qpdf);
}

/* Eleven codes of digits, for a reader of that language. */
static void
draw_codes(const char *language, bool rtl, struct pieces *pieces)
{
	static const struct layout_pictures none = {NULL, give_picture, {NULL, 0}};
	struct drawing drawing = begin(language, rtl);
	struct slice codes[11];

	for (size_t i = 0; i < 11; i++)
		codes[i] =
		    slice_from_text(arena_printf(drawing.arena, "%02zu. 480 2%03zu", i + 1, i * 7));
	document_add_codes(drawing.document, codes, 11);
	assert_int_equal(draw(&drawing, &none), STATUS_OK);
	read_pieces(drawing.drawn, pieces);
	arena_free(drawing.arena);
	/* And the page's number. */
	assert_int_equal(pieces->count, 12);
}

/* Each code has its place, in the order of reading of its language, and is itself read from left to
 * right: digits alone would follow the document. */
static void
codes_have_their_places(void **state)
{
	static struct pieces left, right;

	(void)state;
	draw_codes("en", false, &left);
	draw_codes("ar", true, &right);
	for (size_t i = 0; i < 11; i++) {
		assert_string_equal(left.all[i].glyphs, right.all[i].glyphs);
		assert_true(left.all[i].y == right.all[i].y);
		for (size_t j = 0; j < i; j++)
			if (right.all[j].y == right.all[i].y)
				/* Wide enough apart for twelve characters. */
				assert_true(right.all[j].x - right.all[i].x > 80 &&
					    left.all[i].x - left.all[j].x > 80);
	}
	/* The first begins at the edge, and there are columns. */
	assert_true(left.all[0].x == 60);
	assert_true(right.all[0].x > CANVAS_WIDTH - 60 - 100);
	assert_true(left.all[0].y == left.all[2].y && left.all[0].y > left.all[10].y);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pictures_are_bounded),
	    cmocka_unit_test(codes_have_their_places),
	};

	return cmocka_run_group_tests_name("pdf/layout", tests, set_up_fonts, tear_down_fonts);
}
