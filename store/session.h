/*
 * Rows of `session` and `throttle`.
 */
#ifndef STORE_SESSION_H
#define STORE_SESSION_H

#include "store/store.h"

struct session_row {
	struct id delivery_id;
	struct slice sealed;
	int64_t created_at;
	int64_t seen_at;
};

enum status session_insert(struct store *store, struct slice token_hash,
			   const struct session_row *row) MUST_CHECK;
/* STATUS_NOT_FOUND when it is not there, was idle since before `idle_since` or began before
 * `begun_since`; else it is seen `now`, which is written
 * down when ten seconds have passed since the last time. */
enum status
session_find(struct store *store, struct slice token_hash, int64_t now, int64_t idle_since,
	     int64_t begun_since, struct arena *arena, struct session_row *row_out) MUST_CHECK;
enum status session_delete(struct store *store, struct slice token_hash) MUST_CHECK;
/* All of a delivery, and those who had still to type a code. */
enum status session_delete_of(struct store *store, const struct id *delivery) MUST_CHECK;
enum status session_sweep(struct store *store, int64_t idle_since, int64_t begun_since) MUST_CHECK;

/* Failures counted under a key (a keyed hash of a network).  Reading a missing key gives zeros. */
struct throttle_row {
	int failures;
	int64_t first_at;
	int64_t retry_at;
};
enum status
throttle_read(struct store *store, struct slice key, struct throttle_row *row_out) MUST_CHECK;
/* One more, unless `most` were counted since `window_since`: STATUS_BUSY then; older ones are
 * forgotten.  Others that take of
 * the same key wait for the end of this transaction. */
enum status throttle_take(struct store *store, struct slice key, int64_t now, int64_t window_since,
			  int64_t retry_at, int most) MUST_CHECK;
/* Others that hold this key, or count under it, wait for the end of this transaction.
 * STATUS_NOT_FOUND: nothing was counted under it. */
enum status throttle_hold_key(struct store *store, struct slice key) MUST_CHECK;
/* One less again, of those since `window_since`. */
enum status
throttle_give_back(struct store *store, struct slice key, int64_t window_since) MUST_CHECK;
enum status throttle_sweep(struct store *store, int64_t before) MUST_CHECK;

#endif
