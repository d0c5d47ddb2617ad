/* base/clock: the time, and the file that shifts it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"

static void
write_offset(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

/* The clock lies between two readings of the system's, shifted. */
static void
assert_shifted(int64_t shift)
{
	int64_t before = time(NULL);
	int64_t now = clock_now();
	int64_t after = time(NULL);

	assert_true(now >= before + shift && now <= after + shift);
}

static void
the_file_is_read_each_time(void **state)
{
	char path[] = "/tmp/postern-clock-XXXXXX";
	char named[sizeof(path)];
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	assert_shifted(0);
	memcpy(named, path, sizeof(named));
	clock_use_file(named);
	/* The caller's text may go: the configuration is reloaded. */
	memset(named, 'x', sizeof(named) - 1);
	assert_shifted(0);
	write_offset(path, "86400\n");
	assert_shifted(86400);
	write_offset(path, "-3600");
	assert_shifted(-3600);
	write_offset(path, "not a number");
	assert_shifted(0);
	unlink(path);
	assert_shifted(0);
	write_offset(path, "5000");
	clock_use_file("");
	assert_shifted(0);
	clock_use_file(path);
	assert_shifted(5000);
	clock_use_file(NULL);
	assert_shifted(0);
	unlink(path);
}

static void
dates_are_written_in_english_and_utc(void **state)
{
	static const struct {
		int64_t time;
		const char *mail, *people;
	} rows[] = {
	    {0, "Thu, 01 Jan 1970 00:00:00 +0000", "1 January 1970, 00:00 UTC"},
	    {951782399, "Mon, 28 Feb 2000 23:59:59 +0000", "28 February 2000, 23:59 UTC"},
	    {951782400, "Tue, 29 Feb 2000 00:00:00 +0000", "29 February 2000, 00:00 UTC"},
	    {4102444800, "Fri, 01 Jan 2100 00:00:00 +0000", "1 January 2100, 00:00 UTC"},
	};
	char text[CLOCK_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		clock_format_mail(rows[i].time, text);
		assert_string_equal(text, rows[i].mail);
		clock_format_people(rows[i].time, text);
		assert_string_equal(text, rows[i].people);
	}
}

static void
the_monotonic_clock_never_goes_back(void **state)
{
	int64_t last = clock_monotonic_ms();

	(void)state;
	for (int i = 0; i < 10000; i++) {
		int64_t now = clock_monotonic_ms();

		assert_true(now >= last);
		last = now;
	}
}

/* Setting the clock of the day neither shortens nor stretches a wait: that clock is years ahead of
 * the one that counts. */
static void
waits_end_by_the_steady_clock(void **state)
{
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	pthread_cond_t condition;
	int64_t until;

	(void)state;
	clock_prepare_condition(&condition);
	pthread_mutex_lock(&lock);
	until = clock_monotonic_ms() + 30;
	while (clock_wait(&condition, &lock, until))
		;
	assert_true(clock_monotonic_ms() >= until);
	while (clock_wait(&condition, &lock, until - 1000))
		;
	pthread_mutex_unlock(&lock);
	pthread_cond_destroy(&condition);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_file_is_read_each_time),
	    cmocka_unit_test(dates_are_written_in_english_and_utc),
	    cmocka_unit_test(the_monotonic_clock_never_goes_back),
	    cmocka_unit_test(waits_end_by_the_steady_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
