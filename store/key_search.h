/*
 * Rows of `key_search`: for which addresses keys were looked for, what that gave,
 * and until when it counts.  A row whose question is newer than its answer is one for
 * the courier.
 */
#ifndef STORE_KEY_SEARCH_H
#define STORE_KEY_SEARCH_H

#include "store/store.h"

struct key_search_row {
	struct slice address_index;
	struct slice address; /* sealed */
	int64_t asked_at;
	int64_t answered_at; /* 0: not yet */
	int64_t until;
	struct slice outcome; /* sealed */
};

/* STATUS_NOT_FOUND: nobody ever asked. */
enum status key_search_read(struct store *store, struct slice address_index, struct arena *arena,
			    struct key_search_row *row_out) MUST_CHECK;
/* Ask, unless that was done and not answered yet, or the answer still counts. */
enum status key_search_ask(struct store *store, struct slice address_index, struct slice address,
			   int64_t now) MUST_CHECK;
enum status key_search_answer(struct store *store, const struct key_search_row *row) MUST_CHECK;
/* Lease questions until `until`; of the rows only index and address are filled. */
enum status
key_search_claim(struct store *store, int64_t now, int64_t until, size_t most, struct arena *arena,
		 struct key_search_row **rows_out, size_t *count_out) MUST_CHECK;
/* Look anew the next time. */
enum status key_search_forget(struct store *store, struct slice address_index) MUST_CHECK;
enum status key_search_sweep(struct store *store, int64_t before, size_t most) MUST_CHECK;

#endif
