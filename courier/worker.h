/*
 * The courier's threads: each does whatever work there is, until there is none; then all wait for
 * the next wake.  A wake may be lost, and time passes without one: so one of them looks every
 * second by itself, and wakes the others when it found something.
 */
#ifndef COURIER_WORKER_H
#define COURIER_WORKER_H

#include "courier/send.h"
#include "messenger/messenger.h"

struct workers;

/* Start `count` threads; `messenger` and what `ways` names are
 * used as by workers_use.  `patience` is how long
 * (seconds) a clock that jumped ahead must hold before anything is destroyed by it. */
enum status workers_start(const struct messenger *messenger, const struct send_ways *ways,
			  size_t count, int64_t patience, struct workers **workers_out) MUST_CHECK;

/* Work by these from the next round on; `messenger` and what `ways` names must stay while
 * workers_are_using them. */
void workers_use(struct workers *workers, const struct messenger *messenger,
		 const struct send_ways *ways);

/* Whether any thread still works by this one, or would in its next round. */
bool workers_are_using(struct workers *workers, const struct messenger *messenger);

/* There may be something to do. */
void workers_wake(struct workers *workers);

/* Finish the work in hand, stop, release. */
void workers_stop(struct workers *workers);

#endif
