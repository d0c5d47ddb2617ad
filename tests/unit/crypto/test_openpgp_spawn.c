/* crypto/openpgp_spawn: nobody waits for ever for a program. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "crypto/openpgp_spawn.h"

static char *const cat[] = {"/usr/bin/cat", NULL};

static pid_t
start(int streams[2])
{
	pid_t pid;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, streams), 0);
	assert_true(openpgp_spawn(cat, streams[1], &pid));
	close(streams[1]);
	return pid;
}

static void
a_program_that_ends_is_awaited(void **state)
{
	int streams[2];
	pid_t pid = start(streams);

	(void)state;
	close(streams[0]);
	openpgp_await(pid, 600000);
	assert_int_equal(kill(pid, 0), -1);
	assert_int_equal(errno, ESRCH);
}

static void
one_that_does_not_end_is_ended(void **state)
{
	int streams[2];
	pid_t pid = start(streams);

	(void)state;
	openpgp_await(pid, 20);
	assert_int_equal(kill(pid, 0), -1);
	assert_int_equal(errno, ESRCH);
	close(streams[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_program_that_ends_is_awaited),
	    cmocka_unit_test(one_that_does_not_end_is_ended),
	};

	log_open("test", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
