/*
 * A program of the administrator's, without a shell: number and text on its input, nothing
 * else inherited, ended when it takes too long.
 */
#include "courier/phone.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/clock.h"
#include "base/log.h"

#define STEP_MS 10
#define ARGUMENTS_MAX 32
#define INPUT_MAX ((size_t)1024) /* less than a pipe holds: writing never waits */

static char *const environment[] = {"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", NULL};

/* A pipe that holds all of the input already; its reading end. */
static int
open_input(const struct phone_call *call)
{
	struct text text;
	int ends[2];
	bool good;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	text_init(&text, INPUT_MAX);
	text_printf(&text, "%s\n%s\n", call->number, call->text);
	good = text_ok(&text) && file_write_all(ends[1], text_slice(&text));
	text_clear(&text);
	(void)close(ends[1]);
	if (good)
		return ends[0];
	(void)close(ends[0]);
	return -1;
}

/* What it writes goes nowhere: it would hold the number. */
static int
set_files(posix_spawn_file_actions_t *actions, int input)
{
	int error = posix_spawn_file_actions_adddup2(actions, input, 0);

	for (int fd = 1; fd < 3 && error == 0; fd++)
		error = posix_spawn_file_actions_addopen(actions, fd, "/dev/null", O_WRONLY, 0);
	return error == 0 ? posix_spawn_file_actions_addclosefrom_np(actions, 3) : error;
}

/* A group of its own, so that what it starts ends with it, and no signal of ours blocked. */
static int
set_signals(posix_spawnattr_t *attributes)
{
	sigset_t none, all;
	int error = posix_spawnattr_setflags(
	    attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);

	sigemptyset(&none);
	sigfillset(&all);
	sigdelset(&all, SIGKILL);
	sigdelset(&all, SIGSTOP);
	if (error == 0)
		error = posix_spawnattr_setpgroup(attributes, 0);
	if (error == 0)
		error = posix_spawnattr_setsigmask(attributes, &none);
	return error == 0 ? posix_spawnattr_setsigdefault(attributes, &all) : error;
}

static int
start(const struct phone_way *way, int input, pid_t *pid_out)
{
	char *arguments[ARGUMENTS_MAX + 1];
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	size_t count = 0;
	int error = way->command_count > 0 ? posix_spawn_file_actions_init(&actions) : EINVAL;

	if (error != 0)
		return error;
	error = posix_spawnattr_init(&attributes);
	if (error == 0) {
		for (; count < way->command_count && count < ARGUMENTS_MAX; count++)
			arguments[count] = (char *)way->command[count]; /* not changed */
		arguments[count] = NULL;
		error = set_files(&actions, input);
		if (error == 0)
			error = set_signals(&attributes);
		if (error == 0)
			error = posix_spawn(pid_out, arguments[0], &actions, &attributes, arguments,
					    environment);
		(void)posix_spawnattr_destroy(&attributes);
	}
	(void)posix_spawn_file_actions_destroy(&actions);
	return error;
}

/* False: it took too long, and was killed. */
static bool
await(pid_t pid, int64_t deadline, int *result_out)
{
	const struct timespec step = {0, STEP_MS * 1000000L};
	bool in_time = true;
	pid_t ended = 0;

	while (ended == 0) {
		ended = waitpid(pid, result_out, in_time ? WNOHANG : 0);
		if (ended < 0 && errno == EINTR)
			ended = 0;
		if (ended != 0 || !in_time)
			continue;
		in_time = clock_monotonic_ms() < deadline;
		if (in_time)
			(void)nanosleep(&step, NULL);
		else
			(void)kill(-pid, SIGKILL);
	}
	return in_time && ended == pid;
}

enum relay_outcome
phone_by_command(const struct phone_way *way, const struct phone_call *call,
		 const char **reason_out)
{
	int64_t deadline = clock_monotonic_ms() + (int64_t)way->timeout_seconds * 1000;
	int input = open_input(call);
	int result = 0, error;
	pid_t pid;

	*reason_out = "not-started";
	if (input < 0)
		return RELAY_LATER;
	error = start(way, input, &pid);
	(void)close(input);
	if (error != 0) {
		log_error("phone-command", LOG_TEXT("error", strerror(error)));
		return RELAY_LATER;
	}
	*reason_out = "timeout";
	if (!await(pid, deadline, &result))
		return RELAY_LATER;
	*reason_out = "refused";
	return WIFEXITED(result) && WEXITSTATUS(result) == 0 ? RELAY_SENT : RELAY_LATER;
}
