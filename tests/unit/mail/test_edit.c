/* A message read through its edits equals the message written with them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mail/edit.h"

static const char stored[] = "0123456789";

static void
test_reads_as_edited(void **state)
{
	static const struct {
		const char *claim;
		struct edit edits[3];
		size_t count;
		const char *text;
	} rows[] = {
	    {"none", {{0}}, 0, "0123456789"},
	    {"put in front", {{0, 0, SLICE("ab")}}, 1, "ab0123456789"},
	    {"cut in the middle", {{3, 2, {NULL, 0}}}, 1, "01256789"},
	    {"replace the end", {{9, 1, SLICE("xyz")}}, 1, "012345678xyz"},
	    {"append", {{10, 0, SLICE("x")}}, 1, "0123456789x"},
	    {"all cut", {{0, 10, {NULL, 0}}}, 1, ""},
	    {"three", {{0, 1, SLICE("a")}, {1, 1, SLICE("bb")}, {5, 5, {NULL, 0}}}, 3, "abb234"},
	};
	struct slice bytes = slice_of(stored, 10);
	struct source source = source_from_slice(&bytes);
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct edit list[3];
		struct edits edits = {list, rows[i].count};
		size_t size = strlen(rows[i].text);
		struct source edited;
		unsigned char got[32];

		memcpy(list, rows[i].edits, sizeof(list));
		assert_int_equal(edit_source(&source, &edits, arena, &edited), STATUS_OK);
		assert_int_equal(edited.size, size);
		/* From every offset, so that every piece is entered in its middle. */
		for (size_t from = 0; from <= size; from++) {
			assert_int_equal(source_read_exactly(&edited, from, got, size - from),
					 STATUS_OK);
			if (memcmp(got, rows[i].text + from, size - from) != 0)
				fail_msg("%s", rows[i].claim);
		}
		assert_int_equal(source_read_exactly(&edited, size, got, 1), STATUS_INVALID);
	}
	arena_free(arena);
}

static void
test_refuses(void **state)
{
	struct edit overlapping[] = {{2, 3, {NULL, 0}}, {4, 1, {NULL, 0}}};
	struct edit unsorted[] = {{4, 1, {NULL, 0}}, {2, 1, {NULL, 0}}};
	struct edit outside[] = {{9, 2, {NULL, 0}}};
	struct edit far[] = {{11, 0, {NULL, 0}}};
	struct edit wrapping[] = {{5, UINT64_MAX, {NULL, 0}}};
	struct edits rows[] = {
	    {overlapping, 2}, {unsorted, 2}, {outside, 1}, {far, 1}, {wrapping, 1}};
	struct slice bytes = slice_of(stored, 10);
	struct source source = source_from_slice(&bytes);
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct source edited;

		assert_int_equal(edit_source(&source, &rows[i], arena, &edited), STATUS_INVALID);
	}
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_reads_as_edited),
	    cmocka_unit_test(test_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
