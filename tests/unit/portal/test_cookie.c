#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "portal/cookie.h"

static const struct {
	const char *claim;
	const char *header;
	const char *value; /* NULL: not found */
} rows[] = {
    {"alone", "a=1", "1"},
    {"behind others", "b=2; a=1", "1"},
    {"the first of two holds", "a=1; a=2", "1"},
    {"empty value", "a=", ""},
    {"value with equals signs", "a=x==", "x=="},
    {"no blank behind the semicolon", "b=2;a=1", "1"},
    {"a longer name is another cookie", "aa=2", NULL},
    {"a shorter name is another cookie", "=2", NULL},
    {"names are compared with case", "A=1", NULL},
    {"a name alone has no value", "a", NULL},
    {"nothing there", "", NULL},
    {"only semicolons", ";;; ;", NULL},
};

static void
test_cookie_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice value;
		bool found = cookie_find(slice_from_text(rows[i].header), "a", &value);

		if (found != (rows[i].value != NULL) ||
		    (found && !slice_equal(value, slice_from_text(rows[i].value))))
			fail_msg("%s", rows[i].claim);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_cookie_is_found)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
