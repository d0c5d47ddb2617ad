/*
 * What stands behind struct store: one libpq connection, opened when first
 * needed and again after a loss, with its statements prepared by name.  Inside
 * store/ only.  The connection is non-blocking: no wait is without a deadline,
 * so that a frozen server cannot hold a thread for ever.
 */
#ifndef STORE_CONNECTION_H
#define STORE_CONNECTION_H

#include <libpq-fe.h>

#include "store/query.h"
#include "store/store.h"

#define STORE_CHANNELS_MAX 4

/* A single statement that takes longer is given up, by the server and, a little later, here. */
#define STORE_STATEMENT_MS 30000

struct store {
	char *target;	/* libpq connection string */
	PGconn *handle; /* NULL: not connected */
	bool *prepared; /* by index in sql_statements */
	bool in_transaction;
	bool missed; /* connected anew since the last store_wait: notifications may be lost */
	int64_t connected_at; /* clock_monotonic_ms */
	int64_t lost_at;      /* when a connection was last found dead; 0: never */
	char *channels[STORE_CHANNELS_MAX];
	size_t channel_count;
};

/* A store that connects when it is first used. */
struct store *store_new(const char *connection);

/* Connect, or connect anew.  STATUS_CONFLICT: the schema is not the program's. */
enum status store_connect(struct store *store) MUST_CHECK;

/* Connected when this returns STATUS_OK.  A connection that was closed by the
 * server while idle is found and replaced here, before anything is sent on it. */
enum status store_ready(struct store *store) MUST_CHECK;

/* Forget the connection. */
void store_drop(struct store *store);

/* The same when it was found dead: its kin may be dead too, without a sign of it yet. */
void store_lose(struct store *store);

/* Forget the connection if it is older than the loss of another one to the same server
 * (`lost_at`): after a failover each of a set would otherwise cost its user a time-out. */
void store_doubt(struct store *store, int64_t lost_at);

/* Flush what is queued and wait until a result can be had without blocking;
 * false at the deadline (clock_monotonic_ms) or when the connection is lost. */
bool store_await(struct store *store, int64_t deadline) MUST_CHECK;

/* LISTEN on this connection; `channel` is a plain lower-case word. */
enum status store_listen_now(struct store *store, const char *channel) MUST_CHECK;

/* Index of a named statement; an unknown name is a bug and aborts. */
size_t store_statement(const char *name);

/* Prepare it on this connection, unless it is; parameter types are those of `parameters`. */
enum status store_prepare(struct store *store, size_t statement,
			  const struct parameters *parameters) MUST_CHECK;

/* The one result of a command just sent, after everything was read; NULL when the connection
 * was lost or did not answer in time (it is dropped then). */
PGresult *store_result(struct store *store);
/* The same with a deadline of its own; in a pipeline, the result of the next command. */
PGresult *store_result_by(struct store *store, int64_t deadline);

/* Status of a result (NULL: lost); a failure is logged with its SQLSTATE, never with values. */
enum status store_check(struct store *store, PGresult *result, const char *what) MUST_CHECK;

#endif
