/*
 * SHA-1, for names that a protocol builds with it (Web Key Directory).  It protects nothing here:
 * whoever finds two inputs of one name has made two names of one key, and what is found under a
 * name is judged by its content.
 */
#ifndef CRYPTO_SHA1_H
#define CRYPTO_SHA1_H

#include <stddef.h>

#include "base/slice.h"
#include "base/status.h"

#define SHA1_SIZE ((size_t)20)

/* STATUS_UNAVAILABLE where the system's policy has switched it off. */
enum status sha1_of(struct slice bytes, unsigned char digest_out[SHA1_SIZE]) MUST_CHECK;

#endif
