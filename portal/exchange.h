/*
 * One request and its answer between the HTTP library and the pages: what the
 * library's callbacks lead to.  An exchange has up to two owners, the library's request and
 * the library's response, and goes with the later of them.
 */
#ifndef PORTAL_EXCHANGE_H
#define PORTAL_EXCHANGE_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/pool.h"
#include "portal/deadline.h"
#include "portal/site.h"

/* What exchanges share with their server. */
struct exchange_host {
	_Atomic(const struct site *) site; /* a request keeps the one it began with */
	pthread_mutex_t lock;		   /* of the pools, which go before the connections do */
	struct pool *stretch;		   /* Argon2id; NULL while stopping */
	struct pool *read;
	atomic_uint active;
};

struct exchange;

/* The request line is there; `target` is raw. */
struct exchange *
exchange_new(struct exchange_host *host, const char *target, struct deadline *deadline);

/* The library's request handler: called once with the header fields, for each piece of
 * the body, and at its end; and again when it was suspended. */
enum MHD_Result exchange_handle(struct exchange *exchange, struct MHD_Connection *connection,
				const char *method, const char *piece, size_t *size);

/* The library is done with the request: one line in the log. */
void exchange_complete(struct exchange *exchange);

#endif
