#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "portal/program.h"

static const struct {
	const char *said;
	const char *name;
	const char *system;
} rows[] = {
    {"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox", "Linux"},
    {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
     "Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0",
     "Edge", "Windows"},
    {"Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 "
     "Mobile Safari/537.36",
     "Chrome", "Android"},
    {"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
     "Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
     "Safari", "iPhone"},
    {"Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) "
     "Version/17.5 Safari/605.1.15",
     "Safari", "macOS"},
    {"Lynx/2.9.0dev.12 libwww-FM/2.14 SSL-MM/1.4.1 GNUTLS/3.7.8", "Lynx", ""},
    {"w3m/0.5.3+git20230121", "w3m", ""},
    {"Links (2.28; Linux 6.1.0 x86_64; GNU C 12.2; text)", "Links", "Linux"},
    {"curl/8.0", "", ""},
    {"", "", ""},
    {"<script>alert(1)</script>\n", "", ""},
};

static void
test_programs_are_told_by_words_of_ours(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct program program = program_guess(slice_from_text(rows[i].said));

		if (strcmp(program.name, rows[i].name) != 0 ||
		    strcmp(program.system, rows[i].system) != 0)
			fail_msg("%s: %s on %s", rows[i].said, program.name, program.system);
	}
}

static void
test_only_the_beginning_is_looked_at(void **state)
{
	unsigned char said[600];

	(void)state;
	memset(said, 'x', sizeof(said));
	memcpy(said + 580, "Firefox/1", 9);
	assert_string_equal(program_guess(slice_of(said, sizeof(said))).name, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_programs_are_told_by_words_of_ours),
	    cmocka_unit_test(test_only_the_beginning_is_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
