#include "portal/deadline.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/log.h"

#define SWEEP_MS 500

struct deadline {
	struct deadline *next;
	struct deadline *previous;
	int fd;
	_Atomic(enum deadline_phase) phase;
	_Atomic(int64_t) since;
	_Atomic(uint64_t) bytes;
	bool over;
};

struct deadlines {
	pthread_mutex_t lock;
	pthread_cond_t stop;
	pthread_t thread;
	struct deadline *first;
	bool stopping;
};

static bool
is_too_slow(int64_t elapsed, uint64_t bytes)
{
	return elapsed > DEADLINE_GRACE_MS &&
	       bytes < (uint64_t)(elapsed - DEADLINE_GRACE_MS) * DEADLINE_RATE / 1000;
}

/* A large file over a slow line takes hours. */
static bool
is_too_long(int64_t elapsed, uint64_t bytes)
{
	return elapsed > DEADLINE_LONG_MS ||
	       (elapsed > DEADLINE_BODY_MS &&
		bytes < (uint64_t)elapsed * DEADLINE_BODY_RATE / 1000);
}

bool
deadline_is_over(enum deadline_phase phase, int64_t elapsed, uint64_t bytes)
{
	switch (phase) {
	case DEADLINE_CONNECTED:
	case DEADLINE_HEADER:
		return elapsed > DEADLINE_HEADER_MS;
	case DEADLINE_BODY:
		return is_too_long(elapsed, bytes) || is_too_slow(elapsed, bytes);
	case DEADLINE_WORK:
		return false;
	case DEADLINE_PAGE:
		return elapsed > DEADLINE_PAGE_MS;
	case DEADLINE_STREAM:
		return is_too_slow(elapsed, bytes);
	case DEADLINE_KEPT:
		return elapsed > DEADLINE_IDLE_MS;
	}
	return true;
}

/* A removed deadline is out of the list before its socket is closed, so what is shut
 * down here is always the connection that was too slow. */
static void
sweep(struct deadlines *deadlines)
{
	int64_t now = clock_monotonic_ms();

	for (struct deadline *d = deadlines->first; d != NULL; d = d->next) {
		enum deadline_phase phase = atomic_load(&d->phase);

		if (d->over ||
		    !deadline_is_over(phase, now - atomic_load(&d->since), atomic_load(&d->bytes)))
			continue;
		d->over = true;
		shutdown(d->fd, SHUT_RDWR);
		if (phase != DEADLINE_KEPT)
			log_info("client-too-slow", LOG_NUMBER("phase", phase));
	}
}

static void *
run(void *argument)
{
	struct deadlines *deadlines = argument;

	pthread_mutex_lock(&deadlines->lock);
	while (!deadlines->stopping) {
		(void)clock_wait(&deadlines->stop, &deadlines->lock,
				 clock_monotonic_ms() + SWEEP_MS);
		sweep(deadlines);
	}
	pthread_mutex_unlock(&deadlines->lock);
	return NULL;
}

enum status
deadlines_new(struct deadlines **deadlines_out)
{
	struct deadlines *deadlines = calloc(1, sizeof(*deadlines));

	if (deadlines == NULL)
		return STATUS_UNAVAILABLE;
	pthread_mutex_init(&deadlines->lock, NULL);
	clock_prepare_condition(&deadlines->stop);
	if (pthread_create(&deadlines->thread, NULL, run, deadlines) != 0) {
		free(deadlines);
		return STATUS_UNAVAILABLE;
	}
	*deadlines_out = deadlines;
	return STATUS_OK;
}

void
deadlines_free(struct deadlines *deadlines)
{
	if (deadlines == NULL)
		return;
	pthread_mutex_lock(&deadlines->lock);
	deadlines->stopping = true;
	pthread_cond_signal(&deadlines->stop);
	pthread_mutex_unlock(&deadlines->lock);
	pthread_join(deadlines->thread, NULL);
	pthread_mutex_destroy(&deadlines->lock);
	pthread_cond_destroy(&deadlines->stop);
	free(deadlines);
}

struct deadline *
deadline_add(struct deadlines *deadlines, int fd)
{
	struct deadline *deadline = calloc(1, sizeof(*deadline));

	if (deadline == NULL)
		abort();
	deadline->fd = fd;
	deadline_enter(deadline, DEADLINE_CONNECTED);
	pthread_mutex_lock(&deadlines->lock);
	deadline->next = deadlines->first;
	if (deadline->next != NULL)
		deadline->next->previous = deadline;
	deadlines->first = deadline;
	pthread_mutex_unlock(&deadlines->lock);
	return deadline;
}

void
deadline_remove(struct deadlines *deadlines, struct deadline *deadline)
{
	pthread_mutex_lock(&deadlines->lock);
	if (deadline->previous != NULL)
		deadline->previous->next = deadline->next;
	else
		deadlines->first = deadline->next;
	if (deadline->next != NULL)
		deadline->next->previous = deadline->previous;
	pthread_mutex_unlock(&deadlines->lock);
	free(deadline);
}

void
deadline_enter(struct deadline *deadline, enum deadline_phase phase)
{
	atomic_store(&deadline->bytes, 0);
	atomic_store(&deadline->since, clock_monotonic_ms());
	atomic_store(&deadline->phase, phase);
}

void
deadline_count(struct deadline *deadline, size_t bytes)
{
	atomic_fetch_add(&deadline->bytes, bytes);
}
