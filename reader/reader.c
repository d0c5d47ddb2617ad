#include "reader/reader.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "mail/reader.h"
#include "mail/reading_channel.h"
#include "pdf/fonts.h"
#include "reader/child.h"
#include "reader/tasks.h"
#include "reader/warm.h"

#define CONTROL 3
#define TASKS_MAX 64 /* at the same time; more wait in the socket */

_Static_assert(READER_FONTS_MAX <= FRAME_READY_SIZE * 8, "a bit for each font");

/* A task's process.  Its socket is kept until the end, to say what it was. */
struct task {
	pid_t process; /* 0: a free place */
	int socket;
	int64_t deadline;
	bool killed; /* by us */
	bool late;
};

static struct task tasks[TASKS_MAX];
static size_t running;

static void
say_ended(int socket, enum frame_end end, int number)
{
	unsigned char room[FRAME_HEADER + FRAME_ENDED_SIZE];
	unsigned char ended[FRAME_ENDED_SIZE] = {(unsigned char)end, (unsigned char)number};
	struct channel channel = {socket, room};

	/* Who does not listen any more need not know. */
	if (channel_send(&channel, FRAME_ENDED, 0, slice_of(ended, sizeof(ended))) != STATUS_OK)
		return;
}

static void
note_end(struct task *task, int how)
{
	if (task->late)
		say_ended(task->socket, FRAME_END_LATE, 0);
	else if (WIFSIGNALED(how))
		say_ended(task->socket, FRAME_END_SIGNAL, WTERMSIG(how));
	else if (WEXITSTATUS(how) != 0)
		say_ended(task->socket, FRAME_END_EXIT, WEXITSTATUS(how));
	close(task->socket);
	*task = (struct task){.process = 0};
	running--;
}

static void
reap(void)
{
	pid_t process;
	int how;

	while ((process = waitpid(-1, &how, WNOHANG)) > 0)
		for (size_t i = 0; i < TASKS_MAX; i++)
			if (tasks[i].process == process)
				note_end(&tasks[i], how);
}

static struct task *
free_place(void)
{
	for (size_t i = 0; i < TASKS_MAX; i++)
		if (tasks[i].process == 0)
			return &tasks[i];
	return NULL;
}

static void
begin(const struct sandbox *sandbox, const struct frame_start *start, int socket)
{
	struct task *task = free_place();
	pid_t process = fork();

	if (process == 0)
		child_serve(sandbox, start, socket);
	if (process < 0) {
		log_error("reader-cannot-fork", LOG_NUMBER("errno", errno));
		say_ended(socket, FRAME_END_NONE, 0);
		close(socket);
		return;
	}
	*task = (struct task){.process = process,
			      .socket = socket,
			      .deadline = clock_monotonic_ms() + start->wall_ms};
	running++;
}

/* False: our program is gone, and so is our purpose. */
static bool
take_task(const struct sandbox *sandbox)
{
	struct frame_start start;
	int socket;

	switch (channel_receive_start(CONTROL, &start, &socket)) {
	case STATUS_OK:
		break;
	case STATUS_INVALID:
		log_error("reader-asked-nonsense", LOG_NUMBER("pid", getppid()));
		/* fall through */
	default:
		return false;
	}
	if (socket < 0 || start.task >= READING_KINDS || start.wall_ms > INT_MAX)
		return false;
	begin(sandbox, &start, socket);
	return true;
}

static void
end_task(struct task *task, bool late)
{
	if (task->killed)
		return;
	task->killed = true;
	task->late = late;
	kill(task->process, SIGKILL);
}

/* End what is over its time; gives the milliseconds until the next one is, -1: none. */
static int
end_late(void)
{
	int64_t now = clock_monotonic_ms(), next = -1;

	for (size_t i = 0; i < TASKS_MAX; i++) {
		int64_t left = tasks[i].deadline - now;

		if (tasks[i].process == 0 || tasks[i].killed)
			continue;
		if (left <= 0)
			end_task(&tasks[i], true);
		else if (next < 0 || left < next)
			next = left;
	}
	return (int)next;
}

/* Wait for a task, the end of one, or the end of the wish for one. */
static bool
serve_once(const struct sandbox *sandbox, int signals)
{
	struct pollfd polled[TASKS_MAX + 2];
	struct signalfd_siginfo info;

	polled[0] = (struct pollfd){.fd = running < TASKS_MAX ? CONTROL : -1, .events = POLLIN};
	polled[1] = (struct pollfd){.fd = signals, .events = POLLIN};
	for (size_t i = 0; i < TASKS_MAX; i++)
		polled[i + 2] = (struct pollfd){
		    .fd = tasks[i].process == 0 || tasks[i].killed ? -1 : tasks[i].socket};
	if (poll(polled, TASKS_MAX + 2, end_late()) < 0)
		return errno == EINTR;
	/* Before any place is used again. */
	for (size_t i = 0; i < TASKS_MAX; i++)
		if (polled[i + 2].fd >= 0 && (polled[i + 2].revents & POLLHUP) != 0)
			end_task(&tasks[i], false);
	if (polled[1].revents != 0 && read(signals, &info, sizeof(info)) > 0)
		reap();
	return polled[0].revents == 0 || take_task(sandbox);
}

/* Ends of children become readable; what the terminal sends is for our program to decide. */
static int
open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0 || signal(SIGINT, SIG_IGN) == SIG_ERR ||
	    signal(SIGTERM, SIG_IGN) == SIG_ERR || signal(SIGHUP, SIG_IGN) == SIG_ERR)
		return -1;
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int
reader_main(const char *const *fonts, size_t font_count)
{
	unsigned char room[FRAME_HEADER + FRAME_READY_SIZE], loaded[FRAME_READY_SIZE];
	struct channel control = {CONTROL, room};
	struct sandbox *sandbox;
	int signals = open_signals();

	log_open("reader", LOG_LEVEL_INFO);
	if (signals < 0)
		return 1;
	(void)!fonts_load(fonts, font_count);
	frame_put(loaded, fonts_paths(), sizeof(loaded));
	warm_up();
	if (sandbox_prepare(tasks_memory_max(), &sandbox) != STATUS_OK)
		return 1;
	if (channel_send(&control, FRAME_READY, 0, slice_of(loaded, sizeof(loaded))) != STATUS_OK)
		return 2;
	while (serve_once(sandbox, signals))
		continue;
	/* Children of ours end with us.  No library has anything to tidy up. */
	_exit(0);
}
