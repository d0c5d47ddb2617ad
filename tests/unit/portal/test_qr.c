/* QR codes as they are shown, read back from both drawings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "portal/qr.h"

#define SIZE_MAX_MODULES 200

static struct arena *arena;
static bool dark[SIZE_MAX_MODULES][SIZE_MAX_MODULES];

static int
set_up(void **state)
{
	(void)state;
	arena = arena_new();
	memset(dark, 0, sizeof(dark));
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* Fill in what the path draws; it holds nothing else. */
static void
follow(const char *path)
{
	while (*path != '\0') {
		int column, row, length, back, read = 0;

		assert_int_equal(
		    sscanf(path, "M%d %dh%dv1h-%dz%n", &column, &row, &length, &back, &read), 4);
		assert_true(read > 0 && length == back);
		for (int i = 0; i < length; i++)
			dark[row][column + i] = true;
		path += read;
	}
}

static void
both_drawings_are_the_same(void **state)
{
	struct qr qr;
	const char *at;

	(void)state;
	assert_int_equal(qr_draw(SLICE("otpauth://totp/a:b?secret=GEZDGNBV"), arena, &qr),
			 STATUS_OK);
	assert_in_range(qr.size, 21 + 2 * QR_QUIET, SIZE_MAX_MODULES - 1);
	follow(qr.path);
	at = qr.blocks;
	for (int row = 0; row < qr.size; row += 2) {
		for (int column = 0; column < qr.size; column++) {
			bool above = !dark[row][column], below = !dark[row + 1][column];
			const char *block = above && below ? "\xe2\x96\x88"
					    : above	   ? "\xe2\x96\x80"
					    : below	   ? "\xe2\x96\x84"
							   : " ";

			assert_memory_equal(at, block, strlen(block));
			at += strlen(block);
		}
		assert_int_equal(*at++, '\n');
	}
	assert_int_equal(*at, '\0');
	/* Quiet around, and the corner of a finder pattern within. */
	for (int i = 0; i < qr.size; i++)
		assert_false(dark[0][i] || dark[QR_QUIET - 1][i] || dark[i][0] ||
			     dark[qr.size - 1][i]);
	assert_true(dark[QR_QUIET][QR_QUIET] && dark[QR_QUIET][qr.size - QR_QUIET - 1] &&
		    dark[qr.size - QR_QUIET - 1][QR_QUIET]);
}

static void
sizes_are_bounded(void **state)
{
	unsigned char bytes[1201];
	struct qr qr;

	(void)state;
	memset(bytes, 'x', sizeof(bytes));
	assert_int_equal(qr_draw(slice_of(bytes, 0), arena, &qr), STATUS_TOO_LARGE);
	assert_int_equal(qr_draw(slice_of(bytes, 1200), arena, &qr), STATUS_OK);
	assert_int_equal(qr_draw(slice_of(bytes, 1201), arena, &qr), STATUS_TOO_LARGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(both_drawings_are_the_same, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(sizes_are_bounded, set_up, tear_down),
	};

	log_open("test", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
