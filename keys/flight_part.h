/*
 * What the files of keys/flight share.  All of it happens under the lock of the flights.
 */
#ifndef KEYS_FLIGHT_PART_H
#define KEYS_FLIGHT_PART_H

#include <pthread.h>

#include "base/pool.h"
#include "keys/flight.h"
#include "keys/table.h"

struct flight {
	struct table_node node; /* first */
	struct flights *flights;
	size_t asker;
	char *name;	     /* "number address" */
	const char *address; /* in it */
	char *group;	     /* "number group", or NULL */
	struct arena *arena; /* of the answer */
	struct finding finding;
	int64_t expires;  /* clock_monotonic_ms, as of groups */
	unsigned holders; /* tickets, and the look-up itself */
	bool listed, done, leads;
	struct flight *next; /* parked in the same group */
};

enum group_state { GROUP_PROBED, GROUP_ALIVE, GROUP_SETTLED };

struct group {
	struct table_node node; /* first */
	char *name;
	enum group_state state;
	int64_t expires;
	struct arena *arena; /* of the answer, once it is settled */
	struct finding finding;
	struct flight *parked, **parked_end;
};

struct flights {
	struct flight_settings settings;
	pthread_mutex_t lock;
	pthread_cond_t landed;
	struct table table;
	struct table groups;
	size_t bytes;
	size_t waiting; /* not done yet */
	bool closing;
	struct pool *pools[FLIGHT_ASKERS_MAX];
};

/* keys/flight.c */
void *flight_allocate(size_t size);
int64_t flight_expiry(const struct flights *flights, const struct finding *finding);
void flight_launch(struct flights *flights, struct flight *flight);
void flight_let_go(struct flight *flight);
/* Answer it for its whole group; that is not remembered for each of its addresses. */
void flight_land_by_group(struct flights *flights, struct flight *flight,
			  const struct finding *finding, int64_t expires);

/* keys/flight_group.c */
/* Ask for a flight's group, go ahead for it, wait for who does, or take what is known. */
void flight_group_begin(struct flights *flights, struct flight *flight);

/* Its group, if that has an answer by now; NULL otherwise. */
const struct group *flight_group_settled(struct flights *flights, const struct flight *flight);

/* What a look-up that has ended means for its group. */
void flight_group_tell(struct flights *flights, const struct flight *flight,
		       const struct finding *finding);

void flight_group_free_all(struct flights *flights);

#endif
