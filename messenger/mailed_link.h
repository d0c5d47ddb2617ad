/*
 * A private link that is mailed to the owner of a mailbox and belongs to no delivery: random, so
 * that no key derives it; until its mail has left it is kept sealed to the gateway, so that the
 * courier alone can write it.  Whoever types it in shows that they read that mail.
 */
#ifndef MESSENGER_MAILED_LINK_H
#define MESSENGER_MAILED_LINK_H

#include "messenger/messenger.h"

struct mailed_link {
	struct slice hash; /* what its row is found by */
	struct slice wrap; /* for the courier */
};

/* A new one, for the row of that id; in the arena. */
enum status mailed_link_make(const struct messenger *messenger, const struct id *row,
			     struct arena *arena, struct mailed_link *link_out) MUST_CHECK;

/* The hash of a link's text.  STATUS_NOT_FOUND: it is none. */
enum status
mailed_link_hash(struct slice text, struct arena *arena, struct slice *hash_out) MUST_CHECK;

/* The courier's: its text, from the wrap.  STATUS_CONFLICT: it is mailed already. */
enum status
mailed_link_open(const struct messenger *messenger, const struct id *row, struct slice wrap,
		 struct arena *arena, const char **text_out) MUST_CHECK;

#endif
