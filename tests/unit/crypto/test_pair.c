/* crypto/pair: what is sealed to a public key.  Known answers from reader.py. */
#include "crypto/pair.h"
#include "tests/unit/crypto/given.h"

struct fixture {
	struct arena *arena;
	struct pair gateway;
	struct id message, delivery;
	struct slice sealed, secret;
};

static int
set_up(void **state)
{
	static struct fixture f;

	f.arena = arena_new();
	f.message = given_id(VECTOR_MESSAGE);
	f.delivery = given_id(VECTOR_DELIVERY);
	f.sealed = given(f.arena, VECTOR_PAIR_MESSAGE_KEY);
	f.secret = given(f.arena, VECTOR_K);
	*state = &f;
	return pair_from_private(given(f.arena, VECTOR_GATEWAY_PRIVATE), &f.gateway) == STATUS_OK
		   ? 0
		   : -1;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	pair_clear(&f->gateway);
	pair_clear(&f->gateway);
	arena_free(f->arena);
	return 0;
}

static void
recorded_values_open(void **state)
{
	struct fixture *f = *state;
	struct secret secret;

	assert_slice_equal(slice_of(f->gateway.public, PAIR_PUBLIC_SIZE),
			   given(f->arena, VECTOR_GATEWAY_PUBLIC));
	assert_int_equal(pair_open(&f->gateway, PAIR_MESSAGE_KEY, &f->message, f->sealed, &secret),
			 STATUS_OK);
	assert_slice_equal(secret_slice(&secret), f->secret);
	secret_clear(&secret);
	assert_int_equal(pair_open(&f->gateway, PAIR_TEMPORARY_PRIVATE, &f->delivery,
				   given(f->arena, VECTOR_PAIR_TEMPORARY), &secret),
			 STATUS_OK);
	assert_slice_equal(secret_slice(&secret), given(f->arena, VECTOR_T));
	secret_clear(&secret);
}

static void
what_is_sealed_opens_and_no_two_are_alike(void **state)
{
	struct fixture *f = *state;
	struct slice one, two;
	struct secret secret;
	struct pair pair, again;

	pair_new(&pair);
	assert_int_equal(pair_from_private(secret_slice(&pair.private), &again), STATUS_OK);
	assert_memory_equal(pair.public, again.public, PAIR_PUBLIC_SIZE);
	assert_int_equal(
	    pair_seal(pair.public, PAIR_MESSAGE_KEY, &f->message, f->secret, f->arena, &one),
	    STATUS_OK);
	assert_int_equal(
	    pair_seal(pair.public, PAIR_MESSAGE_KEY, &f->message, f->secret, f->arena, &two),
	    STATUS_OK);
	assert_int_equal(one.size, 32 + PAIR_SEAL_OVERHEAD);
	assert_memory_not_equal(one.data + 2, two.data + 2, 32);
	assert_int_equal(pair_open(&again, PAIR_MESSAGE_KEY, &f->message, two, &secret), STATUS_OK);
	assert_slice_equal(secret_slice(&secret), f->secret);
	secret_clear(&secret);
	assert_int_equal(pair_open(&f->gateway, PAIR_MESSAGE_KEY, &f->message, two, &secret),
			 STATUS_DAMAGED);
	pair_clear(&pair);
	pair_clear(&again);
}

static void
every_changed_bit_is_damage(void **state)
{
	struct fixture *f = *state;
	unsigned char bad[128];
	struct secret secret = {NULL, 4711};

	for (size_t bit = 0; bit < f->sealed.size * 8; bit++) {
		memcpy(bad, f->sealed.data, f->sealed.size);
		bad[bit / 8] ^= (unsigned char)(1 << bit % 8);
		assert_int_equal(pair_open(&f->gateway, PAIR_MESSAGE_KEY, &f->message,
					   slice_of(bad, f->sealed.size), &secret),
				 STATUS_DAMAGED);
	}
	for (size_t size = 0; size < f->sealed.size; size++)
		assert_int_equal(pair_open(&f->gateway, PAIR_MESSAGE_KEY, &f->message,
					   slice_part(f->sealed, 0, size), &secret),
				 STATUS_DAMAGED);
	assert_int_equal(secret.size, 4711);
}

static void
purpose_and_id_are_part_of_it(void **state)
{
	struct fixture *f = *state;
	struct secret secret;

	assert_int_equal(
	    pair_open(&f->gateway, PAIR_TEMPORARY_PRIVATE, &f->message, f->sealed, &secret),
	    STATUS_DAMAGED);
	assert_int_equal(pair_open(&f->gateway, PAIR_MESSAGE_KEY, &f->delivery, f->sealed, &secret),
			 STATUS_DAMAGED);
}

static void
keys_and_sizes_that_cannot_be_are_refused(void **state)
{
	struct fixture *f = *state;
	unsigned char zero[PAIR_PUBLIC_SIZE] = {0};
	unsigned char *large = arena_alloc(f->arena, 2 * PAIR_SECRET_MAX);
	struct slice sealed;
	struct secret secret;
	struct pair pair;

	/* The point zero gives everybody the same shared secret. */
	assert_int_equal(
	    pair_seal(zero, PAIR_MESSAGE_KEY, &f->message, f->secret, f->arena, &sealed),
	    STATUS_INVALID);
	assert_int_equal(pair_seal(f->gateway.public, PAIR_MESSAGE_KEY, &f->message,
				   slice_of(large, PAIR_SECRET_MAX + 1), f->arena, &sealed),
			 STATUS_TOO_LARGE);
	assert_int_equal(pair_seal(f->gateway.public, PAIR_MESSAGE_KEY, &f->message,
				   slice_of(large, PAIR_SECRET_MAX), f->arena, &sealed),
			 STATUS_OK);
	assert_int_equal(pair_open(&f->gateway, PAIR_MESSAGE_KEY, &f->message, sealed, &secret),
			 STATUS_OK);
	assert_int_equal(secret.size, PAIR_SECRET_MAX);
	secret_clear(&secret);
	large[0] = 1;
	large[1] = 3;
	assert_int_equal(pair_open(&f->gateway, PAIR_MESSAGE_KEY, &f->message,
				   slice_of(large, 2 * PAIR_SECRET_MAX), &secret),
			 STATUS_DAMAGED);
	assert_int_equal(pair_from_private(slice_part(f->secret, 0, 31), &pair), STATUS_INVALID);
	assert_int_equal(pair_from_private(slice_of(NULL, 0), &pair), STATUS_INVALID);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(recorded_values_open),
	    cmocka_unit_test(what_is_sealed_opens_and_no_two_are_alike),
	    cmocka_unit_test(every_changed_bit_is_damage),
	    cmocka_unit_test(purpose_and_id_are_part_of_it),
	    cmocka_unit_test(keys_and_sizes_that_cannot_be_are_refused),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
