/* base/monitor: where it may listen, and what it answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/monitor.h"
#include "base/monitor_listen.h"

static struct metric metrics[] = {
    {.name = "test_things_total", .help = "Things.", .kind = METRIC_COUNTER},
    {.name = NULL},
};

static const struct metric *const tables[] = {metrics, NULL};
static int refreshed;
static bool ready;
static char folder[] = "/tmp/postern-monitor-XXXXXX";
static char where[64];

static void
refresh(void *context)
{
	(void)context;
	refreshed++;
	metric_add(&metrics[0], 0, 7);
}

static bool
is_ready(void *context)
{
	(void)context;
	return ready;
}

static struct monitor *
start(void)
{
	struct monitor_settings settings = {
	    .where = where, .tables = tables, .refresh = refresh, .is_ready = is_ready};
	struct monitor *monitor;

	assert_int_equal(monitor_start(&settings, &monitor), STATUS_OK);
	assert_non_null(monitor);
	return monitor;
}

static int
connect_to(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	memcpy(address.sun_path, where + 5, strlen(where + 5));
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static void
ask(const char *request, char *answer, size_t room)
{
	int fd = connect_to();
	size_t size = 0;
	ssize_t more;

	assert_int_equal(send(fd, request, strlen(request), MSG_NOSIGNAL), strlen(request));
	while (size < room - 1 && (more = recv(fd, answer + size, room - 1 - size, 0)) > 0)
		size += (size_t)more;
	answer[size] = '\0';
	close(fd);
}

static void
assert_answer(const char *request, const char *beginning, const char *holds)
{
	char answer[16384];

	ask(request, answer, sizeof(answer));
	if (strncmp(answer, beginning, strlen(beginning)) != 0 || strstr(answer, holds) == NULL)
		fail_msg("%s was answered %s", request, answer);
}

static void
only_loopback_addresses_and_absolute_paths(void **state)
{
	static const struct {
		const char *where;
		enum status status;
	} rows[] = {
	    {"127.0.0.1:9464", STATUS_OK},
	    {"127.3.2.1:1", STATUS_OK},
	    {"[::1]:65535", STATUS_OK},
	    {"unix:/run/postern/a.sock", STATUS_OK},
	    {"0.0.0.0:9464", STATUS_INVALID},
	    {"192.0.2.1:9464", STATUS_INVALID},
	    {"[::]:9464", STATUS_INVALID},
	    {"[2001:db8::1]:9464", STATUS_INVALID},
	    {"[::ffff:1.2.3.4]:1", STATUS_INVALID},
	    {"*:9464", STATUS_INVALID},
	    {"localhost:9464", STATUS_INVALID},
	    {"127.0.0.1", STATUS_INVALID},
	    {"127.0.0.1:0", STATUS_INVALID},
	    {"127.0.0.1:65536", STATUS_INVALID},
	    {"127.0.0.1:", STATUS_INVALID},
	    {":9464", STATUS_INVALID},
	    {"::1:9464", STATUS_INVALID},
	    {"unix:relative", STATUS_INVALID},
	    {"unix:", STATUS_INVALID},
	    {"/run/a.sock", STATUS_INVALID},
	};
	struct monitor_address address;
	char path[200] = "unix:/";

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (monitor_parse(rows[i].where, &address) != rows[i].status)
			fail_msg("%s", rows[i].where);
	memset(path + 6, 'a', sizeof(path) - 7);
	path[5 + 108] = '\0';
	assert_int_equal(monitor_parse(path, &address), STATUS_INVALID);
	path[5 + 107] = '\0';
	assert_int_equal(monitor_parse(path, &address), STATUS_OK);
}

static void
figures_health_and_readiness(void **state)
{
	struct monitor *monitor = start();

	(void)state;
	ready = true;
	assert_answer("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200",
		      "\ntest_things_total 7\n");
	assert_answer("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200", "\r\n\r\nok\n");
	assert_answer("GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200", "\r\n\r\nok\n");
	monitor_stop(monitor);
	monitor = start();
	ready = false;
	assert_answer("GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 503", "database away");
	assert_answer("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200", "ok\n");
	monitor_stop(monitor);
}

static void
many_scrapes_ask_once(void **state)
{
	struct monitor *monitor = start();

	(void)state;
	refreshed = 0;
	for (int i = 0; i < 10; i++)
		assert_answer("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200", "things");
	assert_int_equal(refreshed, 1);
	monitor_stop(monitor);
}

static void
anything_else_is_refused_and_the_connection_closed(void **state)
{
	struct monitor *monitor = start();

	(void)state;
	assert_answer("GET / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 404", "not found");
	assert_answer("GET /metrics/../healthz HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 404", "");
	assert_answer("POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
		      "HTTP/1.1 405", "Connection: close");
	/* A second request in the first one's body is not answered. */
	assert_answer("POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 40\r\n\r\n"
		      "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
		      "HTTP/1.1 405", "GET only\n");
	monitor_stop(monitor);
}

static void
idle_connections_keep_nobody_out_for_long(void **state)
{
	struct monitor *monitor = start();
	int fds[40];
	char byte;

	(void)state;
	for (size_t i = 0; i < 40; i++)
		fds[i] = connect_to();
	assert_answer("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200", "ok\n");
	/* The first one was cut off to make room. */
	assert_int_equal(recv(fds[0], &byte, 1, MSG_DONTWAIT), 0);
	for (size_t i = 0; i < 40; i++)
		close(fds[i]);
	monitor_stop(monitor);
}

static void
a_stale_name_is_replaced_and_one_in_use_is_not(void **state)
{
	struct monitor_settings settings = {.where = where, .tables = tables, .is_ready = is_ready};
	struct monitor *monitor, *second;
	struct stat found;
	int fd;

	(void)state;
	assert_int_equal(monitor_listen(where, &fd), STATUS_OK);
	close(fd); /* as a kill leaves it */
	monitor = start();
	assert_int_equal(stat(where + 5, &found), 0);
	assert_int_equal(found.st_mode & 0007, 0);
	assert_int_equal(monitor_start(&settings, &second), STATUS_UNAVAILABLE);
	assert_answer("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200", "ok\n");
	monitor_stop(monitor);
	assert_int_equal(stat(where + 5, &found), -1);
}

static void
no_place_is_no_monitor(void **state)
{
	struct monitor_settings settings = {.where = "", .tables = tables, .is_ready = is_ready};
	struct monitor *monitor = (struct monitor *)&settings;

	(void)state;
	assert_int_equal(monitor_start(&settings, &monitor), STATUS_OK);
	assert_null(monitor);
	monitor_stop(monitor);
	settings.where = "0.0.0.0:9464";
	assert_int_equal(monitor_start(&settings, &monitor), STATUS_INVALID);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(only_loopback_addresses_and_absolute_paths),
	    cmocka_unit_test(figures_health_and_readiness),
	    cmocka_unit_test(many_scrapes_ask_once),
	    cmocka_unit_test(anything_else_is_refused_and_the_connection_closed),
	    cmocka_unit_test(idle_connections_keep_nobody_out_for_long),
	    cmocka_unit_test(a_stale_name_is_replaced_and_one_in_use_is_not),
	    cmocka_unit_test(no_place_is_no_monitor),
	};
	int failed;

	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(where, sizeof(where), "unix:%s/sock", folder);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rmdir(folder);
	return failed;
}
