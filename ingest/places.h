/*
 * The connections of now, in a table of fixed size: what bounds their number, in all, per address
 * and per rule.  Knows no thread; its owner holds a lock around every call.
 */
#ifndef INGEST_PLACES_H
#define INGEST_PLACES_H

#include <stdbool.h>
#include <stddef.h>

#include "ingest/snapshot.h"

enum place_state { PLACE_FREE, PLACE_WAITING, PLACE_TAKEN };

/* One connection. */
struct place {
	enum place_state state;
	int fd;
	struct network_address address;
	const struct rule *rule;	 /* by the address alone */
	uint64_t rule_key;		 /* of the rule that it counts for */
	const struct snapshot *snapshot; /* held */
	const struct converse_settings *converse;
};

struct places {
	struct place *all; /* `room` of them */
	size_t room;
	size_t used;
	size_t waiting;
};

/* False when there is no memory. */
bool places_init(struct places *places, size_t room);
void places_clear(struct places *places);

/* A free place for one more connection from this address under this rule; NULL when there are too
 * many. */
struct place *
places_find(struct places *places, const struct network_address *address, const struct rule *rule);

/* One more may count for the rule, whatever its address. */
bool places_has_room(const struct places *places, const struct rule *rule);

/* The first one that waits for a thread, which is taken with that; NULL when none does. */
struct place *places_take_waiting(struct places *places);

#endif
