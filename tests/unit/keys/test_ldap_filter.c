#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "keys/ldap_filter.h"

struct row {
	const char *claim;
	const char *pattern;
	const char *local;
	const char *domain;
	const char *filter;
};

static const struct row rows[] = {
    {"an address", "(mail={address})", "fred", "example.net", "(mail=fred@example.net)"},
    {"its parts", "(&(uid={local})(o={domain}))", "fred", "example.net",
     "(&(uid=fred)(o=example.net))"},
    {"the same place twice", "(|(mail={address})(alias={address}))", "a", "b.cd",
     "(|(mail=a@b.cd)(alias=a@b.cd))"},
    {"a star finds nobody else", "(mail={address})", "*", "example.net", "(mail=\\2a@example.net)"},
    {"brackets end nothing", "(mail={address})", "x)(uid=*", "example.net",
     "(mail=x\\29\\28uid\\3d\\2a@example.net)"},
    {"a backslash", "(mail={address})", "a\\29", "b.cd", "(mail=a\\5c29@b.cd)"},
    {"places in an address are no places", "(mail={address})", "{local}", "b.cd",
     "(mail=\\7blocal\\7d@b.cd)"},
    {"UTF-8", "(mail={address})", "gr\303\274n", "b.cd", "(mail=gr\\c3\\bcn@b.cd)"},
};

static void
makes_filters(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new();
		const char *filter;

		assert_true(ldap_filter_is_pattern(rows[i].pattern));
		assert_int_equal(ldap_filter_make(rows[i].pattern, slice_from_text(rows[i].local),
						  slice_from_text(rows[i].domain), arena, &filter),
				 STATUS_OK);
		if (strcmp(filter, rows[i].filter) != 0)
			fail_msg("%s: %s", rows[i].claim, filter);
		arena_free(arena);
	}
}

static void
escapes_every_byte_that_could_mean_something(void **state)
{
	struct arena *arena = arena_new();
	unsigned char bytes[256];
	const char *filter;

	(void)state;
	for (int i = 0; i < 256; i++)
		bytes[i] = (unsigned char)i;
	assert_int_equal(
	    ldap_filter_make("(m={address})", slice_of(bytes, 256), SLICE("b"), arena, &filter),
	    STATUS_OK);
	for (const char *at = filter + 3; at[1] != '\0'; at++)
		if (strchr("()*=&|!<>~/\"{}", *at) != NULL || *at < ' ' || *at > '~')
			fail_msg("%02x stands in it", (unsigned char)*at);
	arena_free(arena);
}

static void
patterns_need_the_address(void **state)
{
	static const char *const bad[] = {
	    "",
	    "(mail=*)",
	    "mail={address}",
	    "(uid={local})",
	    "(o={domain})",
	    "(mail={adress})",
	    "(mail={address}{x})",
	    "(mail={address}})",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (ldap_filter_is_pattern(bad[i]))
			fail_msg("%s was taken", bad[i]);
}

static void
filters_are_bounded(void **state)
{
	static unsigned char many[LDAP_FILTER_MAX];
	struct arena *arena = arena_new();
	const char *filter;

	(void)state;
	assert_int_equal(ldap_filter_make("(m={address})", slice_of(many, sizeof(many)), SLICE("b"),
					  arena, &filter),
			 STATUS_TOO_LARGE);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(makes_filters),
	    cmocka_unit_test(escapes_every_byte_that_could_mean_something),
	    cmocka_unit_test(patterns_need_the_address),
	    cmocka_unit_test(filters_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
