/* base/slice: borrowed bytes. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/slice.h"

static void
parts_are_clamped(void **state)
{
	static const struct {
		const char *claim;
		size_t from, to, offset, size;
	} rows[] = {
	    {"the middle", 1, 3, 1, 2},
	    {"to past the end stops at the end", 2, 99, 2, 2},
	    {"from past the end is empty", 99, 100, 4, 0},
	    {"from behind to is empty", 3, 1, 1, 0},
	    {"the largest numbers", SIZE_MAX, SIZE_MAX, 4, 0},
	    {"all", 0, SIZE_MAX, 0, 4},
	};
	struct slice whole = SLICE("abcd");

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice part = slice_part(whole, rows[i].from, rows[i].to);

		print_message("  %s\n", rows[i].claim);
		assert_int_equal(part.size, rows[i].size);
		assert_ptr_equal(part.data, whole.data + rows[i].offset);
	}
	assert_int_equal(slice_part(slice_of(NULL, 0), 0, 5).size, 0);
}

static void
comparing_knows_length_case_and_nul(void **state)
{
	(void)state;
	assert_true(slice_equal(SLICE("a\0b"), SLICE("a\0b")));
	assert_false(slice_equal(SLICE("a\0b"), SLICE("a\0c")));
	assert_false(slice_equal(SLICE("a"), SLICE("a\0")));
	assert_true(slice_equal(slice_of(NULL, 0), SLICE("")));
	assert_true(slice_equal_nocase(SLICE("MAIL From"), SLICE("mail fROM")));
	assert_false(slice_equal_nocase(SLICE("MAIL"), SLICE("MAILS")));
	/* Only ASCII letters fold: '[' and '{' differ by the same bit. */
	assert_false(slice_equal_nocase(SLICE("["), SLICE("{")));
	assert_false(slice_equal_nocase(SLICE("\xc4"), SLICE("\xe4")));
	assert_true(slice_starts_nocase(SLICE("RCPT TO:<x>"), SLICE("rcpt to:")));
	assert_false(slice_starts_nocase(SLICE("RCPT"), SLICE("rcpt to:")));
	assert_true(slice_starts_nocase(SLICE("x"), SLICE("")));
}

static void
finding_starts_where_told(void **state)
{
	struct slice whole = SLICE("one two ONE two");

	(void)state;
	assert_int_equal(slice_count_characters(SLICE("a\xc3\xbc\xf0\x9f\x98\x80")), 3);
	assert_int_equal(slice_find_byte(whole, 't', 0), 4);
	assert_int_equal(slice_find_byte(whole, 't', 5), 12);
	assert_true(slice_find_byte(whole, 't', 13) == SLICE_NONE);
	assert_true(slice_find_byte(whole, 't', 99) == SLICE_NONE);
	assert_true(slice_find_byte(slice_of(NULL, 0), 't', 0) == SLICE_NONE);
	assert_int_equal(slice_find(whole, SLICE("two"), 5), 12);
	assert_true(slice_find(whole, SLICE("two"), 13) == SLICE_NONE);
	assert_true(slice_find(whole, SLICE("two!"), 12) == SLICE_NONE);
	assert_int_equal(slice_find(whole, SLICE(""), 3), 3);
	assert_true(slice_find(whole, SLICE(""), 16) == SLICE_NONE);
	assert_int_equal(slice_find_nocase(whole, SLICE("one"), 1), 8);
	assert_true(slice_find_nocase(whole, SLICE("one"), 9) == SLICE_NONE);
	assert_true(slice_find_nocase(SLICE("o"), SLICE("one"), 0) == SLICE_NONE);
	assert_true(slice_find_nocase(whole, SLICE("one"), 99) == SLICE_NONE);
}

static void
trimming_takes_blanks_only(void **state)
{
	(void)state;
	assert_true(slice_equal(slice_trim(SLICE(" \t\r\n a b \n")), SLICE("a b")));
	assert_true(slice_equal(slice_trim(SLICE(" \t ")), SLICE("")));
	assert_true(slice_equal(slice_trim(SLICE("\v\0")), SLICE("\v\0")));
	assert_int_equal(slice_trim(slice_of(NULL, 0)).size, 0);
}

static void
numbers_are_digits_that_fit(void **state)
{
	static const struct {
		const char *text;
		bool good;
		unsigned long long number;
	} rows[] = {
	    {"0", true, 0},
	    {"007", true, 7},
	    {"18446744073709551615", true, ULLONG_MAX},
	    {"18446744073709551616", false, 0},
	    {"99999999999999999999999", false, 0},
	    {"", false, 0},
	    {"-1", false, 0},
	    {"+1", false, 0},
	    {" 1", false, 0},
	    {"1 ", false, 0},
	    {"0x1", false, 0},
	    {"1.0", false, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned long long number = 4711;

		print_message("  \"%s\"\n", rows[i].text);
		assert_int_equal(slice_to_number(slice_from_text(rows[i].text), &number),
				 rows[i].good);
		assert_true(number == (rows[i].good ? rows[i].number : 4711));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(parts_are_clamped),
	    cmocka_unit_test(comparing_knows_length_case_and_nul),
	    cmocka_unit_test(finding_starts_where_told),
	    cmocka_unit_test(trimming_takes_blanks_only),
	    cmocka_unit_test(numbers_are_digits_that_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
