/*
 * Rows of `factor_try`: visitors whose passphrase was right, and who owe a code.
 */
#ifndef STORE_FACTOR_H
#define STORE_FACTOR_H

#include "store/store.h"

struct factor_row {
	struct id id;
	struct id delivery_id;
	struct slice sealed;	/* the temporary private key, under a key of cookie and code */
	struct slice code_wrap; /* the code to the gateway; empty once it is mailed */
	bool has_sheet;		/* a number of this one is asked for */
	struct id sheet_id;
	int number;
	int64_t sheet_at; /* read, not written: when it was made */
	int tries;
	int64_t created_at;
};

enum status factor_insert(struct store *store, struct slice token_hash,
			  const struct factor_row *row) MUST_CHECK;
/* One more try of this delivery's code, counted before it is looked at; a row that began before
 * `since`, or had `most` tries, is STATUS_NOT_FOUND. */
enum status
factor_try(struct store *store, struct slice token_hash, const struct id *delivery, int64_t since,
	   int most, struct arena *arena, struct factor_row *row_out) MUST_CHECK;
/* Only look; STATUS_NOT_FOUND. */
enum status factor_find(struct store *store, struct slice token_hash, int64_t since,
			struct arena *arena, struct factor_row *row_out) MUST_CHECK;
/* For the mail: delivery, code and time alone.  STATUS_NOT_FOUND. */
enum status factor_read(struct store *store, const struct id *id, struct arena *arena,
			struct factor_row *row_out) MUST_CHECK;
enum status factor_mailed(struct store *store, const struct id *id) MUST_CHECK;
enum status factor_delete(struct store *store, const struct id *id) MUST_CHECK;
enum status factor_sweep(struct store *store, int64_t before) MUST_CHECK;

#endif
