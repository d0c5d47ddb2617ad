/*
 * The time, as whole seconds since 1970 (UTC).  Tests can set it: when a clock
 * file is configured, its content (seconds, may be negative) is added to the
 * system's clock at each reading.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Use `path` as the clock file; NULL or "" for the system's clock alone. */
void clock_use_file(const char *path);

/* Seconds since 1970. */
int64_t clock_now(void);

/* Milliseconds of a clock that never jumps, for deadlines and durations. */
int64_t clock_monotonic_ms(void);

/* Prepare a condition for clock_wait; pthread_cond_destroy releases it. */
void clock_prepare_condition(pthread_cond_t *condition);

/* Wait for the condition until clock_monotonic_ms says so; the mutex is held.  False: the time is
 * over.  True, as ever, tells nothing of what is waited for. */
bool clock_wait(pthread_cond_t *condition, pthread_mutex_t *mutex, int64_t until);

#define CLOCK_TEXT_SIZE 40

/* RFC 5322 section 3.3 date in UTC ("Sun, 22 Nov 2026 06:01:21 +0000"); `out` holds
 * CLOCK_TEXT_SIZE. */
void clock_format_mail(int64_t time, char out[CLOCK_TEXT_SIZE]);

/* For people: "22 November 2026, 06:01 UTC". */
void clock_format_people(int64_t time, char out[CLOCK_TEXT_SIZE]);

#endif
