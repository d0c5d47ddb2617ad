/*
 * SHA-256 and SHA-512, for names and matches that a protocol builds with them (DANE).
 */
#ifndef CRYPTO_SHA2_H
#define CRYPTO_SHA2_H

#include <stddef.h>

#include "base/slice.h"
#include "base/status.h"

#define SHA256_SIZE ((size_t)32)
#define SHA512_SIZE ((size_t)64)

/* STATUS_UNAVAILABLE where the library is out of order. */
enum status sha256_of(struct slice bytes, unsigned char digest_out[SHA256_SIZE]) MUST_CHECK;
enum status sha512_of(struct slice bytes, unsigned char digest_out[SHA512_SIZE]) MUST_CHECK;

#endif
