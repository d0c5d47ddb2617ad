#include "run/run.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <poll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

#define DAEMON_COUNT 3
#define STOP_MS 30000	/* then SIGKILL */
#define STEADY_MS 10000 /* one that lived this long starts again at once */
#define LONGEST_DELAY_MS 10000

struct child {
	const char *name;
	pid_t pid;	    /* 0: not running */
	int64_t started_at; /* monotonic milliseconds */
	int64_t start_at;
	int64_t delay;
};

static const char *program_path;
static const char *config_file;

static void
start(struct child *child)
{
	pid_t parent = getpid();
	pid_t pid = fork();

	if (pid == 0) {
		sigset_t none;

		/* A daemon does not outlive its supervisor. */
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		if (getppid() != parent)
			_exit(1);
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		execl(program_path, program_path, child->name, "--config", config_file,
		      (char *)NULL);
		_exit(127);
	}
	child->started_at = clock_monotonic_ms();
	if (pid < 0) {
		log_error("fork-failed", LOG_TEXT("child", child->name),
			  LOG_NUMBER("errno", errno));
		child->start_at = child->started_at + LONGEST_DELAY_MS;
		return;
	}
	child->pid = pid;
}

static void
note_end(struct child *child, int wait_status, bool stopping)
{
	int64_t now = clock_monotonic_ms();

	child->pid = 0;
	if (stopping)
		return;
	if (now - child->started_at >= STEADY_MS)
		child->delay = 0;
	log_warning("daemon-ended", LOG_TEXT("child", child->name),
		    LOG_NUMBER("status", WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : -1),
		    LOG_NUMBER("signal", WIFSIGNALED(wait_status) ? WTERMSIG(wait_status) : 0));
	child->start_at = now + child->delay;
	child->delay = child->delay == 0 ? 250 : child->delay * 2;
	if (child->delay > LONGEST_DELAY_MS)
		child->delay = LONGEST_DELAY_MS;
}

static void
reap(struct child *children, bool stopping)
{
	int wait_status;
	pid_t pid;

	while ((pid = waitpid(-1, &wait_status, WNOHANG)) > 0)
		for (size_t i = 0; i < DAEMON_COUNT; i++)
			if (children[i].pid == pid)
				note_end(&children[i], wait_status, stopping);
}

static bool
is_any_running(const struct child *children)
{
	for (size_t i = 0; i < DAEMON_COUNT; i++)
		if (children[i].pid != 0)
			return true;
	return false;
}

static void
kill_all(const struct child *children, int signal_number)
{
	for (size_t i = 0; i < DAEMON_COUNT; i++)
		if (children[i].pid != 0)
			kill(children[i].pid, signal_number);
}

static bool
take_signals(int signals)
{
	struct signalfd_siginfo info;
	bool stop = false;

	while (read(signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
		stop = stop || info.ssi_signo != SIGCHLD;
	return stop;
}

static void
start_due(struct child *children)
{
	int64_t now = clock_monotonic_ms();

	for (size_t i = 0; i < DAEMON_COUNT; i++)
		if (children[i].pid == 0 && children[i].start_at <= now)
			start(&children[i]);
}

static void
supervise(struct child *children, int signals)
{
	struct pollfd poller = {.fd = signals, .events = POLLIN};
	int64_t stop_by = 0;

	while (stop_by == 0 || is_any_running(children)) {
		if (stop_by == 0)
			start_due(children);
		else if (clock_monotonic_ms() > stop_by)
			kill_all(children, SIGKILL);
		if (poll(&poller, 1, 250) < 0 && errno != EINTR)
			break;
		if (take_signals(signals)) {
			if (stop_by == 0)
				stop_by = clock_monotonic_ms() + STOP_MS;
			kill_all(children, SIGTERM);
		}
		reap(children, stop_by != 0);
	}
}

int
run_main(const char *program, const char *config_path)
{
	struct child children[DAEMON_COUNT] = {
	    {.name = "ingest"}, {.name = "courier"}, {.name = "portal"}};
	sigset_t set;
	int signals;

	program_path = program;
	config_file = config_path;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals < 0)
		return 1;
	supervise(children, signals);
	close(signals);
	return 0;
}
