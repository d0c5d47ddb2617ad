/*
 * Wrong tries of one network, counted under a keyed hash of it: the network
 * itself is never stored.
 */
#ifndef MESSENGER_THROTTLE_H
#define MESSENGER_THROTTLE_H

#include "messenger/messenger.h"

/* STATUS_BUSY, and when it may try again, for a network that was wrong too often within an hour. */
enum status throttle_check(const struct messenger *messenger, struct store *store,
			   struct slice network, int64_t now, int64_t *retry_at_out) MUST_CHECK;

/* One more wrong try. */
enum status throttle_count(const struct messenger *messenger, struct store *store,
			   struct slice network, int64_t now) MUST_CHECK;

#endif
