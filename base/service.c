#include "base/service.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

/* A daemon works as well without being heard. */
static void
tell(const char *state)
{
	int code = sd_notify(0, state);

	if (code < 0)
		log_debug("notify-failed", LOG_TEXT("reason", strerror(-code)));
}

void
service_ready(void)
{
	tell("READY=1");
}

void
service_reloading(void)
{
	struct timespec now;
	int code;

	/* The manager matches the stamp with its own reading of the same clock. */
	clock_gettime(CLOCK_MONOTONIC, &now);
	code = sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
			  (uint64_t)now.tv_sec * UINT64_C(1000000) + (uint64_t)now.tv_nsec / 1000);
	if (code < 0)
		log_debug("notify-failed", LOG_TEXT("reason", strerror(-code)));
}

void
service_stopping(void)
{
	tell("STOPPING=1");
}

int64_t
service_watchdog_ms(void)
{
	uint64_t allowed = 0;

	if (sd_watchdog_enabled(0, &allowed) <= 0)
		return 0;
	allowed /= UINT64_C(2000);
	return allowed == 0 ? 1 : (int64_t)allowed;
}

void
service_alive(void)
{
	tell("WATCHDOG=1");
}

void
service_alive_when_due(int64_t *said_ms)
{
	int64_t every = service_watchdog_ms();
	int64_t now = clock_monotonic_ms();

	if (every == 0 || (*said_ms != 0 && now - *said_ms < every / 2))
		return;
	*said_ms = now;
	service_alive();
}

static bool
prepare_socket(int fd, const char *name)
{
	int flags;

	if (sd_is_socket(fd, AF_UNSPEC, SOCK_STREAM, 1) <= 0) {
		log_warning("socket-unusable", LOG_TEXT("name", name),
			    LOG_TEXT("reason", "no listening stream socket"));
		return false;
	}
	flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0) {
		log_warning("socket-unusable", LOG_TEXT("name", name),
			    LOG_TEXT("reason", strerror(errno)));
		return false;
	}
	return true;
}

size_t
service_sockets(const char *name, int *fds, size_t room)
{
	char **names = NULL;
	int handed = sd_listen_fds_with_names(0, &names);
	size_t count = 0;

	for (int i = 0; i < handed; i++) {
		int fd = SD_LISTEN_FDS_START + i;

		if (strcmp(names[i], name) == 0 && prepare_socket(fd, name)) {
			if (count < room)
				fds[count++] = fd;
			else
				log_warning("socket-unusable", LOG_TEXT("name", name),
					    LOG_TEXT("reason", "too many"));
		}
		free(names[i]);
	}
	free(names);
	return count;
}
