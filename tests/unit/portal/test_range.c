#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "portal/range.h"

static const struct {
	const char *claim;
	const char *header;
	uint64_t size;
	enum range_result result;
	uint64_t from;
	uint64_t to;
} rows[] = {
    {"first bytes", "bytes=0-9", 100, RANGE_PART, 0, 10},
    {"one byte", "bytes=5-5", 100, RANGE_PART, 5, 6},
    {"from somewhere on", "bytes=90-", 100, RANGE_PART, 90, 100},
    {"the last bytes", "bytes=-10", 100, RANGE_PART, 90, 100},
    {"more last bytes than there are", "bytes=-1000", 100, RANGE_PART, 0, 100},
    {"an end behind the end is cut", "bytes=90-1000", 100, RANGE_PART, 90, 100},
    {"the largest number", "bytes=0-18446744073709551615", 100, RANGE_PART, 0, 100},
    {"the unit in any case", "Bytes=0-0", 100, RANGE_PART, 0, 1},
    {"behind the end", "bytes=100-", 100, RANGE_UNSATISFIABLE, 0, 0},
    {"behind the end with an end", "bytes=100-200", 100, RANGE_UNSATISFIABLE, 0, 0},
    {"no last bytes", "bytes=-0", 100, RANGE_UNSATISFIABLE, 0, 0},
    {"anything of an empty file", "bytes=0-0", 0, RANGE_UNSATISFIABLE, 0, 0},
    {"the last bytes of an empty file", "bytes=-5", 0, RANGE_UNSATISFIABLE, 0, 0},
    {"backwards is no range", "bytes=9-5", 100, RANGE_WHOLE, 0, 0},
    {"several are not given", "bytes=0-1,3-4", 100, RANGE_WHOLE, 0, 0},
    {"another unit", "lines=0-1", 100, RANGE_WHOLE, 0, 0},
    {"signs", "bytes=+0-1", 100, RANGE_WHOLE, 0, 0},
    {"overflow", "bytes=18446744073709551616-", 100, RANGE_WHOLE, 0, 0},
    {"no numbers", "bytes=-", 100, RANGE_WHOLE, 0, 0},
    {"nothing", "bytes=", 100, RANGE_WHOLE, 0, 0},
    {"no dash", "bytes=5", 100, RANGE_WHOLE, 0, 0},
};

static void
test_range_is_understood(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t from = 0;
		uint64_t to = 0;
		enum range_result result =
		    range_parse(slice_from_text(rows[i].header), rows[i].size, &from, &to);

		if (result != rows[i].result || from != rows[i].from || to != rows[i].to)
			fail_msg("%s: %d [%llu, %llu)", rows[i].claim, (int)result,
				 (unsigned long long)from, (unsigned long long)to);
	}
}

static void
test_tags_are_compared(void **state)
{
	(void)state;
	assert_true(range_tag_listed(SLICE("\"a\""), "\"a\""));
	assert_true(range_tag_listed(SLICE("\"b\", W/\"a\""), "\"a\""));
	assert_true(range_tag_listed(SLICE(" * "), "\"a\""));
	assert_false(range_tag_listed(SLICE("\"ab\""), "\"a\""));
	assert_false(range_tag_listed(SLICE(""), "\"a\""));
	assert_true(range_tag_same(SLICE("\"a\""), "\"a\""));
	assert_false(range_tag_same(SLICE("W/\"a\""), "\"a\""));
	assert_false(range_tag_same(SLICE("Sun, 22 Nov 2026 06:01:21 GMT"), "\"a\""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_range_is_understood),
	    cmocka_unit_test(test_tags_are_compared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
