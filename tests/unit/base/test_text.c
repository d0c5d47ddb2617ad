/* base/text: the bounded builder. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

static void
it_grows_to_its_bound_and_no_further(void **state)
{
	struct text text;

	(void)state;
	text_init(&text, 1000);
	for (int i = 0; i < 1000; i++)
		text_append_byte(&text, 'x');
	assert_true(text_ok(&text));
	assert_int_equal(text.size, 1000);
	assert_true(text.capacity > text.size);
	text_append_byte(&text, 'y');
	assert_false(text_ok(&text));
	assert_int_equal(text.size, 1000);
	assert_int_equal(strlen(text_string(&text)), 1000);
	text_clear(&text);
	assert_true(text_ok(&text));
	assert_string_equal(text_string(&text), "");
	text_clear(&text);
}

static void
what_does_not_fit_is_dropped_whole(void **state)
{
	struct text text;

	(void)state;
	text_init(&text, 8);
	text_append_text(&text, "12345");
	text_append_text(&text, "6789");
	assert_string_equal(text_string(&text), "12345");
	assert_false(text_ok(&text));
	/* The mark stays although this fits. */
	text_append_text(&text, "678");
	assert_string_equal(text_string(&text), "12345678");
	assert_false(text_ok(&text));
	text_reset(&text);
	assert_true(text_ok(&text));
	assert_int_equal(text.size, 0);
	text_append(&text, slice_of("x", SIZE_MAX));
	assert_false(text_ok(&text));
	text_clear(&text);
}

static void
printing_may_fill_the_bound(void **state)
{
	struct text text;

	(void)state;
	text_init(&text, 8);
	text_printf(&text, "%d-%s", 123, "abcd");
	assert_true(text_ok(&text));
	assert_string_equal(text_string(&text), "123-abcd");
	text_printf(&text, "%d", 1);
	assert_false(text_ok(&text));
	assert_string_equal(text_string(&text), "123-abcd");
	text_clear(&text);
	text_init(&text, 256);
	for (int i = 0; i < 256; i++)
		text_printf(&text, "%d", i % 10);
	assert_true(text_ok(&text));
	assert_int_equal(strlen(text_string(&text)), 256);
	text_clear(&text);
}

static void
reserved_room_counts_when_committed(void **state)
{
	struct text text;
	unsigned char *room;

	(void)state;
	text_init(&text, 10);
	text_append_text(&text, "ab");
	room = text_reserve(&text, 8);
	assert_non_null(room);
	memcpy(room, "cdefghij", 8);
	assert_int_equal(text.size, 2);
	text_commit(&text, 3);
	assert_string_equal(text_string(&text), "abcde");
	assert_null(text_reserve(&text, 6));
	assert_false(text_ok(&text));
	text_clear(&text);
}

static void
bytes_with_nul_survive(void **state)
{
	struct arena *arena = arena_new();
	struct text text;

	(void)state;
	text_init_in(&text, arena, 100);
	text_append(&text, SLICE("a\0b"));
	text_append(&text, slice_of(NULL, 0));
	assert_true(slice_equal(text_slice(&text), SLICE("a\0b")));
	arena_free(arena);
	assert_null(text.data);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_grows_to_its_bound_and_no_further),
	    cmocka_unit_test(what_does_not_fit_is_dropped_whole),
	    cmocka_unit_test(printing_may_fill_the_bound),
	    cmocka_unit_test(reserved_room_counts_when_committed),
	    cmocka_unit_test(bytes_with_nul_survive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
