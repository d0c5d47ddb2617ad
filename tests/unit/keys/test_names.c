#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "keys/names.h"

/* hugh@example.com is the example of RFC 7929; the others were computed with sha256sum. */
struct row {
	const char *claim;
	const char *address;
	const char *name; /* NULL: refused */
};

static const struct row rows[] = {
    {"the RFC's own", "hugh@example.com",
     "c93f1e400f26708f98cb19d936620da35eec8f72e57f9eec01c1afd6._openpgpkey.example.com"},
    {"case of the local part counts, that of the domain does not", "Joe.Doe@Example.ORG",
     "bf724b60e040515d3d9e8f45bb344402dd3b76bc8eed999f8b7de446._openpgpkey.example.org"},
    {"quotes do not count", "\"quoted local\"@example.org",
     "01e47b0a25f586fef4fbd563f87c8fd9723604ff34c1972e79b9963f._openpgpkey.example.org"},
    {"what a quote escapes counts, the backslash does not", "\"quoted\\ local\"@example.org",
     "01e47b0a25f586fef4fbd563f87c8fd9723604ff34c1972e79b9963f._openpgpkey.example.org"},
    {"UTF-8, composed", "gr\303\274n@example.org",
     "fe263064ba02eaeac482aaf1309553779bdb78e385cb1374654de293._openpgpkey.example.org"},
    {"UTF-8, decomposed, is the same", "gru\314\210n@example.org",
     "fe263064ba02eaeac482aaf1309553779bdb78e385cb1374654de293._openpgpkey.example.org"},
    {"a domain in UTF-8", "hugh@b\303\274cher.example",
     "c93f1e400f26708f98cb19d936620da35eec8f72e57f9eec01c1afd6._openpgpkey."
     "xn--bcher-kva.example"},
    {"an address literal", "hugh@[192.0.2.1]", NULL},
    {"no domain", "hugh", NULL},
    {"a domain of one label", "hugh@localhost", NULL},
    {"nothing", "", NULL},
};

static void
names_of_addresses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new();
		const char *name = NULL;
		enum status status =
		    names_openpgpkey(slice_from_text(rows[i].address), arena, &name);

		if ((status == STATUS_OK) != (rows[i].name != NULL) ||
		    (rows[i].name != NULL && strcmp(name, rows[i].name) != 0))
			fail_msg("%s: %s", rows[i].claim, name == NULL ? "refused" : name);
		arena_free(arena);
	}
}

static void
smimea_differs_in_its_label_only(void **state)
{
	struct arena *arena = arena_new();
	const char *name;

	(void)state;
	assert_int_equal(names_smimea(SLICE("chris@example.com"), arena, &name), STATUS_OK);
	assert_string_equal(
	    name,
	    "5d7f15f2fce8ddb2dbef5c38be896c238ba7e0a432e396759030a853._smimecert.example.com");
	arena_free(arena);
}

static void
names_that_dns_cannot_hold_are_refused(void **state)
{
	struct arena *arena = arena_new();
	const char *name;
	char domain[260] = "a@";

	(void)state;
	for (int i = 0; i < 60; i++)
		memcpy(domain + 2 + (size_t)i * 4, "abc.", 4);
	memcpy(domain + 2 + 240, "example", 8);
	assert_int_equal(names_smimea(slice_from_text(domain), arena, &name), STATUS_INVALID);
	assert_int_equal(names_tlsa("", 25, arena, &name), STATUS_INVALID);
	assert_int_equal(names_tlsa("mx.example.net", 0, arena, &name), STATUS_INVALID);
	assert_int_equal(names_tlsa("mx.example.net", 65536, arena, &name), STATUS_INVALID);
	assert_int_equal(names_tlsa(domain + 2, 25, arena, &name), STATUS_INVALID);
	assert_int_equal(names_tlsa("mx.example.net", 25, arena, &name), STATUS_OK);
	assert_string_equal(name, "_25._tcp.mx.example.net");
	arena_free(arena);
}

static void
lower_case_is_offered_where_it_differs(void **state)
{
	struct arena *arena = arena_new();
	struct slice lower;

	(void)state;
	assert_int_equal(names_lower(SLICE("joe@Example.org"), arena, &lower), STATUS_NOT_FOUND);
	assert_int_equal(names_lower(SLICE("Joe@Example.org"), arena, &lower), STATUS_OK);
	assert_true(slice_equal(lower, SLICE("joe@Example.org")));
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_of_addresses),
	    cmocka_unit_test(smimea_differs_in_its_label_only),
	    cmocka_unit_test(names_that_dns_cannot_hold_are_refused),
	    cmocka_unit_test(lower_case_is_offered_where_it_differs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
