/*
 * Looking for somebody's certificate or key wherever it may be published: all sources that are
 * switched on are asked at once, within one deadline.  What comes is a list of candidates in the
 * order of the configuration, and what each source said.  Whether a candidate is believed is
 * decided by others.
 */
#ifndef KEYS_DISCOVER_H
#define KEYS_DISCOVER_H

#include "keys/flight.h"
#include "keys/look.h"

struct discover_settings {
	const struct look_asker *askers;
	size_t asker_count;
	size_t threads;	       /* of each of them */
	int64_t milliseconds;  /* for one look-up */
	int64_t found_seconds; /* see struct flight_settings */
	int64_t none_seconds;
	int64_t failed_seconds;
	size_t entries;
	size_t bytes;
	struct dns_settings dns;
	struct fetch_settings fetch; /* its dns is filled in */
};

/* What the sources say of one address; all of it in the caller's arena. */
struct discovery {
	struct finding *findings; /* one for each asker that is for this address, in their order */
	size_t finding_count;
	struct candidate **candidates; /* of all of them, in the same order */
	size_t candidate_count;
};

struct discover;

/* The settings, and what they point to, outlive it.  The process has called curl_global_init and
 * ignores SIGPIPE.  STATUS_INVALID: settings that cannot be, logged. */
enum status
discover_new(const struct discover_settings *settings, struct discover **discover_out) MUST_CHECK;
/* When nobody asks any more; look-ups under way are waited for. */
void discover_free(struct discover *discover);

/* Ask for several addresses at once, until `deadline` (clock_monotonic_ms): what is not there by
 * then is FINDING_LATE.  `discoveries` has room for all.  An address that is none has no answers.
 * Any thread. */
void keys_discover(struct discover *discover, const struct slice *addresses, size_t count,
		   int64_t deadline, struct arena *arena, struct discovery *discoveries);

/* For other look-ups over the same network: policies, revocation. */
const struct look_net *discover_net(const struct discover *discover);

#endif
