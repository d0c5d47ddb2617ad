/*
 * Rows of `lock` and `template`.
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

struct template_row {
	struct id id;
	struct slice owner;
	struct slice owner_index;
	struct slice recipient;
	struct slice recipient_index;
	struct id lock_id;
	int lifetime_days;
	bool notify;
	int64_t created_at;
};

enum status lock_insert(struct store *store, const struct lock_row *row) MUST_CHECK;
enum status lock_read(struct store *store, const struct id *id, struct arena *arena,
		      struct lock_row *row_out) MUST_CHECK;

/* Insert, or replace lock and wishes of the template for that owner and recipient. */
enum status lock_template_save(struct store *store, const struct template_row *row) MUST_CHECK;
/* Also notes the use. */
enum status
lock_template_find(struct store *store, struct slice owner_index, struct slice recipient_index,
		   int64_t now, struct arena *arena, struct template_row *row_out) MUST_CHECK;

#endif
