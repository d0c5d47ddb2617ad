#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "keys/mta_sts.h"

#define GOOD                                                                                       \
	"version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: "                          \
	"*.example.net\r\nmax_age: 86400\r\n"

static void
reads_records(void **state)
{
	static const struct {
		const char *claim;
		const char *first, *second;
		enum status status;
		const char *id;
	} cases[] = {
	    {"the RFC's own", "v=STSv1; id=20160831085700Z;", "", STATUS_OK, "20160831085700Z"},
	    {"no semicolon at the end", "v=STSv1;id=1", "", STATUS_OK, "1"},
	    {"blanks", "v=STSv1 ;  id=1 ; x=y", "", STATUS_OK, "1"},
	    {"beside another text", "v=spf1 -all", "v=STSv1; id=2", STATUS_OK, "2"},
	    {"two of them", "v=STSv1; id=1", "v=STSv1; id=2", STATUS_NOT_FOUND, NULL},
	    {"another version", "v=STSv2; id=1", "", STATUS_NOT_FOUND, NULL},
	    {"version in another case", "v=stsv1; id=1", "", STATUS_NOT_FOUND, NULL},
	    {"nothing in front", " v=STSv1; id=1", "", STATUS_NOT_FOUND, NULL},
	    {"without an id", "v=STSv1; x=1", "", STATUS_INVALID, NULL},
	    {"an empty id", "v=STSv1; id=;", "", STATUS_INVALID, NULL},
	    {"an id with marks", "v=STSv1; id=a-b;", "", STATUS_INVALID, NULL},
	    {"an id of 33", "v=STSv1; id=123456789012345678901234567890123", "", STATUS_INVALID,
	     NULL},
	    {"none", "", "", STATUS_NOT_FOUND, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena *arena = arena_new();
		struct slice texts[] = {slice_from_text(cases[i].first),
					slice_from_text(cases[i].second)};
		const char *id;
		enum status status = mta_sts_read_record(texts, 2, arena, &id);

		if (status != cases[i].status ||
		    (status == STATUS_OK && strcmp(id, cases[i].id) != 0))
			fail_msg("%s", cases[i].claim);
		arena_free(arena);
	}
}

static void
reads_policies(void **state)
{
	static const struct {
		const char *claim;
		const char *text;
		bool good;
		enum mta_sts_mode mode;
		size_t patterns;
	} cases[] = {
	    {"whole", GOOD, true, MTA_STS_ENFORCE, 2},
	    {"plain line ends, none at the last",
	     "version: STSv1\nmode: testing\nmx: a.example.com\nmax_age: 1", true, MTA_STS_TESTING,
	     1},
	    {"none needs no servers", "version: STSv1\nmode: none\nmax_age: 1\n", true,
	     MTA_STS_NONE, 0},
	    {"unknown fields are skipped", GOOD "colour: red\r\n", true, MTA_STS_ENFORCE, 2},
	    {"the first of two modes counts", GOOD "mode: none\r\n", true, MTA_STS_ENFORCE, 2},
	    {"an empty line at the end", GOOD "\r\n", true, MTA_STS_ENFORCE, 2},
	    {"no servers", "version: STSv1\nmode: enforce\nmax_age: 1\n", false, 0, 0},
	    {"no mode", "version: STSv1\nmx: a.example.com\nmax_age: 1\n", false, 0, 0},
	    {"no version", "mode: none\nmax_age: 1\n", false, 0, 0},
	    {"no age", "version: STSv1\nmode: none\n", false, 0, 0},
	    {"another version", "version: STSv2\nmode: none\nmax_age: 1\n", false, 0, 0},
	    {"another mode", "version: STSv1\nmode: some\nmax_age: 1\n", false, 0, 0},
	    {"a negative age", "version: STSv1\nmode: none\nmax_age: -1\n", false, 0, 0},
	    {"too long an age", "version: STSv1\nmode: none\nmax_age: 31557601\n", false, 0, 0},
	    {"a star alone", "version: STSv1\nmode: enforce\nmx: *\nmax_age: 1\n", false, 0, 0},
	    {"a star inside", "version: STSv1\nmode: enforce\nmx: a.*.example.com\nmax_age: 1\n",
	     false, 0, 0},
	    {"a page", "<!DOCTYPE html>\n<html></html>\n", false, 0, 0},
	    {"nothing", "", false, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena *arena = arena_new();
		struct mta_sts_policy policy;
		bool good = mta_sts_read_policy(slice_from_text(cases[i].text), arena, &policy) ==
			    STATUS_OK;

		if (good != cases[i].good || (good && (policy.mode != cases[i].mode ||
						       policy.pattern_count != cases[i].patterns)))
			fail_msg("%s", cases[i].claim);
		arena_free(arena);
	}
}

static void
policies_are_bounded(void **state)
{
	struct arena *arena = arena_new();
	struct mta_sts_policy policy;
	struct text text;

	(void)state;
	text_init_in(&text, arena, MTA_STS_SIZE_MAX * 2);
	text_append_text(&text, GOOD);
	for (size_t i = 2; i < MTA_STS_HOSTS_MAX; i++)
		text_append_text(&text, "mx: mx.example.org\n");
	assert_int_equal(mta_sts_read_policy(text_slice(&text), arena, &policy), STATUS_OK);
	assert_int_equal(policy.pattern_count, MTA_STS_HOSTS_MAX);
	text_append_text(&text, "mx: mx.example.org\n");
	assert_int_equal(mta_sts_read_policy(text_slice(&text), arena, &policy), STATUS_INVALID);
	text_reset(&text);
	text_append_text(&text, GOOD);
	while (text.size <= MTA_STS_SIZE_MAX)
		text_append_text(&text, "x: y\n");
	assert_int_equal(mta_sts_read_policy(text_slice(&text), arena, &policy), STATUS_INVALID);
	arena_free(arena);
}

static void
patterns_fit_one_label(void **state)
{
	static const struct {
		const char *pattern;
		const char *host;
		bool fits;
	} cases[] = {
	    {"mx.example.com", "mx.example.com", true},
	    {"mx.example.com", "MX.example.com", true},
	    {"mx.example.com", "a.mx.example.com", false},
	    {"*.example.com", "mx.example.com", true},
	    {"*.example.com", "a.mx.example.com", false},
	    {"*.example.com", "example.com", false},
	    {"*.example.com", "mxexample.com", false},
	    {"*.example.com", "com", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (mta_sts_fits(cases[i].pattern, cases[i].host) != cases[i].fits)
			fail_msg("%s, %s", cases[i].pattern, cases[i].host);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_records),
	    cmocka_unit_test(reads_policies),
	    cmocka_unit_test(policies_are_bounded),
	    cmocka_unit_test(patterns_fit_one_label),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
