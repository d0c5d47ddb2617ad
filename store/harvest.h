/*
 * Rows of `harvest`: messages that bring keys of their authors and were not looked at
 * yet.  Their bytes stay so long, and the message's key is kept for the courier.
 */
#ifndef STORE_HARVEST_H
#define STORE_HARVEST_H

#include "store/store.h"

struct harvest_row {
	struct id message;
	struct slice key_wrap;
	int claims; /* with this one */
};

/* In the transaction that routes the message; nothing when `most` wait already. */
enum status harvest_note(struct store *store, const struct id *message, struct slice key_wrap,
			 int64_t now, size_t most) MUST_CHECK;
/* Lease the one that waits longest, of those noted after `since`.  STATUS_NOT_FOUND: there is none.
 */
enum status harvest_claim(struct store *store, int64_t now, int64_t until, int64_t since,
			  struct arena *arena, struct harvest_row *row_out) MUST_CHECK;
enum status harvest_done(struct store *store, const struct id *message) MUST_CHECK;
/* Give up what was noted before. */
enum status harvest_sweep(struct store *store, int64_t before) MUST_CHECK;

#endif
