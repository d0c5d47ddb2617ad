/*
 * Link secrets (160 bits, 32 characters of base32) and pick-up codes (60 bits,
 * 12 characters).  Both are derived from the link key, so that the courier can
 * write them into a mail again without anybody storing them; the database
 * holds only hashes.  A raised generation kills the old ones.
 */
#ifndef CRYPTO_LINK_H
#define CRYPTO_LINK_H

#include <stdint.h>

#include "base/arena.h"
#include "base/id.h"
#include "base/secret.h"
#include "base/status.h"

#define LINK_SECRET_SIZE ((size_t)20)
#define LINK_TEXT_LENGTH ((size_t)32)
#define LINK_HASH_SIZE ((size_t)32)
#define PICKUP_LENGTH ((size_t)12)

enum link_kind { LINK_RECIPIENT = 1, LINK_SENDER = 2 };

/* The secret itself: the first 20 bytes of hash_purpose(link key, "link",
 * kind ‖ delivery ‖ generation). */
void link_derive(const struct secret *link_key, enum link_kind kind, const struct id *delivery,
		 uint32_t generation, struct secret *secret_out);

/* What the database stores to find the row: hash_purpose(no key, "link hash", secret). */
void link_hash(struct slice secret, unsigned char hash_out[LINK_HASH_SIZE]);

/* Text form for a path, in the arena; and back (STATUS_INVALID). */
const char *link_text(const struct secret *secret, struct arena *arena);
enum status link_parse(struct slice text, struct secret *secret_out) MUST_CHECK;

/* The pick-up code of a recipient's link, 12 characters, in the arena.
 * Shown to people as three groups of four; parsing drops blanks and hyphens. */
const char *pickup_derive(const struct secret *link_key, const struct id *delivery,
			  uint32_t generation, struct arena *arena);

/* From a typed code: the hash to look up and the key that seals the link secret
 * beside it.  Stretched by Argon2id (2 passes, 19 MiB) salted by the display
 * key, so that neither is guessed from the database.  STATUS_INVALID: no code;
 * STATUS_UNAVAILABLE: no memory for it now. */
enum status
pickup_stretch(const struct secret *display_key, struct slice typed,
	       unsigned char hash_out[LINK_HASH_SIZE], struct secret *key_out) MUST_CHECK;

#endif
