/*
 * Certificates as they are found in bundles and compared with pins: which ones lie in a CMS or
 * PKCS#7 bundle, and what the public key of one is, byte by byte.  Nothing is believed here.
 */
#ifndef CRYPTO_BUNDLE_H
#define CRYPTO_BUNDLE_H

#include "base/arena.h"
#include "base/slice.h"
#include "base/status.h"

#define BUNDLE_SIZE_MAX ((size_t)256 * 1024)

/* DER of the certificates in a DER SignedData, at most `most` of them, in the arena.
 * STATUS_INVALID: that is none; STATUS_TOO_LARGE: over BUNDLE_SIZE_MAX. */
enum status bundle_read(struct slice bundle, size_t most, struct arena *arena,
			struct slice **certificates_out, size_t *count_out) MUST_CHECK;

/* SubjectPublicKeyInfo of a DER certificate, as DER in the arena.  STATUS_INVALID: it is none, or
 * something follows it. */
enum status
bundle_public_key(struct slice certificate, struct arena *arena, struct slice *key_out) MUST_CHECK;

#endif
