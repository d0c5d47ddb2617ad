/*
 * Look-ups under way, and what came of the last ones.  Whoever asks for what is being asked already
 * waits for the same answer.  What was found, what was not found and what failed is remembered for
 * a time, within a bound.
 *
 * Look-ups also have a group: the domain or server that they depend on.  Of a group that nobody has
 * asked yet, one look-up goes ahead and the others wait; what it learns for the whole group (the
 * server is dead, the domain is not signed) answers them all, and later ones too for a time.  So a
 * thousand recipients at a dead server cost one attempt.
 *
 * It knows nothing of how sources are asked: that is a callback, run by a bounded number of threads
 * of each source.
 */
#ifndef KEYS_FLIGHT_H
#define KEYS_FLIGHT_H

#include "base/status.h"
#include "keys/candidate.h"

#define FLIGHT_ASKERS_MAX ((size_t)24)
#define FLIGHTS_WAITING_MAX ((size_t)8192)

struct flight_settings {
	size_t askers;	       /* sources, each with threads of its own */
	size_t threads;	       /* of each */
	int64_t milliseconds;  /* for one look-up */
	int64_t found_seconds; /* most that an answer is remembered, by its outcome */
	int64_t none_seconds;
	int64_t failed_seconds;
	size_t entries; /* remembered at most */
	size_t bytes;
	void *context;
	/* Ask source number `asker`, until `deadline` (clock_monotonic_ms). */
	struct finding (*look)(void *context, size_t asker, const char *address, int64_t deadline,
			       struct arena *arena);
};

struct flights;

/* A look-up that somebody waits for. */
struct flight_ticket {
	struct flight *flight;
	bool remembered;
};

/* The settings are copied.  Free when nobody holds a ticket; look-ups under way are waited for. */
enum status
flights_new(const struct flight_settings *settings, struct flights **flights_out) MUST_CHECK;
void flights_free(struct flights *flights);

/* Begin a look-up, or join one; `group` "" depends on nothing.  Each ticket has to be taken to
 * flights_wait, once. */
struct flight_ticket
flights_start(struct flights *flights, size_t asker, const char *address, const char *group);

/* The answer, in the arena, with the seconds that it still counts; FINDING_LATE when there is none
 * at `deadline` (clock_monotonic_ms).  A look-up goes on without those who waited for it, and is
 * remembered for the next. */
struct finding flights_wait(struct flights *flights, struct flight_ticket ticket, int64_t deadline,
			    struct arena *arena);

#endif
