/* Senders who look like somebody else, and those who do not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mail/disguise.h"

static void
test_names(void **state)
{
	static const struct {
		const char *name, *address;
		bool disguised;
	} rows[] = {
	    {"Fred", "fred@example.net", false},
	    {"", "fred@example.net", false},
	    {"fred@example.net", "fred@example.net", false},
	    {"Fred (FRED@Example.net)", "fred@example.net", false},
	    {"director@bank.example", "fred@example.net", true},
	    {"Director <director@bank.example>", "fred@example.net", true},
	    {"Lunch @ noon", "fred@example.net", false},
	    {"@fred", "fred@example.net", false},
	    {"a@b@bank.example", "fred@example.net", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (disguise_in_name(&(struct mailbox){rows[i].name, rows[i].address}) !=
		    rows[i].disguised)
			fail_msg("%s <%s>", rows[i].name, rows[i].address);
}

static void
test_domains(void **state)
{
	static const struct {
		const char *claim, *address;
		bool disguised;
	} rows[] = {
	    {"ASCII", "a@example.org", false},
	    {"umlauts",
	     "a@b\xc3\xbc"
	     "cher.example",
	     false},
	    {"umlauts in ASCII form", "a@xn--bcher-kva.example", false},
	    {"all Russian", "a@\xd0\xbf\xd0\xbe\xd1\x87\xd1\x82\xd0\xb0.example", false},
	    {"Japanese with Latin letters", "a@jp\xe6\x97\xa5\xe6\x9c\xac.example", false},
	    {"Greek", "a@\xce\xb4\xce\xbf\xce\xba\xce\xb9\xce\xbc\xce\xae.example", false},
	    {"one Cyrillic letter among Latin ones", "a@b\xd0\xb0nk.example", true},
	    {"the same in ASCII form", "a@xn--bnk-6cd.example", true},
	    {"all Cyrillic, and reads as Latin",
	     "a@\xd1\x80\xd0\xb0\xd1\x83\xd1\x80\xd0\xb0\xd1\x83.example", true},
	    {"no domain", "a", false},
	    {"nothing", "", false},
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (disguise_in_domain(rows[i].address) != rows[i].disguised)
			fail_msg("%s", rows[i].claim);
	assert_string_equal(disguise_true_domain("a@b\xd0\xb0nk.example", arena),
			    "xn--bnk-6cd.example");
	assert_string_equal(disguise_true_domain("a", arena), "");
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_domains),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
