/*
 * Rows of `thread`: which messages belong to a secured conversation, by keyed
 * hashes of their Message-IDs.
 */
#ifndef STORE_THREAD_H
#define STORE_THREAD_H

#include "store/store.h"

#define THREAD_HASH_SIZE ((size_t)32)

/* One that is there already is seen anew. */
enum status thread_note(struct store *store, struct slice hash, int64_t now) MUST_CHECK;

/* Is one of these there?  `hashes` holds `count` of them, one behind the other.  STATUS_NOT_FOUND.
 */
enum status thread_find(struct store *store, struct slice hashes, size_t count) MUST_CHECK;

enum status thread_sweep(struct store *store, int64_t before) MUST_CHECK;

#endif
