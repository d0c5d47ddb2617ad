/*
 * Rows of `passkey` and `passkey_challenge`: passkeys of people who sign in, found by the keyed
 * hash of their address, and what their devices are to sign next.
 */
#ifndef STORE_PASSKEY_H
#define STORE_PASSKEY_H

#include "store/store.h"

struct passkey_row {
	struct id id;
	struct slice name; /* this and the next two are sealed */
	struct slice credential;
	struct slice public_key;
	int algorithm;
	uint32_t counter;
	int64_t created_at;
	int64_t used_at; /* 0: never */
};

enum status passkey_insert(struct store *store, struct slice owner_index,
			   const struct passkey_row *row) MUST_CHECK;
/* All of an owner, oldest first. */
enum status passkey_list(struct store *store, struct slice owner_index, struct arena *arena,
			 struct passkey_row **rows_out, size_t *count_out) MUST_CHECK;
/* It was shown with that counter; STATUS_CONFLICT: one as high was before. */
enum status
passkey_use(struct store *store, const struct id *id, uint32_t counter, int64_t now) MUST_CHECK;
/* STATUS_NOT_FOUND. */
enum status
passkey_delete(struct store *store, const struct id *id, struct slice owner_index) MUST_CHECK;

/* All of an owner. */
enum status passkey_drop(struct store *store, struct slice owner_index) MUST_CHECK;

/* The challenge of this holder that is in force: one that was made after `since`, or `fresh`. */
enum status
passkey_challenge_offer(struct store *store, struct slice holder, struct slice fresh, int64_t now,
			int64_t since, struct arena *arena, struct slice *challenge_out) MUST_CHECK;
/* It is gone with this.  STATUS_NOT_FOUND: there is none, or it was made before `since`. */
enum status passkey_challenge_take(struct store *store, struct slice holder, int64_t since,
				   struct arena *arena, struct slice *challenge_out) MUST_CHECK;
enum status passkey_challenge_sweep(struct store *store, int64_t before) MUST_CHECK;

#endif
