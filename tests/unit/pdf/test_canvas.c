/* pdf/canvas: whatever is drawn is on the page, all of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <qpdf/qpdf-c.h>

#include "pdf/canvas.h"
#include "pdf/fonts.h"
#include "tests/unit/pdf/fonts_here.h"

#define ACUTE 0x301U
#define LIMIT ((size_t)16777216)

/* How many glyphs the first page shows: each is two bytes of a string, as four digits. */
static size_t
glyphs_on_page(struct slice pdf)
{
	qpdf_data qpdf = qpdf_init();
	unsigned char *content = NULL;
	size_t size = 0, digits = 0;
	bool inside = false;

	assert_int_equal(qpdf_read_memory(qpdf, "it", (const char *)pdf.data, pdf.size, NULL), 0);
	assert_int_equal(
	    qpdf_oh_get_page_content_data(qpdf, qpdf_get_page_n(qpdf, 0), &content, &size), 0);
	for (size_t i = 0; i < size; i++) {
		if (content[i] == '<' || content[i] == '>')
			inside = content[i] == '<';
		else
			digits += inside ? 1 : 0;
	}
	free(content);
	qpdf_cleanup(&qpdf);
	return digits / 4;
}

static void
nothing_of_a_piece_is_cut(void **state)
{
	static const size_t counts[] = {1, 2, 8191, 16384, 16385, 70000};
	static uint32_t codes[70000];

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		struct arena *arena = arena_new();
		struct canvas *canvas = canvas_new(arena);
		struct canvas_text text = {.font = fonts_choose((struct font_style){0}, 'A'),
					   .size = 10.0F,
					   .x = 60.0F,
					   .y = 700.0F};
		struct slice pdf;

		assert_non_null(canvas);
		assert_true(canvas_add_page(canvas));
		/* One that is nothing but marks, too. */
		codes[0] = i % 2 == 0 ? ACUTE : 'A';
		for (size_t j = 1; j < counts[i]; j++)
			codes[j] = ACUTE;
		canvas_draw_text(canvas, &text, codes, counts[i]);
		assert_int_equal(canvas_finish(canvas, LIMIT, arena, &pdf), STATUS_OK);
		assert_int_equal(glyphs_on_page(pdf), counts[i]);
		arena_free(arena);
	}
}

/* Two files of one name, as two versions of a font are: both draw. */
static void
fonts_of_one_name(void **state)
{
	const char *const twice[] = {fonts_here[MONO], fonts_here[MONO]};
	static const uint32_t code = 'A';
	struct arena *arena = arena_new();
	struct canvas *canvas = canvas_new(arena);
	struct slice pdf;

	(void)state;
	assert_non_null(canvas);
	assert_int_equal(fonts_load(twice, 2), 2);
	assert_true(canvas_add_page(canvas));
	for (size_t font = 0; font < 2; font++) {
		const struct canvas_text text = {
		    .font = font, .size = 10.0F, .x = 60.0F, .y = 700.0F};

		canvas_draw_text(canvas, &text, &code, 1);
	}
	assert_int_equal(canvas_finish(canvas, LIMIT, arena, &pdf), STATUS_OK);
	assert_int_equal(glyphs_on_page(pdf), 2);
	arena_free(arena);
	assert_int_equal(fonts_load(fonts_here, FONTS_HERE_COUNT), FONTS_HERE_COUNT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_of_a_piece_is_cut),
	    cmocka_unit_test(fonts_of_one_name),
	};

	return cmocka_run_group_tests_name("pdf/canvas", tests, set_up_fonts, tear_down_fonts);
}
