/*
 * Rows of `account` and `account_place`: who has ever signed in, and keyed hashes of the places
 * that they signed in from.
 */
#ifndef STORE_PLACE_H
#define STORE_PLACE_H

#include "store/store.h"

/* Note that they sign in; *first_out tells whether they never did before. */
enum status account_first(struct store *store, struct slice owner_index, int64_t now,
			  bool *first_out) MUST_CHECK;

/* They sign in from there; *known_out tells whether they did since `since`.  Of more than `most`
 * places those are forgotten that were used longest ago. */
enum status place_use(struct store *store, struct slice owner_index, struct slice hash, int64_t now,
		      int64_t since, int most, bool *known_out) MUST_CHECK;

/* Nothing of an owner is known any more, not even that they ever signed in. */
enum status place_drop(struct store *store, struct slice owner_index) MUST_CHECK;

/* Places that were last used before. */
enum status place_sweep(struct store *store, int64_t before) MUST_CHECK;

#endif
