/* pdf/fonts: which font has a character, by its own word; what is no font is left alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "tests/unit/pdf/fonts_here.h"

static int
set_up(void **state)
{
	(void)state;
	log_open("test", LOG_LEVEL_NONE);
	return fonts_load(fonts_here, FONTS_HERE_COUNT) == FONTS_HERE_COUNT ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	return fonts_load(NULL, 0) == 0 ? 0 : -1;
}

static void
chosen_by_coverage_and_style(void **state)
{
	static const struct {
		const char *claim;
		struct font_style style;
		uint32_t character;
		size_t font;
	} rows[] = {
	    {"latin", {false, false}, 'a', REGULAR},
	    {"latin, bold", {true, false}, 'a', BOLD},
	    {"latin, of fixed width", {false, true}, 'a', MONO},
	    {"greek", {false, false}, 0x3b1, REGULAR},
	    {"polytonic greek", {false, false}, 0x1f08, REGULAR},
	    {"cyrillic", {false, false}, 0x416, REGULAR},
	    {"hebrew", {false, false}, 0x5d0, REGULAR},
	    {"arabic", {false, false}, 0x639, REGULAR},
	    {"a joined arabic letter", {false, false}, 0xfecb, REGULAR},
	    {"chinese", {false, false}, 0x4e2d, CHINESE},
	    {"chinese, bold: better than nothing", {true, false}, 0x4e2d, CHINESE},
	    {"hiragana", {false, false}, 0x3042, CHINESE},
	    {"hangul", {false, false}, 0xac00, CHINESE},
	    {"an emoji", {false, false}, 0x1f600, FONTS_NONE},
	    {"for private use", {false, false}, 0xe123, FONTS_NONE},
	    {"no character", {false, false}, 0xffff, FONTS_NONE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (fonts_choose(rows[i].style, rows[i].character) != rows[i].font)
			fail_msg("%s: %zu", rows[i].claim,
				 fonts_choose(rows[i].style, rows[i].character));
}

static void
pieces_of_glyphs_are_found(void **state)
{
	uint16_t glyphs[8];
	size_t composite = 0;

	(void)state;
	/* Letters with accents, at least, are put together. */
	for (uint32_t glyph = 0; glyph < 1000; glyph++)
		composite += fonts_components(REGULAR, glyph, glyphs, 8) >= 2;
	assert_true(composite > 50);
	assert_int_equal(fonts_components(REGULAR, 0xffffff, glyphs, 8), 0);
	assert_true(fonts_components(REGULAR, 171, glyphs, 1) <= 1);
}

static void
what_is_missing_is_left_out(void **state)
{
	static const char *const paths[] = {"/nowhere/font.ttf", FONTS_HERE "dejavu/DejaVuSans.ttf",
					    "/etc/passwd", "/usr/share/fonts"};

	(void)state;
	assert_int_equal(fonts_load(paths, 4), 1);
	assert_true(fonts_covers(0, 'a'));
	assert_false(fonts_covers(1, 'a'));
	assert_int_equal(set_up(NULL), 0);
}

/* Cut anywhere, changed anywhere in its tables: refused or read, but within its bytes. */
static void
broken_ones_are_bounded(void **state)
{
	struct slice file = fonts_bytes(MONO);
	unsigned char *covered = malloc(8192);
	struct font_style style;

	(void)state;
	assert_non_null(covered);
	for (size_t size = 0; size < 600; size++) {
		unsigned char *part = malloc(size + 1);

		assert_non_null(part);
		memcpy(part, file.data, size);
		assert_int_equal(fonts_inspect(slice_of(part, size), covered, &style),
				 STATUS_INVALID);
		free(part);
	}
	for (size_t at = 0; at < 400; at++) {
		unsigned char *changed = malloc(file.size);

		assert_non_null(changed);
		memcpy(changed, file.data, file.size);
		changed[at] ^= 0xff;
		(void)!fonts_inspect(slice_of(changed, file.size), covered, &style);
		free(changed);
	}
	free(covered);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(chosen_by_coverage_and_style),
	    cmocka_unit_test(pieces_of_glyphs_are_found),
	    cmocka_unit_test(what_is_missing_is_left_out),
	    cmocka_unit_test(broken_ones_are_bounded),
	};

	return cmocka_run_group_tests_name("pdf/fonts", tests, set_up, tear_down);
}
