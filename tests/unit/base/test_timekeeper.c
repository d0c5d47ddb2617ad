/* A clock that jumps: a table of what happens, in order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/timekeeper.h"

#define NOW ((int64_t)1700000000)
#define DAY 86400
#define HOUR 3600

struct step {
	const char *claim;
	int64_t now;	   /* from NOW */
	int64_t monotonic; /* from 1000 */
	int64_t sure;	   /* from NOW */
	bool doubts;
};

static void
check_steps(int64_t patience, int64_t seen, const struct step *steps, size_t count)
{
	struct timekeeper keeper;

	timekeeper_start(&keeper, patience, seen, NOW, 1000);
	for (size_t i = 0; i < count; i++) {
		int64_t sure =
		    timekeeper_sure(&keeper, NOW + steps[i].now, 1000 + steps[i].monotonic);

		print_message("  %s\n", steps[i].claim);
		assert_int_equal(sure, NOW + steps[i].sure);
		assert_int_equal(timekeeper_doubts(&keeper), steps[i].doubts);
	}
}

static void
a_jump_ahead_must_hold(void **state)
{
	static const struct step steps[] = {
	    {"time passes", 10, 10, 10, false},
	    {"a day ahead is believed", 10 + DAY, 10, 10 + DAY, false},
	    {"ten years are not", 3650LL * DAY, 20, 20 + DAY, true},
	    {"for an hour", 3650LL * DAY + HOUR - 1, 20 + HOUR - 1, 20 + DAY + HOUR - 1, true},
	    {"then they are", 3650LL * DAY + HOUR, 20 + HOUR, 3650LL * DAY + HOUR, false},
	};

	(void)state;
	check_steps(HOUR, 0, steps, sizeof(steps) / sizeof(steps[0]));
}

static void
a_jump_that_is_taken_back_does_nothing(void **state)
{
	static const struct step steps[] = {
	    {"ahead", 100LL * DAY, 10, 10, true},
	    {"and back", 20, 20, 20, false},
	    {"another time ahead begins anew", 100LL * DAY, HOUR - 10, HOUR - 10, true},
	    {"and has to hold as long", 100LL * DAY + HOUR, HOUR + 100, HOUR + 100, true},
	};

	(void)state;
	check_steps(HOUR, 0, steps, sizeof(steps) / sizeof(steps[0]));
}

static void
a_clock_that_goes_back_is_believed(void **state)
{
	static const struct step steps[] = {
	    {"back by a year", -365LL * DAY, 10, -365LL * DAY, false},
	    {"and forward again is a jump", 20, 20, -365LL * DAY + 10, true},
	};

	(void)state;
	check_steps(HOUR, 0, steps, sizeof(steps) / sizeof(steps[0]));
}

static void
a_start_looks_at_what_was_seen_before(void **state)
{
	static const struct step late[] = {{"seen an hour ago", 0, 0, 0, false}};
	static const struct step long_ago[] = {{"seen a month ago", 5, 5, 5 - 30LL * DAY, true}};

	(void)state;
	check_steps(HOUR, NOW - HOUR, late, 1);
	check_steps(HOUR, NOW - 30LL * DAY, long_ago, 1);
	check_steps(0, NOW - 30LL * DAY, (const struct step[]){{"no patience", 5, 5, 5, false}}, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_jump_ahead_must_hold),
	    cmocka_unit_test(a_jump_that_is_taken_back_does_nothing),
	    cmocka_unit_test(a_clock_that_goes_back_is_believed),
	    cmocka_unit_test(a_start_looks_at_what_was_seen_before),
	};

	return cmocka_run_group_tests_name("timekeeper", tests, NULL, NULL);
}
