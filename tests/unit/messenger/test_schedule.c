/* When a mail is tried again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "messenger/schedule.h"

static void
doubles_up_to_four_hours(void **state)
{
	struct id id = {{0}};

	(void)state;
	assert_int_equal(schedule_delay(300, 0, &id), 300);
	assert_int_equal(schedule_delay(300, 1, &id), 600);
	assert_int_equal(schedule_delay(300, 3, &id), 2400);
	assert_int_equal(schedule_delay(300, 6, &id), SCHEDULE_LONGEST);
	assert_int_equal(schedule_delay(300, 1000000, &id), SCHEDULE_LONGEST);
	assert_int_equal(schedule_delay(86400, 0, &id), SCHEDULE_LONGEST);
	assert_int_equal(schedule_delay(1, 2, &id), 4);
}

static void
adds_up_to_a_quarter(void **state)
{
	struct id id = {{0}};
	int64_t least = INT64_MAX, most = 0;

	(void)state;
	for (unsigned i = 0; i < 256; i++) {
		int64_t delay;

		memset(id.bytes, (int)i, sizeof(id.bytes));
		delay = schedule_delay(1024, 0, &id);
		assert_int_equal(delay, 1024 + i);
		least = delay < least ? delay : least;
		most = delay > most ? delay : most;
	}
	assert_int_equal(least, 1024);
	assert_int_equal(most, 1024 + 255);
	/* Two that agree in one try part in the next. */
	memset(id.bytes, 0, sizeof(id.bytes));
	id.bytes[ID_SIZE - 2] = 200;
	assert_int_equal(schedule_delay(1024, 0, &id), 1024);
	assert_int_equal(schedule_delay(1024, 1, &id), 2048 + 2 * 200);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(doubles_up_to_four_hours),
	    cmocka_unit_test(adds_up_to_a_quarter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
