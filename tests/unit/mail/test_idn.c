#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mail/idn.h"

struct row {
	const char *claim;
	const char *domain;
	const char *ascii; /* NULL: refused */
};

static const struct row rows[] = {
    {"letters are lowered", "Example.ORG", "example.org"},
    {"a dot at the end goes", "example.org.", "example.org"},
    {"an umlaut",
     "B\xc3\x9c"
     "CHER.example",
     "xn--bcher-kva.example"},
    {"sharp s stays itself", "fa\xc3\x9f.example", "xn--fa-hia.example"},
    {"an A-label is left", "xn--bcher-kva.example", "xn--bcher-kva.example"},
    {"an ideographic full stop is a dot",
     "a\xe3\x80\x82"
     "example",
     "a.example"},
    {"a label that is no Punycode", "xn--\x7f.example", NULL},
    {"nothing", "", NULL},
    {"a dot alone", ".", NULL},
    {"an empty label", "a..example", NULL},
    {"one label", "localhost", NULL},
    {"an IPv4 address", "192.0.2.1", NULL},
    {"what inet_aton takes for an address", "example.0x7f", NULL},
    {"an address literal", "[IPv6:2001:db8::1]", NULL},
    {"an underscore", "_smtp.example.org", NULL},
    {"a port", "example.org:8443", NULL},
    {"a user of a URL", "example.org@evil.example", NULL},
    {"a path", "example.org/evil", NULL},
    {"a fullwidth solidus becomes one",
     "example.org\xef\xbc\x8f"
     "evil.example",
     NULL},
    {"a hyphen at the end of a label", "a-.example", NULL},
    {"a label of 64", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example",
     NULL},
};

static void
domains_become_what_dns_holds(void **state)
{
	(void)state;
	for (size_t at = 0; at < sizeof(rows) / sizeof(rows[0]); at++) {
		const struct row *row = &rows[at];
		struct arena *arena = arena_new();
		const char *ascii = NULL;
		enum status status = idn_to_ascii(slice_from_text(row->domain), arena, &ascii);

		if (row->ascii == NULL && status != STATUS_INVALID)
			fail_msg("%s: became %s", row->claim, ascii);
		if (row->ascii != NULL && (status != STATUS_OK || strcmp(ascii, row->ascii) != 0))
			fail_msg("%s: %s", row->claim, ascii == NULL ? "refused" : ascii);
		arena_free(arena);
	}
}

static void
a_nul_byte_is_no_end(void **state)
{
	struct arena *arena = arena_new();
	const char *ascii;

	(void)state;
	assert_int_equal(idn_to_ascii(SLICE("example.org\0.evil.example"), arena, &ascii),
			 STATUS_INVALID);
	assert_false(idn_is_valid(SLICE("a..example")));
	assert_true(idn_is_valid(SLICE("localhost")));
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(domains_become_what_dns_holds),
	    cmocka_unit_test(a_nul_byte_is_no_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
