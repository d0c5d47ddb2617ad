/*
 * Hashes that name things: keyed BLAKE2b, domain-separated by purpose.
 */
#ifndef CRYPTO_HASH_H
#define CRYPTO_HASH_H

#include <stdbool.h>

#include "base/secret.h"
#include "base/slice.h"

#define HASH_SIZE ((size_t)32)

/* BLAKE2b-256 of length-prefixed `purpose` then `bytes`, keyed by `key` (may be empty). */
void hash_purpose(struct slice key, const char *purpose, struct slice bytes,
		  unsigned char hash_out[HASH_SIZE]);

/* The same as a 32-byte key in guarded memory. */
void
hash_derive_key(struct slice key, const char *purpose, struct slice bytes, struct secret *key_out);

/* Constant-time comparison of equally long bytes; different lengths differ. */
bool hash_equal(struct slice a, struct slice b);

#endif
