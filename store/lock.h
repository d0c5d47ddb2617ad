/*
 * Rows of `lock`.
 */
#ifndef STORE_LOCK_H
#define STORE_LOCK_H

#include "store/store.h"

struct lock_row {
	struct id id;
	struct slice public_wrap;
	struct slice salt;
	uint32_t ops;
	uint32_t memory_kib;
	int rule;
	struct slice clue;
	int64_t created_at;
};

enum status lock_insert(struct store *store, const struct lock_row *row) MUST_CHECK;
enum status lock_read(struct store *store, const struct id *id, struct arena *arena,
		      struct lock_row *row_out) MUST_CHECK;

/* Delete it when no template and no delivery uses it. */
enum status lock_drop_unused(struct store *store, const struct id *id) MUST_CHECK;

#endif
