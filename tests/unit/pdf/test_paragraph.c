/* pdf/paragraph, pdf/characters: lines that fit, in the order in which they are seen, and nothing
 * lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <malloc.h>

#include "mail/utf8.h"
#include "pdf/paragraph.h"
#include "tests/unit/pdf/fonts_here.h"

/* Characters that are all one wide, but for marks. */
static int
one_wide(void *context, size_t font, uint32_t code)
{
	(void)context;
	(void)font;
	return code >= 0x300 && code < 0x370 ? 0 : 1000;
}

static const struct paragraph_measure by_one = {NULL, one_wide};

struct seen {
	struct text *text; /* lines as they are seen, "<" before those of the right side */
	float widest;
	size_t pieces;
	size_t links;
};

static void
note_line(void *context, const struct text_line *line)
{
	struct seen *seen = context;
	float end = 0;

	if (line->rtl)
		text_append_byte(seen->text, '<');
	for (size_t i = 0; i < line->count; i++) {
		assert_true(line->pieces[i].x == end);
		end += line->pieces[i].width;
		seen->links += line->pieces[i].link.size > 0;
		for (size_t j = 0; j < line->pieces[i].count; j++)
			utf8_append(seen->text, line->pieces[i].codes[j]);
	}
	assert_true(line->width == end);
	seen->widest = line->width > seen->widest ? line->width : seen->widest;
	seen->pieces += line->count;
	text_append_byte(seen->text, '\n');
}

static size_t
set(struct arena *arena, const struct document_run *runs, size_t count, float width, bool rtl,
    struct seen *seen)
{
	struct typesetter *typesetter = typesetter_new("en", &by_one, arena);
	const struct paragraph paragraph = {
	    .runs = runs, .run_count = count, .size = 1, .width = width, .rtl = rtl};

	*seen = (struct seen){.text = text_new_in(arena, 100000)};
	return typesetter_set(typesetter, &paragraph, note_line, seen);
}

static void
lines_as_they_are_seen(void **state)
{
	static const struct {
		const char *claim;
		const char *text;
		float width;
		bool rtl;
		const char *lines;
		size_t unseen;
	} rows[] = {
	    {"words are kept whole", "one two three", 8, false, "one two\nthree\n", 0},
	    {"blanks hang over the end", "one two   three", 7, false, "one two\nthree\n", 0},
	    {"a long word is broken", "abcdefghij kl", 4, false, "abcd\nefgh\nij\nkl\n", 0},
	    {"at least one character", "abc", 0.5F, false, "a\nb\nc\n", 0},
	    {"line ends end lines", "a\n\nb\n", 9, false, "a\n\nb\n", 0},
	    {"nothing is nothing", "", 9, false, "", 0},
	    {"chinese ends anywhere", "\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87", 3, false,
	     "\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\n\xe6\x96\x87\n", 0},
	    {"marks are composed", "e\xcc\x81", 9, false, "\xc3\xa9\n", 0},
	    {"a mark stays with its letter", "abq\xcc\x84z", 3, false, "abq\xcc\x84\nz\n", 0},
	    {"tabs go to columns", "\ta\tb", 99, false, "        a       b\n", 0},
	    {"hebrew runs to the left", "\xd7\x90\xd7\x91 a", 9, false, "<a \xd7\x91\xd7\x90\n", 0},
	    {"numbers in it do not", "\xd7\x90 12", 9, false, "<12 \xd7\x90\n", 0},
	    {"brackets are mirrored", "\xd7\x90(\xd7\x91)", 9, false, "<(\xd7\x91)\xd7\x90\n", 0},
	    {"wrapped in the order of reading", "\xd7\x90\xd7\x90 \xd7\x91\xd7\x91", 3, false,
	     "<\xd7\x90\xd7\x90\n<\xd7\x91\xd7\x91\n", 0},
	    {"arabic letters are joined", "\xd8\xa8\xd8\xa8", 9, false,
	     "<\xef\xba\x90\xef\xba\x91\n", 0},
	    {"a mark of theirs stands before its letter", "\xd8\xaa\xd9\x8f\xd8\xaa", 9, false,
	     "<\xef\xba\x96\xd9\x8f\xef\xba\x97\n", 0},
	    {"lam and alef are one", "\xd9\x84\xd8\xa7", 9, false, "<\xef\xbb\xbb\n", 0},
	    {"a line that does not tell follows the document", "12", 9, true, "<12\n", 0},
	    {"or the line before it", "ab\n12", 9, true, "ab\n12\n", 0},
	    {"what no font has is named", "\xf0\x9f\x98\x80", 99, false,
	     "\xe2\x80\xb9U+1F600 grinning face\xe2\x80\xba\n", 1},
	    {"and wrapped", "\xf0\x9f\x98\x80", 16, false,
	     "\xe2\x80\xb9U+1F600\ngrinning face\xe2\x80\xba\n", 1},
	    {"or numbered, where it has no name", "\xee\x84\xa3", 99, false,
	     "\xe2\x80\xb9U+E123\xe2\x80\xba\n", 1},
	    {"so is what turns text around", "a\xe2\x80\xae z", 99, false,
	     "a\xe2\x80\xb9U+202E right-to-left override\xe2\x80\xba z\n", 1},
	    {"and what is hidden behind the planes", "\xf3\xa0\x81\xa7", 99, false,
	     "\xe2\x80\xb9U+E0067 tag latin small letter g\xe2\x80\xba\n", 1},
	    {"a joiner is not seen", "a\xe2\x80\x8d z", 99, false, "a z\n", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct document_run run = {.text = slice_from_text(rows[i].text)};
		struct arena *arena = arena_new();
		struct seen seen;
		size_t unseen = set(arena, &run, 1, rows[i].width, rows[i].rtl, &seen);

		if (strcmp(text_string(seen.text), rows[i].lines) != 0 || unseen != rows[i].unseen)
			fail_msg("%s: %s (%zu)", rows[i].claim, text_string(seen.text), unseen);
		arena_free(arena);
	}
}

static void
links_and_fonts_make_pieces(void **state)
{
	const struct document_run runs[] = {
	    {.text = SLICE("see ")},
	    {.text = SLICE("there and on"), .link = SLICE("https://example.org/")},
	    {.text = SLICE(" \xe4\xb8\xad")}};
	struct arena *arena = arena_new();
	struct seen seen;

	(void)state;
	set(arena, runs, 3, 99, false, &seen);
	assert_string_equal(text_string(seen.text), "see there and on \xe4\xb8\xad\n");
	assert_int_equal(seen.pieces, 4);
	assert_int_equal(seen.links, 1);
	/* Over two lines it is two. */
	set(arena, runs, 3, 9, false, &seen);
	assert_int_equal(seen.links, 2);
	arena_free(arena);
}

static void
note_fonts(void *context, const struct text_line *line)
{
	struct text *fonts = context;

	for (size_t i = 0; i < line->count; i++)
		text_printf(fonts, "%zu:%zu ", line->pieces[i].font, line->pieces[i].count);
}

/* Line by line, and only those runs. */
static void
bold_runs_are_drawn_bold(void **state)
{
	const struct document_run runs[] = {
	    {.text = SLICE("a ")}, {.text = SLICE("bcd\nef"), .bold = true}, {.text = SLICE(" g")}};
	struct arena *arena = arena_new();
	struct typesetter *typesetter = typesetter_new("en", &by_one, arena);
	struct paragraph paragraph = {.runs = runs, .run_count = 3, .size = 1, .width = 99};
	struct text *fonts = text_new_in(arena, 1000);

	(void)state;
	typesetter_set(typesetter, &paragraph, note_fonts, fonts);
	assert_string_equal(text_string(fonts), "0:2 1:3 1:2 0:2 ");
	text_reset(fonts);
	paragraph.style.bold = true;
	typesetter_set(typesetter, &paragraph, note_fonts, fonts);
	assert_string_equal(text_string(fonts), "1:5 1:4 ");
	arena_free(arena);
}

/* However long, and whatever it mixes: every character once, no line too wide. */
static void
nothing_is_lost(void **state)
{
	static const uint32_t some[] = {'a', 'b', ' ', 0x5d0, 0x628, 0x4e2d, '(', ')', '1', '-'};
	struct arena *arena = arena_new();
	struct text *text = text_new_in(arena, 100000);
	struct document_run run;
	size_t letters = 0, found = 0;
	struct seen seen;

	(void)state;
	srandom(7);
	for (size_t i = 0; i < 20000; i++) {
		uint32_t code = some[(size_t)random() % (sizeof(some) / sizeof(some[0]))];

		letters += code != ' ';
		utf8_append(text, code);
	}
	run = (struct document_run){.text = text_slice(text)};
	set(arena, &run, 1, 40, false, &seen);
	for (size_t at = 0; at < seen.text->size;) {
		uint32_t code = utf8_next(text_slice(seen.text), &at);

		found += code != ' ' && code != '\n' && code != '<';
	}
	assert_int_equal(found, letters);
	assert_true(seen.widest <= 40);
	arena_free(arena);
}

static void
set_two(unsigned char *bytes, size_t at, unsigned value)
{
	bytes[at] = (unsigned char)(value >> 8);
	bytes[at + 1] = (unsigned char)value;
}

/* A copy of the first font whose map has letters of another script in the place of three of N'Ko
 * and of one sign of Thai: each is a segment of its own, by a distance (OpenType, "cmap", format
 * 4). */
static void
write_font(const char *path, unsigned three, unsigned one)
{
	struct slice font = fonts_bytes(REGULAR);
	const struct slice ends = SLICE("\x07\xe7\x07\xf5\x07\xfa\x0e\x3f");
	unsigned char *copy = malloc(font.size);
	size_t end = slice_find(font, ends, 0), begin, distance;
	FILE *file = fopen(path, "w");

	assert_non_null(copy);
	assert_non_null(file);
	memcpy(copy, font.data, font.size);
	begin = slice_find(font, SLICE("\x07\xc0\x07\xeb\x07\xf8\x0e\x3f"), end);
	distance = slice_find(font, SLICE("\xfe\x2c\xfe\x29\xfe\x27\xf7\xe3"), begin);
	assert_true(end != SLICE_NONE && begin != SLICE_NONE && distance != SLICE_NONE);
	set_two(copy, end + 4, three + 2);
	set_two(copy, begin + 4, three);
	set_two(copy, distance + 4, 0xfe27U + 0x7f8U - three);
	set_two(copy, end + 6, one);
	set_two(copy, begin + 6, one);
	set_two(copy, distance + 6, 0xf7e3U + 0xe3fU - one);
	assert_int_equal(fwrite(copy, 1, font.size, file), font.size);
	assert_int_equal(fclose(file), 0);
	free(copy);
}

/* What no font puts in its places without a shaper is named, whatever fonts there are: it would be
 * other words. */
static void
scripts_that_are_reordered_are_named(void **state)
{
	static const struct {
		unsigned three, one;
		const char *text, *lines;
		size_t unseen;
	} rows[] = {
	    {0x915, 0xb95, "\xe0\xa4\x95\xe0\xae\x95 a",
	     "\xe2\x80\xb9U+0915 devanagari letter ka\xe2\x80\xba"
	     "\xe2\x80\xb9U+0B95 tamil letter ka\xe2\x80\xba a\n",
	     2},
	    /* A letter that is written in pieces otherwise: qa is ka with a dot. */
	    {0x93c, 0xe3f, "\xe0\xa5\x98",
	     "\xe2\x80\xb9U+0915 devanagari letter ka\xe2\x80\xba"
	     "\xe2\x80\xb9U+093C devanagari sign nukta\xe2\x80\xba\n",
	     2},
	    /* What is written in the order of reading is drawn. */
	    {0x7f8, 0xe3f, "\xe0\xb8\xbf\xe0\xba\x81", "\xe0\xb8\xbf\xe0\xba\x81\n", 0},
	};
	char path[] = "/tmp/postern-test-font-XXXXXX";
	const char *const paths[] = {path};
	int descriptor = mkstemp(path);

	(void)state;
	assert_true(descriptor >= 0);
	close(descriptor);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct document_run run = {.text = slice_from_text(rows[i].text)};
		struct arena *arena = arena_new();
		struct seen seen;
		size_t unseen, loaded;

		write_font(path, rows[i].three, rows[i].one);
		loaded = fonts_load(paths, 1);
		/* Also when this fails. */
		unlink(path);
		assert_int_equal(loaded, 1);
		assert_true(fonts_covers(0, rows[i].three) && fonts_covers(0, rows[i].one));
		unseen = set(arena, &run, 1, 99, false, &seen);
		if (strcmp(text_string(seen.text), rows[i].lines) != 0 || unseen != rows[i].unseen)
			fail_msg("%zu: %s (%zu)", i, text_string(seen.text), unseen);
		arena_free(arena);
		assert_int_equal(fonts_load(fonts_here, FONTS_HERE_COUNT), FONTS_HERE_COUNT);
	}
}

#ifdef __SANITIZE_ADDRESS__
/* Of the sanitizer, whose header not every compiler brings. */
size_t __sanitizer_get_current_allocated_bytes(void);
#endif

/* Bytes that are allocated now. */
static size_t
allocated(void)
{
#ifdef __SANITIZE_ADDRESS__
	return __sanitizer_get_current_allocated_bytes();
#else
	struct mallinfo2 now = mallinfo2();

	return now.uordblks + now.hblkhd;
#endif
}

struct weighing {
	size_t most; /* bytes that were allocated at any line */
	size_t opened;
};

static void
weigh_line(void *context, const struct text_line *line)
{
	struct weighing *weighing = context;
	size_t now = allocated();

	weighing->most = now > weighing->most ? now : weighing->most;
	for (size_t i = 0; i < line->count; i++) {
		for (size_t j = 0; j < line->pieces[i].count; j++)
			weighing->opened += line->pieces[i].codes[j] == 0x2039;
	}
}

/* A letter without a font is written in thirty, each of which takes a hundred bytes: what is set is
 * gone before more is, also where a text has no line ends. */
static void
memory_is_that_of_a_line(void **state)
{
	static const struct {
		const char *claim;
		size_t line; /* letters */
		const char *end;
		size_t most;
	} rows[] = {
	    {"short lines", 60, "\n", 4000000},
	    {"one line of words", 60, " ", 40000000},
	    {"one line without a blank", 60, "", 40000000},
	};
	const size_t letters = 60000;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new();
		struct text *text = text_new_in(arena, 200000);
		struct typesetter *typesetter = typesetter_new("en", &by_one, arena);
		struct document_run run;
		const struct paragraph paragraph = {
		    .runs = &run, .run_count = 1, .size = 1, .width = 90};
		struct weighing weighing = {.most = 0};
		size_t before, unseen;

		/* Letters of two bytes at odd places. */
		text_append(text, SLICE("a"));
		for (size_t j = 0; j < letters; j++) {
			/* Alaph, of Syriac. */
			utf8_append(text, 0x710);
			if (j % rows[i].line == rows[i].line - 1)
				text_append(text, slice_from_text(rows[i].end));
		}
		run = (struct document_run){.text = text_slice(text)};
		before = allocated();
		unseen = typesetter_set(typesetter, &paragraph, weigh_line, &weighing);
		if (unseen != letters || weighing.opened != letters ||
		    weighing.most - before > rows[i].most)
			fail_msg("%s: %zu of %zu, %zu bytes", rows[i].claim, weighing.opened,
				 unseen, weighing.most - before);
		arena_free(arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lines_as_they_are_seen),
	    cmocka_unit_test(links_and_fonts_make_pieces),
	    cmocka_unit_test(bold_runs_are_drawn_bold),
	    cmocka_unit_test(nothing_is_lost),
	    cmocka_unit_test(scripts_that_are_reordered_are_named),
	    cmocka_unit_test(memory_is_that_of_a_line),
	};

	return cmocka_run_group_tests_name("pdf/paragraph", tests, set_up_fonts, tear_down_fonts);
}
