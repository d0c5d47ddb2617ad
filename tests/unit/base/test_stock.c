/* base/stock: buffers that are used again, and not more of them than was promised. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/stock.h"

#define THREADS 8
#define ROUNDS 2000
#define SIZE 64

static void
what_is_given_back_is_taken_again(void **state)
{
	struct stock stock = STOCK_OF(SIZE);
	void *first = stock_take(&stock);
	void *second = stock_take(&stock);
	void *last;

	(void)state;
	assert_non_null(first);
	assert_non_null(second);
	assert_ptr_not_equal(first, second);
	stock_give(&stock, first);
	stock_give(&stock, second);
	stock_give(&stock, NULL);
	assert_int_equal(stock.count, 2);
	last = stock_take(&stock);
	assert_ptr_equal(last, second);
	assert_ptr_equal(stock_take(&stock), first);
	stock_give(&stock, first);
	stock_give(&stock, last);
	stock_release(&stock);
}

static void
only_so_many_wait(void **state)
{
	struct stock stock = STOCK_OF(SIZE);
	void *buffers[STOCK_SPARES + 5];

	(void)state;
	for (size_t i = 0; i < STOCK_SPARES + 5; i++)
		buffers[i] = stock_take(&stock);
	for (size_t i = 0; i < STOCK_SPARES + 5; i++)
		stock_give(&stock, buffers[i]);
	/* The leak checker sees to it that the others were freed. */
	assert_int_equal(stock.count, STOCK_SPARES);
	stock_release(&stock);
	assert_int_equal(stock.count, 0);
}

/* Nobody else writes into a buffer that is in hand; NULL when that held. */
static void *
take_and_give(void *argument)
{
	struct stock *stock = argument;
	unsigned char own[SIZE];

	for (int i = 0; i < ROUNDS; i++) {
		unsigned char *buffer = stock_take(stock);

		memset(own, (unsigned char)((uintptr_t)own >> 12), SIZE);
		memcpy(buffer, own, SIZE);
		if (memcmp(buffer, own, SIZE) != 0)
			return argument;
		stock_give(stock, buffer);
	}
	return NULL;
}

static void
threads_share_it(void **state)
{
	struct stock stock = STOCK_OF(SIZE);
	pthread_t threads[THREADS];

	(void)state;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, take_and_give, &stock), 0);
	for (int i = 0; i < THREADS; i++) {
		void *failed;

		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
	}
	assert_true(stock.count <= THREADS);
	stock_release(&stock);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_given_back_is_taken_again),
	    cmocka_unit_test(only_so_many_wait),
	    cmocka_unit_test(threads_share_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
