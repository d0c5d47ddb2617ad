/* base/log: one line per event that no value can forge. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"

static char captured[8192];
static FILE *file;
static int saved = -1;

static void
capture(void)
{
	file = tmpfile();
	assert_non_null(file);
	saved = dup(STDERR_FILENO);
	assert_true(saved >= 0 && dup2(fileno(file), STDERR_FILENO) >= 0);
}

/* What was logged since capture(). */
static char *
release(void)
{
	ssize_t size;

	dup2(saved, STDERR_FILENO);
	close(saved);
	size = pread(fileno(file), captured, sizeof(captured) - 1, 0);
	assert_true(size >= 0);
	captured[size] = '\0';
	fclose(file);
	return captured;
}

static void
a_line_has_time_level_daemon_event_fields(void **state)
{
	char *line;
	int year, month, day, hour, minute, second, ms, rest = 0;

	(void)state;
	log_open("courier", LOG_LEVEL_INFO);
	capture();
	log_info("message-claimed", LOG_TEXT("message", "abc"), LOG_NUMBER("size", -5),
		 LOG_BYTES("relay", SLICE("mx.example")));
	line = release();
	assert_int_equal(sscanf(line, "%4d-%2d-%2dT%2d:%2d:%2d.%3dZ%n", &year, &month, &day, &hour,
				&minute, &second, &ms, &rest),
			 7);
	assert_string_equal(line + rest, " level=info daemon=courier event=message-claimed "
					 "message=abc size=-5 relay=mx.example\n");
}

static void
values_are_quoted_when_not_plain(void **state)
{
	static const struct {
		const char *claim;
		struct slice value;
		const char *written;
	} rows[] = {
	    {"plain", SLICE("a-b/c:<x@y>"), "a-b/c:<x@y>"},
	    {"empty", SLICE(""), "\"\""},
	    {"blank", SLICE("a b"), "\"a b\""},
	    {"equals sign", SLICE("a=b"), "\"a=b\""},
	    {"quote", SLICE("a\"b"), "\"a\\\"b\""},
	    {"backslash", SLICE("a\\b"), "\"a\\\\b\""},
	    {"a forged line", SLICE("x\nlevel=info"), "\"x\\x0alevel=info\""},
	    {"carriage return", SLICE("x\r"), "\"x\\x0d\""},
	    {"NUL", SLICE("x\0y"), "\"x\\x00y\""},
	    {"escape sequence", SLICE("\x1b[2J"), "\"\\x1b[2J\""},
	    {"bytes above ASCII", SLICE("\xc3\xa4\x85"), "\"\\xc3\\xa4\\x85\""},
	    {"delete", SLICE("\x7f"), "\"\\x7f\""},
	};

	(void)state;
	log_open("t", LOG_LEVEL_DEBUG);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *line, *value;

		capture();
		log_debug("e", LOG_BYTES("v", rows[i].value));
		line = release();
		print_message("  %s\n", rows[i].claim);
		value = strstr(line, " v=");
		assert_non_null(value);
		value[strlen(value) - 1] = '\0';
		assert_string_equal(value + 3, rows[i].written);
	}
	capture();
	log_debug("e", LOG_TEXT("v", NULL));
	assert_non_null(strstr(release(), " v=\"\"\n"));
}

static void
a_line_that_is_too_long_stays_one_well_formed_line(void **state)
{
	static const char *const fills[] = {"x", " ", "\n", "\"", "\\"};

	(void)state;
	log_open("t", LOG_LEVEL_DEBUG);
	for (size_t fill = 0; fill < sizeof(fills) / sizeof(fills[0]); fill++) {
		for (size_t size = 400; size < 2200; size++) {
			char value[2200];
			char *line;
			size_t length, quotes = 0;

			memset(value, *fills[fill], size);
			capture();
			log_debug("e", LOG_BYTES("v", slice_of(value, size)),
				  LOG_TEXT("after", "a b"));
			line = release();
			length = strlen(line);
			assert_true(length <= 2048);
			assert_ptr_equal(strchr(line, '\n'), line + length - 1);
			for (char *c = line; *c != '\0'; c++) {
				if (*c == '\\')
					c++;
				else if (*c == '"')
					quotes++;
			}
			assert_int_equal(quotes % 2, 0);
		}
	}
}

static void
what_is_below_the_level_is_not_written(void **state)
{
	(void)state;
	log_open("t", LOG_LEVEL_WARNING);
	capture();
	log_debug("no", LOG_NUMBER("n", 1));
	log_info("no", LOG_NUMBER("n", 1));
	log_warning("yes", LOG_NUMBER("n", 1));
	log_error("yes", LOG_NUMBER("n", 2));
	release();
	assert_null(strstr(captured, "event=no"));
	assert_non_null(strstr(captured, "level=warning daemon=t event=yes n=1\n"));
	assert_non_null(strstr(captured, "level=error daemon=t event=yes n=2\n"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_line_has_time_level_daemon_event_fields),
	    cmocka_unit_test(values_are_quoted_when_not_plain),
	    cmocka_unit_test(a_line_that_is_too_long_stays_one_well_formed_line),
	    cmocka_unit_test(what_is_below_the_level_is_not_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
