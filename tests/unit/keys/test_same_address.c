/* Whose key it is: the compare of addresses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "keys/same_address.h"

static void
addresses_are_compared(void **state)
{
	static const struct {
		const char *claim;
		struct slice wanted, found;
		bool any_case, exact;
	} rows[] = {
	    {"equal", SLICE("fred@example.org"), SLICE("fred@example.org"), true, true},
	    {"case of the local part", SLICE("fred@example.org"), SLICE("Fred@example.org"), true,
	     false},
	    {"case of the domain", SLICE("fred@example.org"), SLICE("fred@EXAMPLE.org"), true,
	     true},
	    {"quotes that are not needed", SLICE("fred@example.org"), SLICE("\"fred\"@example.org"),
	     true, true},
	    {"a domain in its ASCII form", SLICE("fred@b\xc3\xbc\x63her.example"),
	     SLICE("fred@xn--bcher-kva.example"), true, true},
	    {"a Cyrillic letter", SLICE("fred@example.org"), SLICE("fr\xd0\xb5\x64@example.org"),
	     false, false},
	    {"a Cyrillic letter in the domain", SLICE("a@bank.example"),
	     SLICE("a@b\xd0\xb0nk.example"), false, false},
	    {"letters beyond ASCII keep their case", SLICE("\xc3\xbc@example.org"),
	     SLICE("\xc3\x9c@example.org"), false, false},
	    {"another domain", SLICE("fred@example.org"), SLICE("fred@example.net"), false, false},
	    {"a domain below", SLICE("fred@example.org"), SLICE("fred@mail.example.org"), false,
	     false},
	    {"a detail", SLICE("fred@example.org"), SLICE("fred+x@example.org"), false, false},
	    {"NUL", SLICE("fred@example.org"), SLICE("fred@example.org\0.evil.example"), false,
	     false},
	    {"NUL in both", SLICE("fred@example.org\0"), SLICE("fred@example.org\0"), false, false},
	    {"a line end", SLICE("fred@example.org"), SLICE("fred@example.org\n"), false, false},
	    {"a blank", SLICE("fred@example.org"), SLICE(" fred@example.org"), false, false},
	    {"brackets", SLICE("fred@example.org"), SLICE("<fred@example.org>"), false, false},
	    {"nothing is like nothing", SLICE(""), SLICE(""), false, false},
	    {"in the house", SLICE("fred@mail"), SLICE("fred@MAIL"), true, true},
	};

	(void)state;
	for (size_t at = 0; at < sizeof(rows) / sizeof(rows[0]); at++)
		if (same_address(rows[at].wanted, rows[at].found, LOCAL_ANY_CASE) !=
			rows[at].any_case ||
		    same_address(rows[at].wanted, rows[at].found, LOCAL_EXACT) != rows[at].exact)
			fail_msg("%s", rows[at].claim);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(addresses_are_compared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
