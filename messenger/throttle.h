/*
 * Counting within a window of time, under a keyed hash of what is counted:
 * networks and addresses themselves are never stored.
 */
#ifndef MESSENGER_THROTTLE_H
#define MESSENGER_THROTTLE_H

#include "messenger/messenger.h"

#define THROTTLE_WINDOW_MOST 86400 /* what is older is swept */

struct throttle {
	const char *purpose; /* of the hash: "throttle network", ... */
	struct slice subject;
	int most; /* in one window */
	int64_t window;
};

/* Wrong tries of a visitor's network within an hour. */
struct throttle throttle_network(const struct messenger *messenger, struct slice network);

/* Something within a day between a sender and a recipient (their indexes). */
struct throttle throttle_pair(const char *purpose, struct slice sender_index,
			      struct slice recipient_index, int most, struct arena *arena);

/* STATUS_BUSY, and when it may go on, for one that was counted too often. */
enum status
throttle_check(const struct messenger *messenger, struct store *store,
	       const struct throttle *throttle, int64_t now, int64_t *retry_at_out) MUST_CHECK;

/* Check and count as one: of two that ask at once only one is the last.  Within a transaction,
 * whose end gives a count back that came to nothing. */
enum status
throttle_once(const struct messenger *messenger, struct store *store,
	      const struct throttle *throttle, int64_t now, int64_t *retry_at_out) MUST_CHECK;

/* A try that may turn out wrong is counted before it is looked at, by throttle_once, so that those
 * who come at once do not all slip through.  When it was not wrong, this gives the count back; a
 * failure to do so is logged, and costs its visitor one try. */
void throttle_forgive(const struct messenger *messenger, struct store *store,
		      const struct throttle *throttle, int64_t now);

/* Of those that were counted by throttle_once one at a time goes on, in the open transaction; the
 * others wait for its end. */
enum status throttle_hold(const struct messenger *messenger, struct store *store,
			  const struct throttle *throttle) MUST_CHECK;

#endif
