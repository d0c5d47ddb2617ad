/*
 * The scanner of message text against a slow one that says in other words what RFC
 * 5321 says, over random text cut at random places.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "ingest/dot.h"
#include "tests/unit/ingest/slow_dot.h"

#define TEXT_MAX ((size_t)1048576)

/* Feed `input` in pieces of at most `most` bytes (0: as one) and compare with the slow scanner. */
static void
compare(struct slice input, size_t most, unsigned *seed)
{
	struct text content;
	struct slow_dot slow;
	struct dot dot;
	size_t at = 0;

	text_init(&content, TEXT_MAX);
	slow_dot_scan(input, &slow);
	dot_init(&dot);
	while (at < input.size && !dot_ended(&dot)) {
		size_t size = most == 0 ? input.size : 1 + (size_t)rand_r(seed) % most;
		struct slice piece = slice_part(input, at, at + size);

		size = piece.size;
		while (piece.size > 0 && !dot_ended(&dot)) {
			size_t before = piece.size;
			struct slice run = dot_next(&dot, &piece);

			assert_true(piece.size < before);
			text_append(&content, run);
		}
		at += size - piece.size;
	}
	assert_int_equal(dot_ended(&dot), slow.ended);
	assert_int_equal(dot.fault, slow.fault);
	assert_int_equal(at, slow.used);
	if (dot.fault == DOT_CLEAN)
		assert_true(slice_equal(text_slice(&content), text_slice(&slow.content)));
	else
		assert_true(content.size <= slow.content.size &&
			    memcmp(content.data == NULL ? (const unsigned char *)"" : content.data,
				   slow.content.data == NULL ? (const unsigned char *)""
							     : slow.content.data,
				   content.size) == 0);
	text_clear(&content);
	text_clear(&slow.content);
}

static void
agrees_with_the_slow_scanner(void **state)
{
	/* Pieces that random text is made of: mostly the right ones. */
	static const char *const pieces[] = {
	    "\r\n", "\r\n", "\r\n.",   "\r\n.\r\n", ".",     "a",  "text",   "\r\n..",
	    "\r",   "\n",   "\r\n.\r", "\r\n.\n",   ".\r\n", "bc", "\r\r\n", "x\r\n"};
	unsigned seed = 1;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct text input;
		/* Half of the texts have no bare line end. */
		bool strict = round % 2 == 0;
		int count = rand_r(&seed) % 30;

		text_init(&input, TEXT_MAX);
		for (int i = 0; i < count; i++) {
			size_t pick = (size_t)rand_r(&seed) % (sizeof(pieces) / sizeof(pieces[0]));

			if (!strict ||
			    (pick != 8 && pick != 9 && pick != 10 && pick != 11 && pick != 14))
				text_append_text(&input, pieces[pick]);
		}
		text_append_text(&input, "\r\n.\r\nQUIT\r\n");
		compare(text_slice(&input), 0, &seed);
		compare(text_slice(&input), 1, &seed);
		compare(text_slice(&input), 7, &seed);
		text_clear(&input);
	}
}

static void
bounds_lines_wherever_they_are_cut(void **state)
{
	unsigned seed = 2;

	(void)state;
	for (size_t size = DOT_LINE_MAX - 4; size <= DOT_LINE_MAX + 4; size++) {
		for (int dots = 0; dots < 2; dots++) {
			struct text input;

			text_init(&input, TEXT_MAX);
			text_append_text(&input, "first\r\n");
			text_append_text(&input, dots == 0 ? "" : ".");
			for (size_t i = (size_t)dots; i < size - 2; i++)
				text_append_byte(&input, 'x');
			text_append_text(&input, "\r\nlast\r\n.\r\n");
			compare(text_slice(&input), 0, &seed);
			compare(text_slice(&input), 70000, &seed);
			compare(text_slice(&input), 5000, &seed);
			text_clear(&input);
		}
	}
}

/* A clean text goes out as slices of itself, few of them: that is what makes it fast. */
static void
gives_long_runs(void **state)
{
	struct text input;
	struct slice rest;
	struct dot dot;
	size_t runs = 0;

	(void)state;
	text_init(&input, TEXT_MAX);
	for (int i = 0; i < 1000; i++)
		text_append_text(&input, "a line of an ordinary message\r\n");
	text_append_text(&input, ".\r\n");
	rest = text_slice(&input);
	dot_init(&dot);
	while (!dot_ended(&dot)) {
		struct slice run = dot_next(&dot, &rest);

		assert_true(run.size == 0 || run.data == input.data);
		runs++;
	}
	/* The text, and the two steps of the end mark. */
	assert_true(runs <= 3);
	text_clear(&input);
}

static void
leaves_what_is_behind_the_end(void **state)
{
	struct slice input = SLICE("x\r\n.\r\nQUIT\r\n");
	struct dot dot;

	(void)state;
	dot_init(&dot);
	while (!dot_ended(&dot))
		(void)dot_next(&dot, &input);
	assert_true(slice_equal(input, SLICE("QUIT\r\n")));
	assert_int_equal(dot_next(&dot, &input).size, 0);
	assert_true(slice_equal(input, SLICE("QUIT\r\n")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(agrees_with_the_slow_scanner),
	    cmocka_unit_test(bounds_lines_wherever_they_are_cut),
	    cmocka_unit_test(gives_long_runs),
	    cmocka_unit_test(leaves_what_is_behind_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
