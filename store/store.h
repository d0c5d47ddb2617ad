/*
 * One connection to PostgreSQL as one role, used by one thread at a time.
 * Statements live in sql/statements/, are compiled in, prepared at first use
 * and called by name.  The store knows rows, not rules; it is handed the time.
 *
 * A lost connection gives STATUS_UNAVAILABLE; inside a transaction every further
 * call gives the same until store_commit or store_rollback (the transaction is
 * gone).  The next call outside a transaction connects again.  A connection that
 * the server closed while it was idle is replaced unseen.
 *
 * A statement that failed inside a transaction has spoiled it: roll back.  (What
 * a contract calls STATUS_CONFLICT, STATUS_BUSY or STATUS_NOT_FOUND has not, where
 * it comes from rows that were not found as asked.)
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
/* Its commit does not wait for the disk: when the database's machine fails within a second, it
 * never happened.  Only for what is found and done again then, and shows nowhere outside before a
 * commit that waits has followed, on any connection: that one takes it along. */
enum status store_begin_lazy(struct store *store) MUST_CHECK;
/* STATUS_UNAVAILABLE: it may be in or out.  STATUS_INTERNAL: a statement had failed, it is out. */
enum status store_commit(struct store *store) MUST_CHECK;
/* Safe at any time, also when there is no transaction or no connection. */
void store_rollback(struct store *store);

/* The end of a transaction whose last step gave `status`: committed when that is STATUS_OK, else
 * rolled back.  Gives `status`, or why it could not be committed. */
enum status store_end(struct store *store, enum status status) MUST_CHECK;

/* Wake those who wait on the channel ("postern_work"); inside a transaction at its commit. */
enum status store_notify(struct store *store, const char *channel) MUST_CHECK;
/* Listen from now on (again after a reconnect).  A lower-case word. */
enum status store_listen(struct store *store, const char *channel) MUST_CHECK;
/* Wait until notified, until `wake_fd` is readable (-1: none), or until the time is over: all three
 * are STATUS_OK; `notified_out` tells the first, which a reconnect is too, because notifications
 * may have been lost.  STATUS_UNAVAILABLE comes after a second at most, and not at once: a caller
 * may just go on. */
enum status
store_wait(struct store *store, int timeout_ms, int wake_fd, bool *notified_out) MUST_CHECK;

/* A fixed set of connections shared by threads. */
struct store_pool;
/* Connects once, to find faults as store_open does; the others connect when they are used. */
enum status
store_pool_open(const char *connection, size_t count, struct store_pool **out) MUST_CHECK;
/* Waits until all are given back. */
void store_pool_close(struct store_pool *pool);
/* Borrow one, waiting for it; give it back with store_pool_put (rolls back what is open). */
struct store *store_pool_get(struct store_pool *pool);
void store_pool_put(struct store_pool *pool, struct store *store);

/* SQL state to status: used by all of store/, here so that it stands once.
 * 08*, 25006, 57P0*, 57014, 58030, 40001, 40P01, 53* -> UNAVAILABLE; 53100 -> FULL;
 * 55P03 -> BUSY; 23505 -> CONFLICT; else INTERNAL. */
enum status store_status_from_sqlstate(const char *sqlstate);

#endif
