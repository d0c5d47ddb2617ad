/*
 * A new configuration for a courier that works: policy and relay are taken by each thread before
 * its next round, and what nobody works by any more is released.
 */
#ifndef COURIER_RELOAD_H
#define COURIER_RELOAD_H

#include "base/config.h"
#include "courier/worker.h"

struct generation;

struct reload {
	const struct config *running;	   /* that the program was started with */
	const struct messenger *messenger; /* in use */
	struct generation *latest;	   /* NULL before the first reload */
	struct relay_pool *first;	   /* in use before it */
};

/* Read the configuration again.  All of it is taken; or nothing, the reasons are in the log, and
 * the threads work as before. */
void courier_reload(struct reload *reload, struct workers *workers);

/* Release what is no longer in use, and close its connections; call now and then. */
void courier_reload_tidy(struct reload *reload, struct workers *workers);

/* When the threads have stopped. */
void courier_reload_release(struct reload *reload);

#endif
