/* The fixed set of connections of store/store.h. */
#include <pthread.h>
#include <stdlib.h>

#include "store/connection.h"
#include "store/store.h"

struct store_pool {
	pthread_mutex_t mutex;
	pthread_cond_t returned;
	struct store **idle; /* a stack: the last one used is the warmest */
	size_t idle_count;
	size_t count;
	int64_t lost_at; /* when one of them was last found dead */
};

enum status
store_pool_open(const char *connection, size_t count, struct store_pool **out)
{
	struct store_pool *pool;
	struct store *first;
	enum status status;

	if (count == 0)
		return STATUS_INVALID;
	/* One is tried, so that a wrong schema is found at once; the others connect when needed. */
	status = store_open(connection, &first);
	if (status != STATUS_OK)
		return status;
	pool = calloc(1, sizeof(*pool));
	if (!pool)
		abort();
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers is meant. */
	pool->idle = calloc(count, sizeof(*pool->idle));
	if (!pool->idle)
		abort();
	pthread_mutex_init(&pool->mutex, NULL);
	pthread_cond_init(&pool->returned, NULL);
	pool->count = count;
	for (size_t i = 0; i + 1 < count; i++)
		pool->idle[pool->idle_count++] = store_new(connection);
	pool->idle[pool->idle_count++] = first;
	*out = pool;
	return STATUS_OK;
}

void
store_pool_close(struct store_pool *pool)
{
	if (!pool)
		return;
	pthread_mutex_lock(&pool->mutex);
	while (pool->idle_count < pool->count)
		pthread_cond_wait(&pool->returned, &pool->mutex);
	pthread_mutex_unlock(&pool->mutex);
	for (size_t i = 0; i < pool->count; i++)
		store_close(pool->idle[i]);
	pthread_cond_destroy(&pool->returned);
	pthread_mutex_destroy(&pool->mutex);
	free(pool->idle);
	free(pool);
}

struct store *
store_pool_get(struct store_pool *pool)
{
	struct store *store;
	int64_t lost_at;

	pthread_mutex_lock(&pool->mutex);
	while (pool->idle_count == 0)
		pthread_cond_wait(&pool->returned, &pool->mutex);
	store = pool->idle[--pool->idle_count];
	lost_at = pool->lost_at;
	pthread_mutex_unlock(&pool->mutex);
	store_doubt(store, lost_at);
	return store;
}

void
store_pool_put(struct store_pool *pool, struct store *store)
{
	store_rollback(store);
	pthread_mutex_lock(&pool->mutex);
	if (store->lost_at > pool->lost_at)
		pool->lost_at = store->lost_at;
	pool->idle[pool->idle_count++] = store;
	pthread_cond_signal(&pool->returned);
	pthread_mutex_unlock(&pool->mutex);
}
