/* messenger/phone, sheet and factor: numbers of phones, pairs of codes on paper, and what may be
 * wished for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "messenger/factor.h"
#include "messenger/factor_wish.h"
#include "messenger/passphrase.h"
#include "messenger/sheet.h"

static const struct {
	const char *claim;
	const char *typed;
	const char *number; /* NULL: it is none */
} numbers[] = {
    {"digits alone", "+4915112345678", "+4915112345678"},
    {"blanks between", " +49 151 1234 5678 ", "+4915112345678"},
    {"all gaps that people write", "+49 (151) 12-34/56.78", "+4915112345678"},
    {"a blank that does not break", "+49\u00a0151\u202f12345678", "+4915112345678"},
    {"hyphens of typographers", "+49 151\u201112345\u2013678", "+4915112345678"},
    {"8 digits", "+49123456", "+49123456"},
    {"7 digits", "+4912345", NULL},
    {"15 digits", "+123456789012345", "+123456789012345"},
    {"16 digits", "+1234567890123456", NULL},
    {"no plus", "4915112345678", NULL},
    {"the prefix of calls abroad", "004915112345678", NULL},
    {"a number within the country", "0151 12345678", NULL},
    {"a zero that may be dialled or not", "+49 (0) 151 12345678", NULL},
    {"the same with more behind it", "+49 (0151) 12345678", NULL},
    {"no country begins with 0", "+0151123456789", NULL},
    {"a second plus", "++4915112345678", NULL},
    {"a plus inside", "+49+15112345678", NULL},
    {"letters", "+49 151 CALLME12", NULL},
    {"another line", "+4915112345678\n+4915112345679", NULL},
    {"other digits", "+49151\u0661\u0662\u0663\u0664\u0665\u0666", NULL},
    {"an extension", "+49 30 1234567 ext. 12", NULL},
    {"broken UTF-8", "+49151123456\xff", NULL},
    {"nothing", "", NULL},
    {"a plus alone", "+", NULL},
};

#define TEN "0123456789"
#define SEVENTY TEN TEN TEN TEN TEN TEN TEN

static const struct {
	const char *claim;
	const char *text;
	bool fits;
} messages[] = {
    {"nothing", "", true},
    {"160 letters", SEVENTY SEVENTY TEN TEN, true},
    {"161 letters", SEVENTY SEVENTY TEN TEN "1", false},
    {"letters of GSM beyond ASCII",
     SEVENTY SEVENTY "\u00e4\u00f6\u00fc\u00df\u00e9\u00f1\u00c7@$_" TEN, true},
    {"signs that take two places", SEVENTY SEVENTY TEN "[]{}\u20ac", true},
    {"one of these too many", SEVENTY SEVENTY TEN "[]{}\u20ac|", false},
    {"70 with one that GSM has not", TEN TEN TEN TEN TEN TEN "123456789\u00f3", true},
    {"71 with one that GSM has not", SEVENTY "\u00f3", false},
    {"a small c with cedilla is not there, the capital is", SEVENTY "\u00e7", false},
    {"a blank that does not break is not there", SEVENTY "\u00a0", false},
    {"a grave accent alone is not there", SEVENTY "`", false},
    {"what takes two units of UCS-2",
     TEN TEN TEN TEN TEN TEN "12345678"
			     "\U0001f511",
     true},
    {"one of these too many",
     TEN TEN TEN TEN TEN TEN "123456789"
			     "\U0001f511",
     false},
};

static void
texts_fit_into_one_message_or_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++)
		if (phone_is_one_message(messages[i].text) != messages[i].fits)
			fail_msg("%s", messages[i].claim);
}

static void
numbers_are_cleaned_or_refused(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		const char *found = phone_read(slice_from_text(numbers[i].typed), arena);

		if ((found == NULL) != (numbers[i].number == NULL) ||
		    (found != NULL && strcmp(found, numbers[i].number) != 0))
			fail_msg("%s: %s", numbers[i].claim, found == NULL ? "none" : found);
	}
	arena_free(arena);
}

static void
numbers_are_shown_by_country_and_last_digits(void **state)
{
	static const char *const masks[][2] = {
	    {"+4915112345678", "+49 ... 678"},
	    {"+12025550123", "+1 ... 123"},
	    {"+79161234567", "+7 ... 567"},
	    {"+35312345678", "+353 ... 678"},
	    {"+999123456", "+999 ... 456"},
	    {"+49123456", "+49 ... 456"},
	    {"", ""},
	    {"+1", ""},
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++)
		assert_string_equal(phone_mask(masks[i][0], arena), masks[i][1]);
	arena_free(arena);
}

static void
a_code_makes_its_pair_at_its_place_only(void **state)
{
	struct id sheet = id_new(), other = id_new();
	struct secret pepper, stranger;
	struct pair pair, again;
	const struct {
		const struct secret *pepper;
		const struct id *sheet;
		int number;
		struct slice code;
		bool same;
	} rows[] = {
	    {&pepper, &sheet, 7, SLICE("12345"), true},
	    {&pepper, &sheet, 8, SLICE("12345"), false},
	    {&pepper, &sheet, 7, SLICE("12346"), false},
	    {&pepper, &other, 7, SLICE("12345"), false},
	    {&stranger, &sheet, 7, SLICE("12345"), false},
	};

	(void)state;
	secret_random(&pepper, 32);
	secret_random(&stranger, 32);
	assert_int_equal(sheet_derive(&pepper, &sheet, 7, SLICE("12345"), &pair), STATUS_OK);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(sheet_derive(rows[i].pepper, rows[i].sheet, rows[i].number,
					      rows[i].code, &again),
				 STATUS_OK);
		assert_int_equal(memcmp(pair.public, again.public, PAIR_PUBLIC_SIZE) == 0,
				 rows[i].same);
		pair_clear(&again);
	}
	pair_clear(&pair);
	secret_clear(&stranger);
	/* Who has no pepper makes none, and no code is shorter. */
	assert_int_equal(sheet_derive(&stranger, &sheet, 7, SLICE("12345"), &pair),
			 STATUS_INTERNAL);
	assert_int_equal(sheet_derive(&pepper, &sheet, 7, SLICE("1234"), &pair), STATUS_INTERNAL);
	secret_clear(&pepper);
}

static void
words_are_read_as_they_are_written(void **state)
{
	static const enum factor all[] = {FACTOR_NONE, FACTOR_MAIL, FACTOR_PHONE, FACTOR_SHEET};
	enum factor factor;

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		assert_true(factor_read_word(slice_from_text(factor_word(all[i])), &factor));
		assert_int_equal(factor, all[i]);
	}
	assert_true(factor_read_word(SLICE("Sheet"), &factor) && factor == FACTOR_SHEET);
	assert_true(factor_read_word(SLICE(""), &factor) && factor == FACTOR_NONE);
	assert_false(factor_read_word(SLICE("pigeon"), &factor));
}

static void
what_is_not_there_cannot_be_asked_for(void **state)
{
	static const struct {
		enum factor factor;
		bool way, phone;
		int left;
		bool ready;
	} rows[] = {
	    {FACTOR_NONE, false, false, 0, true},  {FACTOR_MAIL, false, false, 0, true},
	    {FACTOR_PHONE, true, true, 0, true},   {FACTOR_PHONE, false, true, 9, false},
	    {FACTOR_PHONE, true, false, 9, false}, {FACTOR_SHEET, true, true, 0, false},
	    {FACTOR_SHEET, false, false, 1, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct policy policy = {.phone = {.is_set = rows[i].way}};

		if (factor_is_ready(&policy, rows[i].factor, rows[i].phone, rows[i].left) !=
		    rows[i].ready)
			fail_msg("row %zu", i);
	}
	/* What is always wanted is wanted beside nothing only. */
	assert_int_equal(factor_in_force(&(struct policy){.always_factor = true}, FACTOR_NONE),
			 FACTOR_MAIL);
	assert_int_equal(factor_in_force(&(struct policy){.always_factor = true}, FACTOR_SHEET),
			 FACTOR_SHEET);
}

static void
wishes_are_checked_against_what_there_is(void **state)
{
	static const struct {
		const char *claim;
		struct factor_wish wish;
		struct factor_means means;
		bool way;
		unsigned faults;
		const char *phone;
	} rows[] = {
	    {"nothing", {FACTOR_NONE, {NULL, 0}, PDF_NONE}, {.domain = true}, false, 0, ""},
	    {"a mail, also for a domain",
	     {FACTOR_MAIL, {NULL, 0}, PDF_NONE},
	     {.domain = true},
	     false,
	     0,
	     ""},
	    {"a number that is not wanted",
	     {FACTOR_MAIL, SLICE("+4915112345678"), PDF_NONE},
	     {0},
	     true,
	     0,
	     ""},
	    {"a phone",
	     {FACTOR_PHONE, SLICE("+49 151 12345678"), PDF_NONE},
	     {0},
	     true,
	     0,
	     "+4915112345678"},
	    {"no way",
	     {FACTOR_PHONE, SLICE("+49 151 12345678"), PDF_NONE},
	     {0},
	     false,
	     FAULT_PHONE_OFF,
	     "+4915112345678"},
	    {"no way, but it was chosen before",
	     {FACTOR_PHONE, {NULL, 0}, PDF_NONE},
	     {.factor = FACTOR_PHONE, .phone = SLICE("sealed")},
	     false,
	     0,
	     ""},
	    {"the number that there is",
	     {FACTOR_PHONE, SLICE("  "), PDF_NONE},
	     {.phone = SLICE("sealed")},
	     true,
	     0,
	     ""},
	    {"no number", {FACTOR_PHONE, {NULL, 0}, PDF_NONE}, {0}, true, FAULT_PHONE_MISSING, ""},
	    {"another number than one",
	     {FACTOR_PHONE, SLICE("0151 12345678"), PDF_NONE},
	     {.phone = SLICE("sealed")},
	     true,
	     FAULT_PHONE_WRONG,
	     ""},
	    {"a phone of a domain",
	     {FACTOR_PHONE, SLICE("+49 151 12345678"), PDF_NONE},
	     {.domain = true},
	     true,
	     FAULT_FACTOR_DOMAIN,
	     ""},
	    {"a sheet of a domain",
	     {FACTOR_SHEET, {NULL, 0}, PDF_NONE},
	     {.domain = true, .sheet_left = 3},
	     true,
	     FAULT_FACTOR_DOMAIN,
	     ""},
	    {"a sheet that is made later", {FACTOR_SHEET, {NULL, 0}, PDF_NONE}, {0}, false, 0, ""},
	    {"a sheet that is needed now",
	     {FACTOR_SHEET, {NULL, 0}, PDF_NONE},
	     {.needs_sheet = true},
	     false,
	     FAULT_SHEET_MISSING,
	     ""},
	    {"and is there",
	     {FACTOR_SHEET, {NULL, 0}, PDF_NONE},
	     {.needs_sheet = true, .sheet_left = 1},
	     false,
	     0,
	     ""},
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct policy policy = {.phone = {.is_set = rows[i].way}};
		const char *phone;
		unsigned faults =
		    factor_wish_check(&policy, &rows[i].wish, &rows[i].means, arena, &phone);

		if (faults != rows[i].faults || strcmp(phone, rows[i].phone) != 0)
			fail_msg("%s: %x, %s", rows[i].claim, faults, phone);
	}
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(texts_fit_into_one_message_or_not),
	    cmocka_unit_test(numbers_are_cleaned_or_refused),
	    cmocka_unit_test(numbers_are_shown_by_country_and_last_digits),
	    cmocka_unit_test(a_code_makes_its_pair_at_its_place_only),
	    cmocka_unit_test(words_are_read_as_they_are_written),
	    cmocka_unit_test(what_is_not_there_cannot_be_asked_for),
	    cmocka_unit_test(wishes_are_checked_against_what_there_is),
	};

	secret_prepare_process();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
