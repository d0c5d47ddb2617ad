#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "portal/deadline.h"

static const struct {
	const char *claim;
	enum deadline_phase phase;
	int64_t elapsed;
	uint64_t bytes;
	bool over;
} rows[] = {
    {"a header in time", DEADLINE_HEADER, 10000, 0, false},
    {"a header too late", DEADLINE_HEADER, 10001, 0, true},
    {"a handshake too late, bytes or not", DEADLINE_CONNECTED, 10001, 100000, true},
    {"a body within its grace", DEADLINE_BODY, 30000, 0, false},
    {"a body that drips", DEADLINE_BODY, 40000, 40, true},
    {"a body at its least rate", DEADLINE_BODY, 40000, 5000, false},
    {"a body just below", DEADLINE_BODY, 40000, 4999, true},
    {"a body that takes an hour", DEADLINE_BODY, 3600000, 2000000, false},
    {"a slow body for more than an hour", DEADLINE_BODY, 3600001, 230000000, true},
    {"a steady body for two hours", DEADLINE_BODY, 7200000, 480000000, false},
    {"a fast body that never ends", DEADLINE_BODY, 72000001, UINT64_MAX, true},
    {"our own work takes its time", DEADLINE_WORK, 10000000, 0, false},
    {"a page that is not taken", DEADLINE_PAGE, 120001, 0, true},
    {"a download for hours", DEADLINE_STREAM, 7200000, 4000000000, false},
    {"a download that stands", DEADLINE_STREAM, 40000, 100, true},
    {"a kept connection", DEADLINE_KEPT, 30000, 0, false},
    {"a kept connection for too long", DEADLINE_KEPT, 30001, 0, true},
};

static void
test_each_phase_has_its_limit(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (deadline_is_over(rows[i].phase, rows[i].elapsed, rows[i].bytes) != rows[i].over)
			fail_msg("%s", rows[i].claim);
}

static void
test_connections_come_and_go_in_any_order(void **state)
{
	struct deadlines *deadlines;
	struct deadline *watched[3];
	int pairs[3][2];

	(void)state;
	assert_int_equal(deadlines_new(&deadlines), STATUS_OK);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pairs[i]), 0);
		watched[i] = deadline_add(deadlines, pairs[i][0]);
	}
	deadline_remove(deadlines, watched[1]);
	deadline_enter(watched[0], DEADLINE_BODY);
	deadline_count(watched[0], 10);
	deadline_remove(deadlines, watched[0]);
	deadline_remove(deadlines, watched[2]);
	deadlines_free(deadlines);
	for (int i = 0; i < 3; i++) {
		close(pairs[i][0]);
		close(pairs[i][1]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_each_phase_has_its_limit),
	    cmocka_unit_test(test_connections_come_and_go_in_any_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
