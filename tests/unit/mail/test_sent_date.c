/* Date fields as seconds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mail/sent_date.h"

static const struct {
	const char *value;
	int64_t seconds;
} rows[] = {
    {"Sun, 22 Nov 2026 08:00:00 +0100", 1795330800},
    {"22 Nov 2026 07:00 GMT", 1795330800},
    {"Sun, 22 Nov 2026 08:00:00 +0100 (CET)", 1795330800},
    {"Thu, 1 Jan 1970 00:00:00 +0000", 0},
    {"Wed, 31 Dec 1969 23:00:00 +0000", 0},
    {"yesterday", 0},
    {"", 0},
};

static void
test_dates(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (sent_date(rows[i].value) != rows[i].seconds)
			fail_msg("%s: %lld", rows[i].value, (long long)sent_date(rows[i].value));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_dates)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
