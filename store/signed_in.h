/*
 * Who is signed in under an address, at the desk and in a mailbox: rows of `desk_session` and
 * `mailbox_session` together.
 */
#ifndef STORE_SIGNED_IN_H
#define STORE_SIGNED_IN_H

#include "store/store.h"

struct signed_in_row {
	struct id id;
	bool in_mailbox;
	struct slice place; /* sealed: where from; empty in rows older than this */
	int64_t created_at;
	int64_t seen_at;
};
/* All that are not over, newest first; who still owes a factor is not signed in. */
enum status signed_in_list(struct store *store, struct slice address_index, int64_t idle_since,
			   int64_t begun_since, size_t most, struct arena *arena,
			   struct signed_in_row **rows_out, size_t *count_out) MUST_CHECK;
/* One of them; it may be gone already. */
enum status
signed_in_end(struct store *store, const struct id *id, struct slice address_index) MUST_CHECK;
/* Everybody in the mailbox but `but` (NULL: all), who owes a factor, and who reads a message that
 * lies there, inside the open transaction: who is being let in just now is waited for. */
enum status signed_in_end_mailbox(struct store *store, struct slice address_index,
				  const struct id *but) MUST_CHECK;

#endif
