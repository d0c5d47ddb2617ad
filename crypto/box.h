/*
 * Small things sealed under a symmetric key: XChaCha20-Poly1305 with a random
 * nonce under a subkey BLAKE2b(key, "postern box " ‖ purpose).  The context
 * (an id, a column's name; at most BOX_CONTEXT_MAX) is authenticated together
 * with the two header bytes, so that sealed values cannot be swapped between rows.
 *
 * Sealed form: version byte, algorithm byte, 24-byte nonce, ciphertext, 16-byte tag.
 */
#ifndef CRYPTO_BOX_H
#define CRYPTO_BOX_H

#include "base/arena.h"
#include "base/secret.h"
#include "base/status.h"

#define BOX_OVERHEAD ((size_t)42)
#define BOX_CONTEXT_MAX ((size_t)256)

/* Seal `plain` under `key` (16 to 64 secret bytes).  The result lives in the
 * arena.  A key or context of another size is a bug here and aborts; when
 * opening it is STATUS_DAMAGED. */
struct slice box_seal(struct slice key, const char *purpose, struct slice context,
		      struct slice plain, struct arena *arena);

/* Open into the arena (which wipes it).  STATUS_DAMAGED when key, purpose, context or bytes differ.
 */
enum status box_open(struct slice key, const char *purpose, struct slice context,
		     struct slice sealed, struct arena *arena, struct slice *plain_out) MUST_CHECK;

/* The same for secrets: opens into guarded memory. */
enum status box_open_secret(struct slice key, const char *purpose, struct slice context,
			    struct slice sealed, struct secret *plain_out) MUST_CHECK;

#endif
