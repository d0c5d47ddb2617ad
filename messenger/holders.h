/*
 * Who else holds a message: the people an answer to all of them reaches.  Each by
 * the way they got the message itself: outside by the portal, under the lock of
 * their own delivery; inside in the organisation's own mail, as its sender is.
 * Nobody gets it in clear who did not get the message so.
 */
#ifndef MESSENGER_HOLDERS_H
#define MESSENGER_HOLDERS_H

#include "messenger/open.h"

#define HOLDERS_MAX ((size_t)100) /* more are too many to be answered together */

struct holder {
	const char *address;
	const char *name; /* as the message shows it; "" when it does not */
	bool inside;
	struct delivery_row delivery; /* theirs, of the message that is answered */
};

/* Of the message of this delivery, besides its recipient and its sender; who wrote the message, if
 * it is itself an answer, is one of them.  Those whose delivery is over or not ready are none. */
enum status holders_of(const struct messenger *messenger, struct store *store,
		       const struct delivery_row *answered, int64_t now, struct arena *arena,
		       struct holder **holders_out, size_t *count_out) MUST_CHECK;

/* Of an opened message, those whom it shows in To and Cc (and its writer, as above): who got it
 * unseen by the others is not shown, and to whom it came unseen is offered nobody. */
enum status
messenger_holders(const struct messenger *messenger, const struct opened *opened, int64_t now,
		  struct arena *arena, struct holder **holders_out, size_t *count_out) MUST_CHECK;

#endif
