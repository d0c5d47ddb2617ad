#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* A copy: the configuration that named it may be reloaded and freed. */
static char clock_file[PATH_MAX];

void
clock_use_file(const char *path)
{
	snprintf(clock_file, sizeof(clock_file), "%s", path == NULL ? "" : path);
}

static int64_t
file_offset(void)
{
	char text[32];
	ssize_t size;
	int fd = open(clock_file, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	size = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (size <= 0)
		return 0;
	text[size] = '\0';
	return strtoll(text, NULL, 10);
}

int64_t
clock_now(void)
{
	int64_t now = (int64_t)time(NULL);

	return clock_file[0] == '\0' ? now : now + file_offset();
}

int64_t
clock_monotonic_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void
clock_prepare_condition(pthread_cond_t *condition)
{
	pthread_condattr_t attributes;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(condition, &attributes);
	pthread_condattr_destroy(&attributes);
}

bool
clock_wait(pthread_cond_t *condition, pthread_mutex_t *mutex, int64_t until)
{
	struct timespec end = {.tv_sec = until / 1000, .tv_nsec = until % 1000 * 1000000};

	return pthread_cond_timedwait(condition, mutex, &end) != ETIMEDOUT;
}

/* English names regardless of the process's locale. */
static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
static const char *const months[] = {"January",	  "February", "March",	  "April",
				     "May",	  "June",     "July",	  "August",
				     "September", "October",  "November", "December"};

void
clock_format_mail(int64_t when, char out[CLOCK_TEXT_SIZE])
{
	time_t seconds = (time_t)when;
	struct tm parts;

	gmtime_r(&seconds, &parts);
	snprintf(out, CLOCK_TEXT_SIZE, "%s, %02d %.3s %04d %02d:%02d:%02d +0000",
		 days[parts.tm_wday], parts.tm_mday, months[parts.tm_mon], parts.tm_year + 1900,
		 parts.tm_hour, parts.tm_min, parts.tm_sec);
}

void
clock_format_people(int64_t when, char out[CLOCK_TEXT_SIZE])
{
	time_t seconds = (time_t)when;
	struct tm parts;

	gmtime_r(&seconds, &parts);
	snprintf(out, CLOCK_TEXT_SIZE, "%d %s %04d, %02d:%02d UTC", parts.tm_mday,
		 months[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour, parts.tm_min);
}
