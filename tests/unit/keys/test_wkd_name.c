#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "keys/wkd_name.h"

struct row {
	const char *claim;
	const char *address;
	const char *advanced; /* NULL: refused */
	const char *direct;
};

static const struct row rows[] = {
    {"the example of the draft", "Joe.Doe@Example.ORG",
     "https://openpgpkey.example.org/.well-known/openpgpkey/example.org/hu/"
     "iy9q119eutrkn8s1mk4r39qejnbu3n5q?l=Joe.Doe",
     "https://example.org/.well-known/openpgpkey/hu/iy9q119eutrkn8s1mk4r39qejnbu3n5q?l=Joe.Doe"},
    {"a quoted local part is hashed as it is written", "\"quoted local\"@example.org",
     "https://openpgpkey.example.org/.well-known/openpgpkey/example.org/hu/"
     "p5e99jm9ead6kogwd3qurg7ypw3c677k?l=%22quoted%20local%22",
     "https://example.org/.well-known/openpgpkey/hu/p5e99jm9ead6kogwd3qurg7ypw3c677k"
     "?l=%22quoted%20local%22"},
    {"a domain beyond ASCII becomes what DNS calls it",
     "hugh@b\xc3\xbc"
     "cher.example",
     "https://openpgpkey.xn--bcher-kva.example/.well-known/openpgpkey/xn--bcher-kva.example/hu/"
     "w5n1gnooatcyfd9tzicamzk8aqkyfdk8?l=hugh",
     "https://xn--bcher-kva.example/.well-known/openpgpkey/hu/w5n1gnooatcyfd9tzicamzk8aqkyfdk8"
     "?l=hugh"},
    {"an address literal names no host", "joe@[192.0.2.1]", NULL, NULL},
    {"a name of one label stays in the house", "joe@localhost", NULL, NULL},
    {"no domain", "joe", NULL, NULL},
    {"no line end gets through", "joe\r\n@example.org", NULL, NULL},
};

static void
names_follow_the_draft(void **state)
{
	(void)state;
	for (size_t at = 0; at < sizeof(rows) / sizeof(rows[0]); at++) {
		const struct row *row = &rows[at];
		struct arena *arena = arena_new();
		struct wkd_name name;
		enum status status = wkd_name(slice_from_text(row->address), arena, &name);

		if (row->advanced == NULL && status != STATUS_INVALID)
			fail_msg("%s: not refused", row->claim);
		if (row->advanced != NULL &&
		    (status != STATUS_OK || strcmp(name.advanced_url, row->advanced) != 0 ||
		     strcmp(name.direct_url, row->direct) != 0))
			fail_msg("%s: %s", row->claim,
				 status == STATUS_OK ? name.advanced_url : status_text(status));
		arena_free(arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_follow_the_draft),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
