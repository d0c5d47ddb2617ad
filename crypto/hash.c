#include "crypto/hash.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

void
hash_purpose(struct slice key, const char *purpose, struct slice bytes,
	     unsigned char hash_out[HASH_SIZE])
{
	struct slice name = slice_from_text(purpose);
	unsigned char length[4] = {0, 0, (unsigned char)(name.size >> 8), (unsigned char)name.size};
	crypto_generichash_state state;

	if (key.size > crypto_generichash_KEYBYTES_MAX || name.size > 0xffff) {
		log_error("hash-misused", LOG_NUMBER("key_size", key.size));
		abort();
	}
	crypto_generichash_init(&state, key.data, key.size, HASH_SIZE);
	crypto_generichash_update(&state, length, sizeof(length));
	crypto_generichash_update(&state, name.data, name.size);
	crypto_generichash_update(&state, bytes.data, bytes.size);
	crypto_generichash_final(&state, hash_out, HASH_SIZE);
	sodium_memzero(&state, sizeof(state));
}

void
hash_derive_key(struct slice key, const char *purpose, struct slice bytes, struct secret *key_out)
{
	struct secret derived;

	secret_init(&derived, HASH_SIZE);
	hash_purpose(key, purpose, bytes, derived.data);
	secret_move(key_out, &derived);
}

bool
hash_equal(struct slice a, struct slice b)
{
	return a.size == b.size && sodium_memcmp(a.data, b.data, a.size) == 0;
}
