/* What messenger/desk.c and messenger/desk_factor.c share: the end of signing in. */
#ifndef MESSENGER_DESK_PART_H
#define MESSENGER_DESK_PART_H

#include "messenger/desk.h"

/* Whoever asked is let in from that place, with this token of their session.  Inside the open
 * transaction.  STATUS_NOT_FOUND: somebody else was, with the same code. */
enum status desk_let_in(const struct messenger *messenger, struct store *store,
			const struct sign_in_row *asked, const struct place *place,
			const struct secret *session, int64_t now, struct arena *arena) MUST_CHECK;

#endif
