/*
 * A bounded pool of worker threads with a bounded queue, for work that would
 * otherwise let a flood of requests take all cores and memory.
 */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include <stddef.h>

#include "base/status.h"

struct pool;

/* `workers` threads and at most `waiting` queued jobs. */
enum status pool_new(size_t workers, size_t waiting, struct pool **pool_out) MUST_CHECK;

/* Run job(argument) on a worker; STATUS_BUSY, and nothing is run, when the queue is full. */
enum status pool_submit(struct pool *pool, void (*job)(void *argument), void *argument) MUST_CHECK;

/* Finish what is queued, then stop the threads and release. */
void pool_free(struct pool *pool);

#endif
