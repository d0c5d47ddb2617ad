#include "base/pool.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

struct job {
	void (*run)(void *argument);
	void *argument;
};

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t ready;
	struct job *jobs; /* a ring of `room` places */
	size_t room;
	size_t first;
	size_t count;
	bool closing;
	pthread_t *threads;
	size_t thread_count;
};

static void *
work(void *argument)
{
	struct pool *pool = argument;

	pthread_mutex_lock(&pool->lock);
	for (;;) {
		struct job job;

		while (pool->count == 0 && !pool->closing)
			pthread_cond_wait(&pool->ready, &pool->lock);
		if (pool->count == 0)
			break;
		job = pool->jobs[pool->first];
		pool->first = (pool->first + 1) % pool->room;
		pool->count--;
		pthread_mutex_unlock(&pool->lock);
		job.run(job.argument);
		pthread_mutex_lock(&pool->lock);
	}
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

enum status
pool_new(size_t workers, size_t waiting, struct pool **pool_out)
{
	struct pool *pool = calloc(1, sizeof(*pool));

	if (pool == NULL)
		return STATUS_UNAVAILABLE;
	pool->room = waiting;
	pool->jobs = calloc(waiting, sizeof(*pool->jobs));
	pool->threads = calloc(workers, sizeof(*pool->threads));
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->ready, NULL);
	if (pool->jobs == NULL || pool->threads == NULL) {
		pool_free(pool);
		return STATUS_UNAVAILABLE;
	}
	for (; pool->thread_count < workers; pool->thread_count++) {
		if (pthread_create(&pool->threads[pool->thread_count], NULL, work, pool) != 0) {
			pool_free(pool);
			return STATUS_UNAVAILABLE;
		}
	}
	*pool_out = pool;
	return STATUS_OK;
}

enum status
pool_submit(struct pool *pool, void (*job)(void *argument), void *argument)
{
	enum status status = STATUS_OK;

	pthread_mutex_lock(&pool->lock);
	if (pool->closing || pool->count == pool->room) {
		status = STATUS_BUSY;
	} else {
		pool->jobs[(pool->first + pool->count) % pool->room] = (struct job){job, argument};
		pool->count++;
		pthread_cond_signal(&pool->ready);
	}
	pthread_mutex_unlock(&pool->lock);
	return status;
}

void
pool_free(struct pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	pool->closing = true;
	pthread_cond_broadcast(&pool->ready);
	pthread_mutex_unlock(&pool->lock);
	for (size_t i = 0; i < pool->thread_count; i++)
		pthread_join(pool->threads[i], NULL);
	pthread_mutex_destroy(&pool->lock);
	pthread_cond_destroy(&pool->ready);
	free(pool->threads);
	free(pool->jobs);
	free(pool);
}
