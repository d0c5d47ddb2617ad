/*
 * A message at rest: a sequence of chunks, each sealed on its own so that any
 * byte range opens without what comes before.  ChaCha20-Poly1305 (RFC 8439)
 * through OpenSSL; nonce = index ‖ last flag, associated data = message id ‖
 * version ‖ algorithm; the key serves one message only.  Truncation,
 * reordering, a missing last chunk and chunks of other messages are detected.
 *
 * Sealed form: version byte, algorithm byte, ciphertext, 16-byte tag.
 */
#ifndef CRYPTO_CHUNK_H
#define CRYPTO_CHUNK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/id.h"
#include "base/secret.h"
#include "base/status.h"

#define CHUNK_SIZE ((size_t)262144) /* plain bytes in every chunk but the last */
#define CHUNK_HEADER ((size_t)2)    /* sealed bytes before the first plain one */
#define CHUNK_OVERHEAD ((size_t)18) /* all that sealing adds */
#define MESSAGE_KEY_SIZE ((size_t)32)

/* Seal `plain` into `sealed`, which has room for plain.size + CHUNK_OVERHEAD.  `plain` either lies
 * elsewhere or at sealed + CHUNK_HEADER: then it is sealed where it stands.
 * Only the last chunk may be shorter than CHUNK_SIZE (0 is fine): STATUS_INVALID
 * for a short one before it, STATUS_TOO_LARGE above CHUNK_SIZE. */
enum status
chunk_seal(const struct secret *message_key, const struct id *message, uint64_t index, bool last,
	   struct slice plain, unsigned char *sealed, size_t *sealed_size_out) MUST_CHECK;

/* Open into `plain`, which has room for sealed.size - CHUNK_OVERHEAD.
 * STATUS_DAMAGED, and `plain` wiped, when anything differs from what was sealed. */
enum status
chunk_open(const struct secret *message_key, const struct id *message, uint64_t index, bool last,
	   struct slice sealed, unsigned char *plain, size_t *plain_size_out) MUST_CHECK;

#endif
