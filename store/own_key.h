/*
 * Rows of `own_key`: keys of the organisation and its senders to sign with.  The
 * private half is sealed to the gateway: only the courier opens it.
 */
#ifndef STORE_OWN_KEY_H
#define STORE_OWN_KEY_H

#include "store/key.h"

struct own_key_row {
	struct id id;
	enum key_kind kind;
	struct slice address;
	struct slice address_index;
	struct slice print_index;
	struct slice material; /* the public half, and what belongs to it */
	struct slice evidence;
	struct slice key_wrap;
	struct slice private;
	int64_t added_at;
	int64_t expires_at; /* 0: never */
};

/* STATUS_CONFLICT: this key is there already for this address. */
enum status own_key_put(struct store *store, const struct own_key_row *row) MUST_CHECK;
/* The newest of that address that has not expired; STATUS_NOT_FOUND. */
enum status own_key_find(struct store *store, struct slice address_index, enum key_kind kind,
			 int64_t now, struct arena *arena, struct own_key_row *row_out) MUST_CHECK;
enum status own_key_read(struct store *store, const struct id *id, struct arena *arena,
			 struct own_key_row *row_out) MUST_CHECK;
/* By id, behind that one. */
enum status
own_key_list(struct store *store, const struct id *after, size_t most, struct arena *arena,
	     struct own_key_row **rows_out, size_t *count_out) MUST_CHECK;
enum status own_key_delete(struct store *store, const struct id *id) MUST_CHECK;

#endif
