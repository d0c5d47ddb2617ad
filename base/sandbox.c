#include "base/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

/* A filter is a few hundred instructions; the kernel takes 4096. */
#define INSTRUCTIONS_MAX ((size_t)4096)
#define CPU_GRACE 1U /* seconds from the polite signal to the other */

/* What newer kernels can refuse besides files; the headers may be older than the kernel. */
struct ruleset {
	uint64_t files;
	uint64_t network; /* from ABI 4 */
	uint64_t scopes;  /* from ABI 6 */
};

struct sandbox {
	size_t used; /* bytes of addresses before anything was limited; 0: not known */
	unsigned short count;
	struct sock_filter filter[INSTRUCTIONS_MAX];
};

/* Landlock's rights by ABI: each brought some more. */
static uint64_t
file_rights(int abi)
{
	static const unsigned bits[] = {0, 13, 14, 15, 15};
	const int known = (int)(sizeof(bits) / sizeof(bits[0])) - 1;

	/* From 5 on, ioctl on devices, too. */
	return ((uint64_t)1 << (abi > known ? 16 : bits[abi])) - 1;
}

/* Refuse all files, ports and, outside of us, signals.  Gives the kernel's ABI, 0 where there is no
 * Landlock, which is no failure. */
static int
restrict_files(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	struct ruleset rules = {0, 0, 0};
	size_t size = sizeof(rules.files);
	int descriptor;
	bool done;

	if (abi < 1)
		return 0;
	rules.files = file_rights((int)abi);
	if (abi >= 4) {
		rules.network = 3; /* binding and connecting, TCP */
		size += sizeof(rules.network);
	}
	if (abi >= 6) {
		rules.scopes = 3; /* abstract sockets and signals */
		size += sizeof(rules.scopes);
	}
	descriptor = (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0);
	if (descriptor < 0)
		return 0;
	done = syscall(SYS_landlock_restrict_self, descriptor, 0) == 0;
	close(descriptor);
	return done ? (int)abi : 0;
}

static bool
allow(scmp_filter_ctx filter, const int *calls, size_t count, uint32_t action)
{
	for (size_t i = 0; i < count; i++)
		if (seccomp_rule_add(filter, action, calls[i], 0) != 0)
			return false;
	return true;
}

/* The first argument is this one. */
static struct scmp_arg_cmp
is_equal(int descriptor)
{
	return (struct scmp_arg_cmp){
	    .arg = 0, .op = SCMP_CMP_EQ, .datum_a = (scmp_datum_t)descriptor};
}

/* Calls that are told apart by an argument. */
static bool
allow_some(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp socket = is_equal(SANDBOX_SOCKET);
	/* A descriptor is an int: of its register the kernel looks at 32 bits. */
	const struct scmp_arg_cmp no_file = SCMP_A4(SCMP_CMP_MASKED_EQ, 0xffffffffU, 0xffffffffU);
	const struct scmp_arg_cmp data = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);

	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(sendto), 1, socket) == 0 &&
	       seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(recvfrom), 1, socket) == 0 &&
	       seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2, data, no_file) == 0 &&
	       seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, data) == 0 &&
	       (!SANITIZED || seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(write), 1,
					       is_equal(STDERR_FILENO)) == 0);
}

static bool
fill_filter(scmp_filter_ctx filter)
{
	static const int allowed[] = {
	    SCMP_SYS(brk),	    SCMP_SYS(munmap),	      SCMP_SYS(mremap),
	    SCMP_SYS(madvise),	    SCMP_SYS(futex),	      SCMP_SYS(clock_gettime),
	    SCMP_SYS(gettimeofday), SCMP_SYS(time),	      SCMP_SYS(getrandom),
	    SCMP_SYS(getpid),	    SCMP_SYS(gettid),	      SCMP_SYS(sched_yield),
	    SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask), SCMP_SYS(restart_syscall),
	    SCMP_SYS(exit),	    SCMP_SYS(exit_group),     SCMP_SYS(close),
	    /* Secrets stay out of swap. */
	    SCMP_SYS(mlock),	    SCMP_SYS(munlock),
	};
	/* What libraries try and can do without.  (glibc's iconv looks for modules.) */
	static const int refused[] = {
	    SCMP_SYS(open),	SCMP_SYS(openat),     SCMP_SYS(stat),
	    SCMP_SYS(lstat),	SCMP_SYS(newfstatat), SCMP_SYS(statx),
	    SCMP_SYS(access),	SCMP_SYS(faccessat),  SCMP_SYS(faccessat2),
	    SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(getcwd),
	    SCMP_SYS(fstat),	SCMP_SYS(ioctl),      SCMP_SYS(sched_getaffinity),
	    SCMP_SYS(sysinfo),	SCMP_SYS(uname),
	};
	/* What the sanitizers' run time wants besides. */
	static const int sanitizer[] = {
	    SCMP_SYS(sigaltstack), SCMP_SYS(rt_sigaction), SCMP_SYS(prlimit64),
	    SCMP_SYS(getrusage),   SCMP_SYS(getuid),
	};

	return allow(filter, allowed, sizeof(allowed) / sizeof(allowed[0]), SCMP_ACT_ALLOW) &&
	       allow(filter, refused, sizeof(refused) / sizeof(refused[0]),
		     SCMP_ACT_ERRNO(EACCES)) &&
	       (!SANITIZED || allow(filter, sanitizer, sizeof(sanitizer) / sizeof(sanitizer[0]),
				    SCMP_ACT_ALLOW)) &&
	       allow_some(filter);
}

/* The filter as the kernel takes it, so that a child need not make it again. */
static bool
export_filter(scmp_filter_ctx filter, struct sandbox *sandbox)
{
	int ends[2];
	ssize_t size;

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
		return false;
	size = seccomp_export_bpf(filter, ends[1]) == 0
		   ? read(ends[0], sandbox->filter, sizeof(sandbox->filter))
		   : -1;
	close(ends[0]);
	close(ends[1]);
	if (size <= 0 || (size_t)size == sizeof(sandbox->filter))
		return false;
	sandbox->count = (unsigned short)((size_t)size / sizeof(sandbox->filter[0]));
	return true;
}

static bool
make_filter(struct sandbox *sandbox)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	bool made;

	if (filter == NULL)
		return false;
	made = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0 &&
	       seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2) == 0 && fill_filter(filter) &&
	       export_filter(filter, sandbox);
	seccomp_release(filter);
	return made;
}

static bool
limit(__rlimit_resource_t resource, rlim_t soft, rlim_t hard)
{
	struct rlimit wanted = {soft, hard};
	struct rlimit now;

	if (getrlimit(resource, &now) != 0)
		return false;
	/* Who has less already cannot, and need not, have more. */
	if (wanted.rlim_max > now.rlim_max)
		wanted.rlim_max = now.rlim_max;
	if (wanted.rlim_cur > wanted.rlim_max)
		wanted.rlim_cur = wanted.rlim_max;
	return setrlimit(resource, &wanted) == 0;
}

/* Bytes of addresses in use; 0 when the kernel does not tell. */
static size_t
addresses(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	char line[256], *end = line;
	unsigned long pages = 0;

	if (file == NULL)
		return 0;
	if (fgets(line, sizeof(line), file) != NULL)
		pages = strtoul(line, &end, 10);
	fclose(file);
	return end == line ? 0 : pages * (size_t)sysconf(_SC_PAGESIZE);
}

static bool
limit_memory(const struct sandbox *sandbox, size_t memory)
{
	size_t most = sandbox->used + memory;

	if (SANITIZED || memory == 0)
		return true;
	return sandbox->used > 0 && limit(RLIMIT_AS, most, most);
}

enum status
sandbox_prepare(size_t memory, struct sandbox **sandbox_out)
{
	struct sandbox *sandbox = calloc(1, sizeof(*sandbox));
	int landlock = 0;
	bool good = sandbox != NULL && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
		    make_filter(sandbox) && limit(RLIMIT_CORE, 0, 0);

	if (good) {
		sandbox->used = addresses();
		good = limit_memory(sandbox, memory);
	}
	if (good)
		landlock = restrict_files();
	log_info("sandbox", LOG_TEXT("seccomp", good ? "yes" : "no"),
		 LOG_NUMBER("landlock", landlock),
		 LOG_NUMBER("memory", SANITIZED ? 0 : (long long)memory));
	if (!good) {
		free(sandbox);
		return STATUS_UNAVAILABLE;
	}
	*sandbox_out = sandbox;
	return STATUS_OK;
}

enum status
sandbox_enter(const struct sandbox *sandbox, unsigned cpu_seconds, size_t memory)
{
	struct sock_fprog program = {sandbox->count, (struct sock_filter *)sandbox->filter};

	if (!limit(RLIMIT_CPU, cpu_seconds, cpu_seconds + CPU_GRACE) ||
	    !limit_memory(sandbox, memory) || !limit(RLIMIT_FSIZE, 0, 0) ||
	    !limit(RLIMIT_NPROC, 0, 0) || !limit(RLIMIT_NOFILE, 0, 0))
		return STATUS_UNAVAILABLE;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0 ? STATUS_OK
									       : STATUS_UNAVAILABLE;
}
