/* crypto/hash: names by keyed BLAKE2b.  Known answers from reader.py. */
#include <stdbool.h>

#include "crypto/hash.h"
#include "tests/unit/crypto/given.h"

static void
known_answers(void **state)
{
	struct arena *arena = arena_new();
	struct slice key = given(arena, VECTOR_DISPLAY_KEY);
	unsigned char hash[HASH_SIZE];
	struct secret derived;

	(void)state;
	hash_purpose(key, "address index", SLICE("erna@example.org"), hash);
	assert_slice_equal(slice_of(hash, HASH_SIZE), given(arena, VECTOR_HASH));
	hash_derive_key(key, "address index", SLICE("erna@example.org"), &derived);
	assert_slice_equal(secret_slice(&derived), given(arena, VECTOR_HASH));
	secret_clear(&derived);
	hash_purpose(slice_of(NULL, 0), "address index", SLICE("erna@example.org"), hash);
	assert_slice_equal(slice_of(hash, HASH_SIZE), given(arena, VECTOR_HASH_NO_KEY));
	hash_purpose(slice_of(NULL, 0), "", slice_of(NULL, 0), hash);
	assert_slice_equal(slice_of(hash, HASH_SIZE), given(arena, VECTOR_HASH_EMPTY));
	arena_free(arena);
}

static void
purpose_and_bytes_do_not_run_together(void **state)
{
	unsigned char one[HASH_SIZE], two[HASH_SIZE];

	(void)state;
	hash_purpose(SLICE("key"), "ab", SLICE("c"), one);
	hash_purpose(SLICE("key"), "a", SLICE("bc"), two);
	assert_memory_not_equal(one, two, HASH_SIZE);
	hash_purpose(SLICE("kez"), "ab", SLICE("c"), two);
	assert_memory_not_equal(one, two, HASH_SIZE);
	hash_purpose(SLICE("key"), "ab", SLICE("c"), two);
	assert_memory_equal(one, two, HASH_SIZE);
}

static void
equal_means_equal_bytes_and_length(void **state)
{
	(void)state;
	assert_true(hash_equal(SLICE("abc"), SLICE("abc")));
	assert_true(hash_equal(SLICE(""), slice_of(NULL, 0)));
	assert_false(hash_equal(SLICE("abc"), SLICE("abd")));
	assert_false(hash_equal(SLICE("abc"), SLICE("bbc")));
	assert_false(hash_equal(SLICE("abc"), SLICE("ab")));
	assert_false(hash_equal(SLICE("ab"), SLICE("ab\0")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(known_answers),
	    cmocka_unit_test(purpose_and_bytes_do_not_run_together),
	    cmocka_unit_test(equal_means_equal_bytes_and_length),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
