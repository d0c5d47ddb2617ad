/*
 * Several requests in one transaction and one round trip, in libpq's pipeline
 * mode.  Inside store/ only: intake.c decides who travels together.
 */
#ifndef STORE_BATCH_H
#define STORE_BATCH_H

#include "store/connection.h"

#define BATCH_STATEMENTS_MAX 4

struct batch_request {
	const char *statements[BATCH_STATEMENTS_MAX];
	struct parameters parameters[BATCH_STATEMENTS_MAX];
	size_t count;
	bool durable; /* must be on disk when the batch is done */
	enum status status;
};

/* All of them or none; fills in every status.  Leaves the connection fit for the next batch. */
void batch_run(struct store *store, struct batch_request *const *requests, size_t count);

#endif
