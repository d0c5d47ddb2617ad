/* base/service: what the service manager hears, and the sockets it hands over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/service.h"

/* A manager of our own: what is sent arrives here. */
static int
open_manager(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	char name[64];
	int size = snprintf(name, sizeof(name), "@postern-test-%d", (int)getpid());

	assert_true(fd >= 0);
	memcpy(address.sun_path + 1, name + 1, (size_t)size - 1);
	assert_int_equal(bind(fd, (struct sockaddr *)&address,
			      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)size)),
			 0);
	setenv("NOTIFY_SOCKET", name, 1);
	return fd;
}

static void
close_manager(int fd)
{
	unsetenv("NOTIFY_SOCKET");
	close(fd);
}

static void
assert_told(int manager, const char *beginning)
{
	char heard[256] = "";

	if (recv(manager, heard, sizeof(heard) - 1, 0) < 0)
		fail_msg("nothing was told, expected %s", beginning);
	if (strncmp(heard, beginning, strlen(beginning)) != 0)
		fail_msg("told %s, expected %s", heard, beginning);
}

static void
assert_told_nothing(int manager)
{
	char heard[256];

	assert_int_equal(recv(manager, heard, sizeof(heard), 0), -1);
}

static void
states_are_told(void **state)
{
	int manager = open_manager();

	(void)state;
	service_ready();
	assert_told(manager, "READY=1");
	service_reloading();
	assert_told(manager, "RELOADING=1\nMONOTONIC_USEC=");
	service_stopping();
	assert_told(manager, "STOPPING=1");
	service_alive();
	assert_told(manager, "WATCHDOG=1");
	assert_told_nothing(manager);
	close_manager(manager);
}

static void
reload_is_stamped_with_the_clock_that_never_jumps(void **state)
{
	int manager = open_manager();
	char heard[256] = "";
	unsigned long long stamp;
	struct timespec now;

	(void)state;
	service_reloading();
	assert_true(recv(manager, heard, sizeof(heard) - 1, 0) > 0);
	clock_gettime(CLOCK_MONOTONIC, &now);
	stamp = strtoull(strrchr(heard, '=') + 1, NULL, 10);
	assert_in_range((unsigned long long)now.tv_sec - stamp / 1000000, 0, 60);
	close_manager(manager);
}

static void
nothing_happens_without_a_manager(void **state)
{
	int fds[2];

	(void)state;
	unsetenv("NOTIFY_SOCKET");
	unsetenv("LISTEN_PID");
	service_ready();
	service_reloading();
	service_stopping();
	service_alive();
	assert_int_equal(service_watchdog_ms(), 0);
	assert_int_equal(service_sockets("https", fds, 2), 0);
}

static void
watchdog_is_fed_when_it_asks_and_not_too_often(void **state)
{
	int manager = open_manager();
	int64_t said = 0;

	(void)state;
	service_alive_when_due(&said);
	assert_told_nothing(manager);
	setenv("WATCHDOG_USEC", "3600000000", 1);
	assert_int_equal(service_watchdog_ms(), 1800000);
	service_alive_when_due(&said);
	assert_told(manager, "WATCHDOG=1");
	service_alive_when_due(&said);
	assert_told_nothing(manager);
	said -= 1000000;
	service_alive_when_due(&said);
	assert_told(manager, "WATCHDOG=1");
	setenv("WATCHDOG_PID", "1", 1);
	assert_int_equal(service_watchdog_ms(), 0);
	unsetenv("WATCHDOG_PID");
	unsetenv("WATCHDOG_USEC");
	close_manager(manager);
}

/* In a child: 0 when all holds.  Handed over are listeners "one", "two", "one" and a socket under
 * "one" that does not listen. */
static int
look_at_sockets(void)
{
	char pid[32];
	int fds[4];

	for (int i = 0; i < 4; i++) {
		int fd = socket(AF_INET, SOCK_STREAM, 0);

		if (i < 3 && listen(fd, 1) != 0)
			return 1;
		if (fd != 3 + i && dup2(fd, 3 + i) < 0)
			return 2;
	}
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", "4", 1);
	setenv("LISTEN_FDNAMES", "one:two:one:one", 1);
	if (service_sockets("one", fds, 4) != 2 || fds[0] != 3 || fds[1] != 5)
		return 3;
	if ((fcntl(3, F_GETFL) & O_NONBLOCK) == 0 || (fcntl(3, F_GETFD) & FD_CLOEXEC) == 0)
		return 4;
	if (service_sockets("two", fds, 4) != 1 || fds[0] != 4)
		return 5;
	if (service_sockets("one", fds, 1) != 1 || fds[0] != 3)
		return 6;
	if (service_sockets("three", fds, 4) != 0)
		return 7;
	setenv("LISTEN_PID", "1", 1);
	return service_sockets("one", fds, 4) == 0 ? 0 : 8;
}

static void
sockets_come_by_name(void **state)
{
	pid_t child = fork();
	int code;

	(void)state;
	if (child == 0)
		_exit(look_at_sockets());
	assert_int_equal(waitpid(child, &code, 0), child);
	assert_true(WIFEXITED(code));
	assert_int_equal(WEXITSTATUS(code), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(states_are_told),
	    cmocka_unit_test(reload_is_stamped_with_the_clock_that_never_jumps),
	    cmocka_unit_test(nothing_happens_without_a_manager),
	    cmocka_unit_test(watchdog_is_fed_when_it_asks_and_not_too_often),
	    cmocka_unit_test(sockets_come_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
