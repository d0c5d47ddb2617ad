/* portal/choose: the language in a query, and the query without it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "portal/choose.h"

static const struct {
	const char *query, *asked, *without;
} rows[] = {
    {"", "", ""},
    {"language=de", "de", ""},
    {"LANGUAGE=de", "de", ""},
    {"language=", "", "language="},
    {"language", "", "language"},
    {"languages=de", "", "languages=de"},
    {"xlanguage=de", "", "xlanguage=de"},
    {"a=b&language=de&c=d", "de", "a=b&c=d"},
    {"a=b&language=de", "de", "a=b"},
    {"language=de&language=fr", "de", ""},
    {"find=language%3Dde", "", "find=language%3Dde"},
    {"&&language=de&&", "de", ""},
    {"language=<script>", "<script>", ""},
};

static void
reads_and_takes_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new();
		struct slice query = slice_from_text(rows[i].query);
		const char *asked = arena_text_from(arena, choose_asked(query));
		const char *without = arena_text_from(arena, choose_without(query, arena));

		if (strcmp(asked, rows[i].asked) != 0 || strcmp(without, rows[i].without) != 0)
			fail_msg("\"%s\" gives \"%s\" and \"%s\"", rows[i].query, asked, without);
		arena_free(arena);
	}
}

static void
a_long_query_is_dropped(void **state)
{
	struct arena *arena = arena_new();
	struct text query;

	(void)state;
	text_init_in(&query, arena, 4 * REQUEST_TARGET_MAX);
	for (size_t i = 0; i < REQUEST_TARGET_MAX; i++)
		text_append_text(&query, "ab&");
	assert_true(choose_without(text_slice(&query), arena).size <= REQUEST_TARGET_MAX);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_and_takes_out),
	    cmocka_unit_test(a_long_query_is_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
