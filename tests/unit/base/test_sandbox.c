/* base/sandbox: who is in it has memory, one socket and the clock.  Every other call fails or ends
 * the process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/sandbox.h"

#define MEMORY ((size_t)268435456)
enum { REFUSED = 40, ALLOWED = 41, NOT_ENTERED = 42 };

/* What each does gives what it came to: ALLOWED is the fault that is looked for. */
typedef int act(void);

static int
seen(bool done)
{
	return done ? ALLOWED : REFUSED;
}

static int
open_a_file(void)
{
	return seen(open("/etc/passwd", O_RDONLY) >= 0);
}

static int
make_a_file(void)
{
	return seen(open("/tmp/postern-sandbox", O_CREAT | O_WRONLY, 0600) >= 0);
}

static int
open_a_socket(void)
{
	return seen(socket(AF_INET, SOCK_STREAM, 0) >= 0);
}

static int
make_a_process(void)
{
	/* As a system call: the sanitizers' fork does more than that. */
	long process = syscall(SYS_fork);

	if (process == 0)
		_exit(0);
	return seen(process > 0);
}

static int
make_a_thread(void)
{
	return seen(syscall(SYS_clone3, NULL, 0) >= 0);
}

static int
run_a_program(void)
{
	char *words[] = {"true", NULL};

	return seen(execve("/bin/true", words, words + 1) == 0);
}

static int
kill_its_parent(void)
{
	return seen(kill(getppid(), 0) == 0);
}

static int
kill_itself(void)
{
	return seen(syscall(SYS_tgkill, getpid(), getpid(), SIGUSR1) == 0);
}

static int
trace_its_parent(void)
{
	return seen(ptrace(PTRACE_ATTACH, getppid(), 0, 0) == 0);
}

static int
make_code(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return seen(page != MAP_FAILED);
}

static int
make_memory_code(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return page == MAP_FAILED ? REFUSED
				  : seen(mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0);
}

static int
map_a_descriptor(void)
{
	return seen(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 3, 0) != MAP_FAILED);
}

static int
write_elsewhere(void)
{
	return seen(write(STDOUT_FILENO, "", 1) == 1);
}

static int
take_a_descriptor(void)
{
	char bytes[CMSG_SPACE(sizeof(int))];
	struct msghdr message = {.msg_control = bytes, .msg_controllen = sizeof(bytes)};

	return seen(recvmsg(3, &message, MSG_DONTWAIT) >= 0);
}

static int
send_elsewhere(void)
{
	return seen(send(STDERR_FILENO, "", 1, 0) >= 0);
}

static int
ask_for_more(void)
{
	struct rlimit more = {RLIM_INFINITY, RLIM_INFINITY};

	return seen(setrlimit(RLIMIT_CPU, &more) == 0);
}

/* A child that enters, and does it; how it ended. */
static int
end_of(act *deed, unsigned cpu_seconds)
{
	pid_t process = fork();
	int how = 0;

	if (process == 0) {
		struct sandbox *sandbox;
		int ends[2];

		log_open("test", LOG_LEVEL_NONE);
		if (sandbox_prepare(MEMORY, &sandbox) != STATUS_OK ||
		    socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) != 0 || dup2(ends[0], 3) != 3 ||
		    sandbox_enter(sandbox, cpu_seconds, 0) != STATUS_OK)
			_exit(NOT_ENTERED);
		_exit(deed());
	}
	assert_true(process > 0);
	assert_int_equal(waitpid(process, &how, 0), process);
	return how;
}

static bool
died_of(int how, int signal)
{
	return WIFSIGNALED(how) && WTERMSIG(how) == signal;
}

static bool
ended_with(int how, int status)
{
	return WIFEXITED(how) && WEXITSTATUS(how) == status;
}

static const struct {
	const char *claim;
	act *deed;
	bool refused; /* and lives on; else it dies */
} rows[] = {
    {"a file is not opened", open_a_file, .refused = true},
    {"nor made", make_a_file, .refused = true},
    {"a socket ends it", open_a_socket, .refused = false},
    {"so does a process", make_a_process, .refused = false},
    {"and a thread", make_a_thread, .refused = false},
    {"and a program", run_a_program, .refused = false},
    {"a signal to others", kill_its_parent, .refused = false},
    {"even to itself", kill_itself, .refused = false},
    {"a look into another", trace_its_parent, .refused = false},
    {"memory that is code", make_code, .refused = false},
    {"memory that becomes code", make_memory_code, .refused = false},
    {"a file in memory", map_a_descriptor, .refused = false},
    {"writing to what was left open", write_elsewhere, .refused = false},
    {"taking a descriptor", take_a_descriptor, .refused = false},
    {"sending elsewhere", send_elsewhere, .refused = false},
};

static void
it_can_do_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int how = end_of(rows[i].deed, 5);

		print_message("  %s\n", rows[i].claim);
		assert_true(rows[i].refused ? ended_with(how, REFUSED) : died_of(how, SIGSYS));
	}
	/* Refused by limit, by filter, or by the rights it gave up: never allowed. */
	assert_false(ended_with(end_of(ask_for_more, 5), ALLOWED));
}

static int
talk_and_reckon(void)
{
	char *bytes = malloc((size_t)1 << 20);
	struct timespec now;
	bool good = bytes != NULL && clock_gettime(CLOCK_MONOTONIC, &now) == 0;

	if (!good)
		return REFUSED;
	memset(bytes, 1, (size_t)1 << 20);
	free(bytes);
	return send(3, "word", 4, MSG_NOSIGNAL) == 4 ? ALLOWED : REFUSED;
}

static int
work_for_ever(void)
{
	volatile bool over = false;

	while (!over)
		continue;
	return ALLOWED;
}

static void
what_it_needs_is_left(void **state)
{
	(void)state;
	assert_true(ended_with(end_of(talk_and_reckon, 5), ALLOWED));
}

static void
its_time_is_bounded(void **state)
{
	(void)state;
	assert_true(died_of(end_of(work_for_ever, 1), SIGXCPU));
}

#ifndef __SANITIZE_ADDRESS__
static int
take_all_memory(void)
{
	return seen(malloc(MEMORY * 2) != NULL);
}

static void
its_memory_is_bounded(void **state)
{
	(void)state;
	assert_true(ended_with(end_of(take_all_memory, 5), REFUSED));
}
#endif

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_can_do_nothing),
	    cmocka_unit_test(what_it_needs_is_left),
	    cmocka_unit_test(its_time_is_bounded),
#ifndef __SANITIZE_ADDRESS__
	    cmocka_unit_test(its_memory_is_bounded),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
