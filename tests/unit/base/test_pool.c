/* base/pool: bounded workers. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/pool.h"

/* Jobs that hold their worker until the gate opens. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int started, finished;
static bool gate_open;

static void
wait_at_gate(void *argument)
{
	(void)argument;
	pthread_mutex_lock(&lock);
	started++;
	pthread_cond_broadcast(&changed);
	while (!gate_open)
		pthread_cond_wait(&changed, &lock);
	finished++;
	pthread_mutex_unlock(&lock);
}

static void
wait_for_started(int count)
{
	pthread_mutex_lock(&lock);
	while (started < count)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
}

static void
a_full_queue_says_busy_and_what_is_queued_is_finished(void **state)
{
	struct pool *pool;

	(void)state;
	started = finished = 0;
	gate_open = false;
	assert_int_equal(pool_new(2, 3, &pool), STATUS_OK);
	assert_int_equal(pool_submit(pool, wait_at_gate, NULL), STATUS_OK);
	assert_int_equal(pool_submit(pool, wait_at_gate, NULL), STATUS_OK);
	wait_for_started(2);
	for (int i = 0; i < 3; i++)
		assert_int_equal(pool_submit(pool, wait_at_gate, NULL), STATUS_OK);
	assert_int_equal(pool_submit(pool, wait_at_gate, NULL), STATUS_BUSY);
	pthread_mutex_lock(&lock);
	assert_int_equal(started, 2);
	gate_open = true;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
	pool_free(pool);
	assert_int_equal(finished, 5);
}

static atomic_int sum;

static void
add(void *argument)
{
	atomic_fetch_add(&sum, *(const int *)argument);
}

static void
every_job_runs_once(void **state)
{
	int numbers[500];
	struct pool *pool;

	(void)state;
	assert_int_equal(pool_new(4, 500, &pool), STATUS_OK);
	for (int i = 0; i < 500; i++) {
		numbers[i] = i;
		assert_int_equal(pool_submit(pool, add, &numbers[i]), STATUS_OK);
	}
	pool_free(pool);
	assert_int_equal(sum, 499 * 500 / 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_full_queue_says_busy_and_what_is_queued_is_finished),
	    cmocka_unit_test(every_job_runs_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
