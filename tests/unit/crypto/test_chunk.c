/*
 * crypto/chunk: messages at rest.  The known answers come from reader.py; full
 * chunks are held against libsodium's own ChaCha20-Poly1305.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/chunk.h"
#include "tests/unit/crypto/given.h"

static unsigned char sealed[CHUNK_SIZE + CHUNK_OVERHEAD];
static unsigned char plain[CHUNK_SIZE];
static unsigned char full[CHUNK_SIZE];

static void
known_answers_both_ways(void **state)
{
	static const struct {
		const char *claim, *plain, *sealed;
		uint64_t index;
	} rows[] = {
	    {"a last chunk", "Subject: hello\r\n", VECTOR_CHUNK_SHORT, 1},
	    {"an empty message", "", VECTOR_CHUNK_EMPTY, 0},
	    {"all bytes of the index count", "far", VECTOR_CHUNK_FAR, 0x0102030405060708},
	};
	struct id message = given_id(VECTOR_MESSAGE);
	struct arena *arena = arena_new();
	struct secret *key = given_secret(arena, VECTOR_K);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice expected = given(arena, rows[i].sealed);
		size_t size;

		print_message("  %s\n", rows[i].claim);
		assert_int_equal(chunk_seal(key, &message, rows[i].index, true,
					    slice_from_text(rows[i].plain), sealed, &size),
				 STATUS_OK);
		assert_slice_equal(slice_of(sealed, size), expected);
		assert_int_equal(
		    chunk_open(key, &message, rows[i].index, true, expected, plain, &size),
		    STATUS_OK);
		assert_slice_equal(slice_of(plain, size), slice_from_text(rows[i].plain));
	}
	arena_free(arena);
}

static void
a_full_chunk_is_what_libsodium_makes_of_it(void **state)
{
	unsigned char nonce[12] = {0}, associated[18], hash[32];
	struct id message = given_id(VECTOR_MESSAGE);
	struct arena *arena = arena_new();
	struct secret *key = given_secret(arena, VECTOR_K);
	unsigned char *other = arena_alloc(arena, sizeof(sealed));
	size_t size;

	(void)state;
	assert_int_equal(
	    chunk_seal(key, &message, 0, false, slice_of(full, CHUNK_SIZE), sealed, &size),
	    STATUS_OK);
	assert_int_equal(size, CHUNK_SIZE + CHUNK_OVERHEAD);
	memcpy(associated, message.bytes, ID_SIZE);
	associated[16] = other[0] = 1;
	associated[17] = other[1] = 1;
	crypto_aead_chacha20poly1305_ietf_encrypt(other + 2, NULL, full, CHUNK_SIZE, associated,
						  sizeof(associated), NULL, nonce, key->data);
	assert_memory_equal(sealed, other, size);
	crypto_generichash(hash, sizeof(hash), sealed, size, NULL, 0);
	assert_slice_equal(slice_of(hash, sizeof(hash)), given(arena, VECTOR_CHUNK_FULL_HASH));
	assert_int_equal(chunk_open(key, &message, 0, false, slice_of(other, size), plain, &size),
			 STATUS_OK);
	assert_memory_equal(plain, full, CHUNK_SIZE);
	arena_free(arena);
}

static void
plain_bytes_can_be_sealed_where_they_stand(void **state)
{
	static const size_t sizes[] = {0, 1, 17, 4096, CHUNK_SIZE};
	struct id message = given_id(VECTOR_MESSAGE);
	struct arena *arena = arena_new();
	struct secret *key = given_secret(arena, VECTOR_K);
	unsigned char *other = arena_alloc(arena, sizeof(sealed));

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct slice apart = slice_of(full, sizes[i]);
		size_t size, size_apart;

		for (size_t j = 0; j < sizes[i]; j++)
			full[j] = (unsigned char)(j * 7 + i);
		memcpy(sealed + CHUNK_HEADER, full, sizes[i]);
		assert_int_equal(chunk_seal(key, &message, 5, true, apart, other, &size_apart),
				 STATUS_OK);
		assert_int_equal(chunk_seal(key, &message, 5, true,
					    slice_of(sealed + CHUNK_HEADER, sizes[i]), sealed,
					    &size),
				 STATUS_OK);
		assert_slice_equal(slice_of(sealed, size), slice_of(other, size_apart));
	}
	memset(full, 0, sizeof(full));
	arena_free(arena);
}

static void
every_changed_bit_is_damage_and_leaves_nothing_behind(void **state)
{
	struct id message = given_id(VECTOR_MESSAGE);
	struct arena *arena = arena_new();
	struct secret *key = given_secret(arena, VECTOR_K);
	struct slice good = given(arena, VECTOR_CHUNK_SHORT);
	unsigned char bad[64];

	(void)state;
	for (size_t bit = 0; bit < good.size * 8; bit++) {
		size_t size = 4711;

		memcpy(bad, good.data, good.size);
		bad[bit / 8] ^= (unsigned char)(1 << bit % 8);
		memset(plain, 0, sizeof(plain));
		assert_int_equal(
		    chunk_open(key, &message, 1, true, slice_of(bad, good.size), plain, &size),
		    STATUS_DAMAGED);
		assert_int_equal(size, 4711);
		assert_true(sodium_is_zero(plain, sizeof(plain)));
	}
	for (size_t size = 0; size < good.size; size++) {
		size_t got;

		/* A block of its own, for the sanitizer to see reads past the end. */
		unsigned char *cut = malloc(size + (size == 0));

		assert_non_null(cut);
		memcpy(cut, good.data, size);
		assert_int_equal(
		    chunk_open(key, &message, 1, true, slice_of(cut, size), plain, &got),
		    STATUS_DAMAGED);
		free(cut);
	}
	arena_free(arena);
}

static void
a_chunk_opens_only_in_its_own_place(void **state)
{
	struct id message = given_id(VECTOR_MESSAGE), other = given_id(VECTOR_DELIVERY);
	struct arena *arena = arena_new();
	struct secret *key = given_secret(arena, VECTOR_K), *wrong = given_secret(arena, VECTOR_T);
	struct secret *shorter = given_secret(arena, VECTOR_SALT);
	struct slice good = given(arena, VECTOR_CHUNK_SHORT);
	size_t size;

	(void)state;
	/* reordered, moved behind by 2^32, cut off before its end, of another message or key */
	assert_int_equal(chunk_open(key, &message, 0, true, good, plain, &size), STATUS_DAMAGED);
	assert_int_equal(chunk_open(key, &message, 1 + (1ULL << 32), true, good, plain, &size),
			 STATUS_DAMAGED);
	assert_int_equal(chunk_open(key, &message, 1, false, good, plain, &size), STATUS_DAMAGED);
	assert_int_equal(chunk_open(key, &other, 1, true, good, plain, &size), STATUS_DAMAGED);
	assert_int_equal(chunk_open(wrong, &message, 1, true, good, plain, &size), STATUS_DAMAGED);
	assert_int_equal(chunk_open(shorter, &message, 1, true, good, plain, &size),
			 STATUS_INTERNAL);
	/* A full chunk from the middle is not a last one: the message was cut there. */
	assert_int_equal(
	    chunk_seal(key, &message, 3, false, slice_of(full, CHUNK_SIZE), sealed, &size),
	    STATUS_OK);
	assert_int_equal(chunk_open(key, &message, 3, true, slice_of(sealed, size), plain, &size),
			 STATUS_DAMAGED);
	arena_free(arena);
}

static void
sizes_are_held(void **state)
{
	struct id message = given_id(VECTOR_MESSAGE);
	struct arena *arena = arena_new();
	struct secret *key = given_secret(arena, VECTOR_K);
	unsigned char *large = arena_alloc(arena, CHUNK_SIZE + CHUNK_OVERHEAD + 1);
	size_t size;

	(void)state;
	assert_int_equal(
	    chunk_seal(key, &message, 0, false, slice_of(full, CHUNK_SIZE - 1), sealed, &size),
	    STATUS_INVALID);
	assert_int_equal(
	    chunk_seal(key, &message, 0, true, slice_of(large, CHUNK_SIZE + 1), sealed, &size),
	    STATUS_TOO_LARGE);
	assert_int_equal(
	    chunk_seal(key, &message, 0, false, slice_of(large, CHUNK_SIZE + 1), sealed, &size),
	    STATUS_TOO_LARGE);
	assert_int_equal(
	    chunk_seal(key, &message, 9, true, slice_of(full, CHUNK_SIZE), sealed, &size),
	    STATUS_OK);
	assert_int_equal(chunk_open(key, &message, 9, true, slice_of(sealed, size), plain, &size),
			 STATUS_OK);
	assert_int_equal(size, CHUNK_SIZE);
	large[0] = large[1] = 1;
	assert_int_equal(chunk_open(key, &message, 0, true,
				    slice_of(large, CHUNK_SIZE + CHUNK_OVERHEAD + 1), plain, &size),
			 STATUS_DAMAGED);
	arena_free(arena);
}

/* Seal and open a run of chunks; NULL when all came back. */
static void *
work(void *argument)
{
	const struct secret *key = argument;
	struct id message = id_new();
	unsigned char one[300 + CHUNK_OVERHEAD], back[300];

	for (uint64_t index = 0; index < 500; index++) {
		struct slice part = slice_part(slice_of(full, CHUNK_SIZE), index, index + 300);
		size_t size;

		if (chunk_seal(key, &message, index, true, part, one, &size) != STATUS_OK ||
		    chunk_open(key, &message, index, true, slice_of(one, size), back, &size) !=
			STATUS_OK ||
		    !slice_equal(slice_of(back, size), part))
			return argument;
	}
	return NULL;
}

/* The same in several threads at once; true when all came back. */
static bool
work_in_threads(struct secret *key)
{
	pthread_t threads[4];
	bool good = true;

	for (size_t i = 0; i < 4; i++)
		if (pthread_create(&threads[i], NULL, work, key) != 0)
			return false;
	for (size_t i = 0; i < 4; i++) {
		void *failed;

		good &= pthread_join(threads[i], &failed) == 0 && failed == NULL;
	}
	return good;
}

/* Two processes with threads of their own.  The fork comes first: in a child of many threads the
 * sanitizers' allocator may be locked by one that is not there any more. */
static void
threads_and_forks_do_not_disturb_each_other(void **state)
{
	struct arena *arena = arena_new();
	struct secret *key = given_secret(arena, VECTOR_K);
	int result;
	pid_t child;

	(void)state;
	child = fork();
	if (child == 0)
		_exit(work_in_threads(key) ? 0 : 1);
	assert_true(child > 0);
	assert_true(work_in_threads(key));
	assert_int_equal(waitpid(child, &result, 0), child);
	assert_true(WIFEXITED(result) && WEXITSTATUS(result) == 0);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(known_answers_both_ways),
	    cmocka_unit_test(a_full_chunk_is_what_libsodium_makes_of_it),
	    cmocka_unit_test(plain_bytes_can_be_sealed_where_they_stand),
	    cmocka_unit_test(every_changed_bit_is_damage_and_leaves_nothing_behind),
	    cmocka_unit_test(a_chunk_opens_only_in_its_own_place),
	    cmocka_unit_test(sizes_are_held),
	    cmocka_unit_test(threads_and_forks_do_not_disturb_each_other),
	};

	if (sodium_init() < 0)
		return 1;
	/* The pattern that reader.py calls FULL. */
	for (size_t i = 0; i < CHUNK_SIZE; i++)
		full[i] = (unsigned char)(i * 7 + i / 251);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
