#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"
#include "portal/form.h"

static const struct {
	const char *claim;
	const char *body;
	enum status status;
	struct slice value; /* of the field "a" */
} rows[] = {
    {"one field", "a=1", STATUS_OK, SLICE("1")},
    {"plus is a blank", "a=x+y", STATUS_OK, SLICE("x y")},
    {"percent", "a=%41%c3%bc", STATUS_OK, SLICE("A\xc3\xbc")},
    {"NUL does not cut", "a=secret%00x", STATUS_OK, SLICE("secret\0x")},
    {"no value", "a", STATUS_OK, SLICE("")},
    {"equals signs in a value", "a=b=c", STATUS_OK, SLICE("b=c")},
    {"empty pairs", "&&a=1&", STATUS_OK, SLICE("1")},
    {"bytes that are no UTF-8 come through", "a=%c0%80", STATUS_OK, SLICE("\xc0\x80")},
    {"a name is decoded", "%61=1", STATUS_OK, SLICE("1")},
    {"nothing", "", STATUS_OK, SLICE("")},
    {"the same field twice", "a=wrong&a=right", STATUS_INVALID, SLICE("")},
    {"the same field twice, disguised", "a=wrong&%61=right", STATUS_INVALID, SLICE("")},
    {"percent at the end", "a=%", STATUS_INVALID, SLICE("")},
    {"percent and one digit", "a=%4", STATUS_INVALID, SLICE("")},
    {"percent and no digits", "a=%zz", STATUS_INVALID, SLICE("")},
    {"a value without a name", "=1", STATUS_INVALID, SLICE("")},
};

static void
test_form_is_decoded(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new();
		struct form form = {.count = 0};
		enum status status = form_parse(slice_from_text(rows[i].body), arena, &form);

		if (status != rows[i].status || !slice_equal(form_value(&form, "a"), rows[i].value))
			fail_msg("%s", rows[i].claim);
		arena_free(arena);
	}
}

static void
test_form_is_bounded(void **state)
{
	struct arena *arena = arena_new();
	struct form form = {.count = 7};
	struct text body;

	(void)state;
	text_init_in(&body, arena, 1000000);
	for (int i = 0; i < 100000; i++)
		text_printf(&body, "a%d=1&", i);
	assert_int_equal(form_parse(text_slice(&body), arena, &form), STATUS_TOO_LARGE);
	assert_int_equal(form.count, 7); /* unchanged */
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_form_is_decoded),
	    cmocka_unit_test(test_form_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
