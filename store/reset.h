/*
 * Rows of `account_reset`: administrators who take all factors of somebody away.
 */
#ifndef STORE_RESET_H
#define STORE_RESET_H

#include "store/store.h"

enum reset_state { RESET_BEGUN = 1, RESET_COMPLETED, RESET_STOPPED, RESET_LAPSED };

struct reset_row {
	struct id id;
	struct slice address; /* sealed, as are these: */
	struct slice begun_by;
	struct slice ended_by; /* empty unless an administrator completed it */
	enum reset_state state;
	int64_t begun_at;
	int64_t ready_at;
	int64_t lapses_at;
	int64_t ended_at; /* 0: not yet */
};

/* STATUS_CONFLICT: one is begun already that has not lapsed by `row->begun_at`. */
enum status
reset_insert(struct store *store, struct slice owner_index, const struct reset_row *row) MUST_CHECK;
/* The one that is begun and has not lapsed; STATUS_NOT_FOUND. */
enum status reset_find(struct store *store, struct slice owner_index, int64_t now,
		       struct arena *arena, struct reset_row *row_out) MUST_CHECK;
/* Newest first. */
enum status
reset_list(struct store *store, struct slice owner_index, size_t most, struct arena *arena,
	   struct reset_row **rows_out, size_t *count_out) MUST_CHECK;
/* STATUS_CONFLICT: it has ended already. */
enum status reset_end(struct store *store, const struct id *id, enum reset_state state,
		      struct slice ended_by, int64_t now) MUST_CHECK;
/* All of an owner. */
enum status reset_forget(struct store *store, struct slice owner_index) MUST_CHECK;

#endif
