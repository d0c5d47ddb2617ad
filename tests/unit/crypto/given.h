/*
 * What every test of crypto/ needs: the known answers out of their hex.
 */
#ifndef TESTS_CRYPTO_GIVEN_H
#define TESTS_CRYPTO_GIVEN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <sodium.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/encode.h"
#include "base/id.h"
#include "base/secret.h"
#include "tests/unit/crypto/vectors.h"

static inline struct slice
given(struct arena *arena, const char *hex)
{
	size_t size = strlen(hex) / 2;
	unsigned char *bytes = arena_alloc(arena, size + 1);

	assert_true(decode_hex(slice_from_text(hex), bytes, size));
	return slice_of(bytes, size);
}

/* A secret that goes with the arena. */
static inline struct secret *
given_secret(struct arena *arena, const char *hex)
{
	struct secret *secret = arena_alloc(arena, sizeof(*secret));

	secret_init_in(secret, arena, strlen(hex) / 2);
	assert_true(decode_hex(slice_from_text(hex), secret->data, secret->size));
	return secret;
}

static inline struct id
given_id(const char *hex)
{
	struct id id;

	assert_true(decode_hex(slice_from_text(hex), id.bytes, ID_SIZE));
	return id;
}

static inline void
assert_slice_equal(struct slice got, struct slice expected)
{
	assert_int_equal(got.size, expected.size);
	if (got.size > 0)
		assert_memory_equal(got.data, expected.data, got.size);
}

#endif
