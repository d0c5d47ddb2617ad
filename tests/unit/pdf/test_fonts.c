/* pdf/fonts: which font has a character, by its own word; what is no font is left alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/pdf/fonts_here.h"

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
	assert_int_equal(set_up_fonts(NULL), 0);
}

#define ENTRY 16 /* of a table in the front of a font */

/* Where the entry of a table stands. */
static size_t
find_entry(struct slice font, const char *tag)
{
	for (size_t at = 12; at + ENTRY <= font.size; at += ENTRY)
		if (memcmp(font.data + at, tag, 4) == 0)
			return at;
	fail_msg("no %s", tag);
	return 0;
}

/* A copy of the last font, which is small, without a table, or with an OS/2 table that says so of
 * embedding it (OpenType, fsType). */
static void
write_font(const char *path, const char *without, unsigned embedding)
{
	struct slice font = fonts_bytes(MONO);
	unsigned char *copy = malloc(font.size);
	const unsigned char *place = font.data + find_entry(font, "OS/2") + 8;
	size_t at = (size_t)place[0] << 24 | (size_t)place[1] << 16 | (size_t)place[2] << 8 |
		    (size_t)place[3];
	FILE *file = fopen(path, "w");

	assert_non_null(copy);
	assert_non_null(file);
	memcpy(copy, font.data, font.size);
	if (without != NULL)
		copy[find_entry(font, without)] = 'x';
	copy[at + 8] = (unsigned char)(embedding >> 8);
	copy[at + 9] = (unsigned char)embedding;
	assert_int_equal(fwrite(copy, 1, font.size, file), font.size);
	assert_int_equal(fclose(file), 0);
	free(copy);
}

/* What cannot be drawn with is left out while it is loaded: it would end each PDF that touches it.
 */
static void
what_cannot_be_drawn_with_is_left_out(void **state)
{
	static const struct {
		const char *claim;
		const char *without;
		unsigned embedding;
		size_t loaded;
	} rows[] = {
	    {"a copy", NULL, 0, 2},
	    {"to be looked at and printed", NULL, 0x4, 2},
	    {"forbidden to be embedded", NULL, 0x2, 1},
	    {"forbidden to be embedded in parts", NULL, 0x100, 1},
	    {"of which pictures alone may be embedded", NULL, 0x200, 1},
	    {"without OS/2", "OS/2", 0, 1},
	    {"without a name", "name", 0, 1},
	    {"without widths", "hmtx", 0, 1},
	    {"without places", "loca", 0, 1},
	};
	char path[] = "/tmp/postern-test-font-XXXXXX";
	const char *const paths[] = {path, FONTS_HERE "dejavu/DejaVuSans.ttf"};
	int descriptor = mkstemp(path);

	(void)state;
	assert_true(descriptor >= 0);
	close(descriptor);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t loaded;

		write_font(path, rows[i].without, rows[i].embedding);
		loaded = fonts_load(paths, 2);
		/* Also when this fails. */
		unlink(path);
		if (loaded != rows[i].loaded || fonts_paths() != (loaded == 2 ? 3U : 2U) ||
		    !fonts_covers(loaded - 1, 0x5d0))
			fail_msg("%s: %zu", rows[i].claim, loaded);
		assert_int_equal(set_up_fonts(NULL), 0);
	}
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
	    cmocka_unit_test(what_cannot_be_drawn_with_is_left_out),
	    cmocka_unit_test(broken_ones_are_bounded),
	};

	return cmocka_run_group_tests_name("pdf/fonts", tests, set_up_fonts, tear_down_fonts);
}
