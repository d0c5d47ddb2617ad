#include "crypto/openpgp_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "base/log.h"

/* How often it is looked whether a program has ended: that takes them milliseconds. */
#define STEP_MS 5

extern char **environ;

bool
openpgp_spawn(char *const arguments[], int stream, pid_t *pid_out)
{
	posix_spawn_file_actions_t actions;
	int error = posix_spawn_file_actions_init(&actions);

	if (error != 0)
		return false;
	for (int fd = 0; fd < 3 && error == 0; fd++)
		error =
		    stream >= 0 && fd < 2
			? posix_spawn_file_actions_adddup2(&actions, stream, fd)
			: posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
	if (error == 0)
		error = posix_spawn(pid_out, arguments[0], &actions, NULL, arguments, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	if (error != 0)
		log_error("openpgp-agent", LOG_TEXT("error", strerror(error)));
	return error == 0;
}

void
openpgp_await(pid_t pid, int patience_ms)
{
	const struct timespec step = {0, STEP_MS * 1000000L};
	pid_t ended = 0;

	for (int waited = 0; waited <= patience_ms && ended == 0; waited += STEP_MS) {
		do
			ended = waitpid(pid, NULL, WNOHANG);
		while (ended < 0 && errno == EINTR);
		if (ended == 0)
			(void)nanosleep(&step, NULL);
	}
	if (ended != 0)
		return;
	log_warning("openpgp-agent", LOG_TEXT("error", "it does not end, and is killed"));
	(void)kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
}

void
openpgp_run_program(char *const arguments[], int patience_ms)
{
	pid_t pid;

	if (openpgp_spawn(arguments, -1, &pid))
		openpgp_await(pid, patience_ms);
}
