/* Secrets: apart from each other, zeroed when given, wiped when let go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <sodium.h>

#include "base/secret.h"

#define MANY 1000

static void
many_live_side_by_side(void **state)
{
	static struct secret secrets[MANY];

	(void)state;
	for (size_t i = 0; i < MANY; i++) {
		secret_init(&secrets[i], 1 + i % 100);
		memset(secrets[i].data, (int)(i % 251) + 1, secrets[i].size);
	}
	for (size_t i = 0; i < MANY; i++)
		for (size_t j = 0; j < secrets[i].size; j++)
			assert_int_equal(secrets[i].data[j], i % 251 + 1);
	for (size_t i = 0; i < MANY; i++)
		secret_clear(&secrets[i]);
}

static void
a_new_one_is_zeroed_whatever_lay_there(void **state)
{
	static const unsigned char zeros[256];

	(void)state;
	for (size_t size = 0; size <= sizeof(zeros); size += 8) {
		struct secret secret;

		secret_random(&secret, size);
		secret_clear(&secret);
		secret_init(&secret, size);
		assert_memory_equal(secret.data, zeros, size);
		secret_clear(&secret);
	}
}

static void
letting_go_wipes(void **state)
{
	struct secret first, second;
	unsigned char *bytes;

	(void)state;
	secret_copy(&first, SLICE("0123456789abcdef0123456789abcdef"));
	bytes = first.data;
	secret_clear(&first);
	assert_null(first.data);
	/* The slot is the next one given; only its link may differ from zero. */
	assert_true(sodium_is_zero(bytes + sizeof(void *), 32 - sizeof(void *)));
	secret_init(&second, 32);
	assert_ptr_equal(second.data, bytes);
	secret_clear(&second);
	secret_clear(&second);
}

static void
moving_leaves_nothing_behind(void **state)
{
	struct secret from, to;

	(void)state;
	secret_copy(&from, SLICE("key"));
	secret_move(&to, &from);
	assert_null(from.data);
	assert_true(slice_equal(secret_slice(&to), SLICE("key")));
	secret_clear(&from);
	assert_true(slice_equal(secret_slice(&to), SLICE("key")));
	secret_clear(&to);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(many_live_side_by_side),
	    cmocka_unit_test(a_new_one_is_zeroed_whatever_lay_there),
	    cmocka_unit_test(letting_go_wipes),
	    cmocka_unit_test(moving_leaves_nothing_behind),
	};

	return sodium_init() < 0 ? 1 : cmocka_run_group_tests_name("secret", tests, NULL, NULL);
}
