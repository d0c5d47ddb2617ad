/*
 * One connection to PostgreSQL as one role, used by one thread at a time.
 * Statements live in sql/statements/, are compiled in, prepared at first use
 * and called by name.  The store knows rows, not rules; it is handed the time.
 *
 * A lost connection gives STATUS_UNAVAILABLE once (the transaction is gone);
 * the next call outside a transaction connects again.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/id.h"
#include "base/status.h"

struct store;

/* Open with a libpq connection string (several hosts allowed); checks that the
 * schema is the one this program was built for: STATUS_UNAVAILABLE when the
 * database is away, STATUS_CONFLICT when the schema is older or newer. */
enum status store_open(const char *connection, struct store **store_out) MUST_CHECK;
void store_close(struct store *store);

/* STATUS_OK when a round trip works. */
enum status store_ping(struct store *store) MUST_CHECK;

enum status store_begin(struct store *store) MUST_CHECK;
enum status store_commit(struct store *store) MUST_CHECK;
/* Safe at any time, also when there is no transaction or no connection. */
void store_rollback(struct store *store);

/* Wake those who wait on the channel ("postern_work"); inside a transaction at its commit. */
enum status store_notify(struct store *store, const char *channel) MUST_CHECK;
/* Listen from now on (again after a reconnect). */
enum status store_listen(struct store *store, const char *channel) MUST_CHECK;
/* Wait until notified, until `wake_fd` is readable (-1: none), or until the time is over. */
enum status store_wait(struct store *store, int timeout_ms, int wake_fd) MUST_CHECK;

/* A fixed set of connections shared by threads. */
struct store_pool;
enum status store_pool_open(const char *connection, size_t count, struct store_pool **out) MUST_CHECK;
void store_pool_close(struct store_pool *pool);
/* Borrow one, waiting for it; give it back with store_pool_put (rolls back what is open). */
struct store *store_pool_get(struct store_pool *pool);
void store_pool_put(struct store_pool *pool, struct store *store);

/* SQL state to status: used by all of store/, here so that it stands once.
 * 08*, 57P0*, 40001, 40P01, 53300 -> UNAVAILABLE; 53100 -> FULL; 23505 -> CONFLICT; else INTERNAL. */
enum status store_status_from_sqlstate(const char *sqlstate);

#endif
