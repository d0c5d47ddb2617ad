/* Deadlines hold whatever the client sends, and however fast. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "ingest/wire.h"

static void
a_read_that_need_not_wait_has_a_deadline_too(void **state)
{
	unsigned char sent[4096] = {0}, room[1024];
	struct wire wire;
	size_t size;
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	assert_int_equal(write(fds[1], sent, sizeof(sent)), sizeof(sent));
	wire_init(&wire, fds[0], -1);
	assert_int_equal(
	    wire_read(&wire, room, sizeof(room), clock_monotonic_ms() + 60000, false, &size),
	    WIRE_OK);
	assert_int_equal(size, sizeof(room));
	/* It filled the room, so there may be more: the next read does not wait. */
	assert_false(wire.emptied);
	assert_int_equal(wire_read(&wire, room, sizeof(room), clock_monotonic_ms(), false, &size),
			 WIRE_TIMEOUT);
	close(fds[0]);
	close(fds[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_read_that_need_not_wait_has_a_deadline_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
