/* Token buckets: what a client gets within a minute, and what others do to it. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "ingest/rates.h"

static struct network_address
address(uint32_t number)
{
	struct sockaddr_storage storage = {.ss_family = AF_INET};
	struct sockaddr_in ipv4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(number)};

	memcpy(&storage, &ipv4, sizeof(ipv4));
	return network_address_from_socket(&storage);
}

static size_t
take_many(struct rates *rates, uint64_t key, uint32_t client, uint64_t per_minute, int64_t now,
	  size_t tries)
{
	struct network_address from = address(client);
	size_t taken = 0;

	while (tries-- > 0)
		taken += rates_take(rates, RATE_MESSAGES, key, &from, per_minute, now);
	return taken;
}

static void
a_bucket_empties_and_fills_again(void **state)
{
	struct rates *rates = rates_new();

	(void)state;
	assert_int_equal(take_many(rates, 1, 1, 6, 1000, 10), 6);
	assert_int_equal(take_many(rates, 1, 1, 6, 10999, 10), 0);
	assert_int_equal(take_many(rates, 1, 1, 6, 11000, 10), 1);
	assert_int_equal(take_many(rates, 1, 1, 6, 31000, 10), 2);
	assert_int_equal(take_many(rates, 1, 1, 6, 10000000, 10), 6);
	rates_free(rates);
}

/* Tries that fail must not put off the next that would not. */
static void
refusals_cost_nothing(void **state)
{
	struct rates *rates = rates_new();
	size_t taken = 0;

	(void)state;
	assert_int_equal(take_many(rates, 1, 1, 1, 0, 1), 1);
	for (int64_t now = 1; now <= 120000; now++)
		taken += take_many(rates, 1, 1, 1, now, 1);
	assert_int_equal(taken, 2);
	rates_free(rates);
}

static void
each_client_rule_and_kind_has_its_own(void **state)
{
	struct rates *rates = rates_new();
	struct network_address from = address(1);

	(void)state;
	assert_int_equal(take_many(rates, 1, 1, 2, 0, 5), 2);
	assert_int_equal(take_many(rates, 1, 2, 2, 0, 5), 2);
	assert_int_equal(take_many(rates, 2, 1, 2, 0, 5), 2);
	assert_true(rates_take(rates, RATE_CONNECTIONS, 1, &from, 2, 0));
	assert_int_equal(take_many(rates, 1, 1, 0, 0, 1000), 1000);
	rates_free(rates);
}

static void
a_lower_limit_holds_at_once(void **state)
{
	struct rates *rates = rates_new();

	(void)state;
	assert_int_equal(take_many(rates, 1, 1, 1000, 0, 10), 10);
	assert_int_equal(take_many(rates, 1, 1, 3, 0, 10), 3);
	rates_free(rates);
}

/* Each comes once; the one who comes all the time is not forgotten over them. */
static void
a_crowd_neither_grows_the_table_nor_frees_the_busy(void **state)
{
	struct rates *rates = rates_new();
	size_t taken = 0;

	(void)state;
	for (uint32_t i = 0; i < 200000; i++) {
		assert_int_equal(take_many(rates, 1, 1000 + i, 1, i / 1000, 1), 1);
		if (i % 100 == 0)
			taken += take_many(rates, 1, 7, 5, i / 1000, 1);
	}
	assert_int_equal(taken, 5);
	rates_free(rates);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_bucket_empties_and_fills_again),
	    cmocka_unit_test(refusals_cost_nothing),
	    cmocka_unit_test(each_client_rule_and_kind_has_its_own),
	    cmocka_unit_test(a_lower_limit_holds_at_once),
	    cmocka_unit_test(a_crowd_neither_grows_the_table_nor_frees_the_busy),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
