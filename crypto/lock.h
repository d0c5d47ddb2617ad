/*
 * A lock turns a passphrase into a key pair:
 *
 *	answer    = normalise(rule, passphrase)
 *	stretched = Argon2id(answer, salt, ops, memory)
 *	seed      = BLAKE2b(key = pepper, "postern lock" ‖ stretched ‖ lock id)
 *	pair      = crypto_box_seed_keypair(seed)
 *
 * Only id, salt, cost, rule and the PUBLIC key are ever stored.
 */
#ifndef CRYPTO_LOCK_H
#define CRYPTO_LOCK_H

#include <stdint.h>

#include "base/id.h"
#include "base/secret.h"
#include "base/status.h"
#include "crypto/pair.h"

#define LOCK_SALT_SIZE ((size_t)16)
#define LOCK_PASSPHRASE_MAX ((size_t)1024) /* bytes of UTF-8 as typed */

enum lock_rule {
	LOCK_EXACT = 1,	    /* NFKC, outer white space dropped */
	LOCK_FORGIVING = 2, /* also case, accents, inner white space and punctuation dropped */
};

struct lock_terms {
	struct id id;
	enum lock_rule rule;
	uint32_t ops;	     /* Argon2id passes */
	uint32_t memory_kib; /* Argon2id memory */
	unsigned char salt[LOCK_SALT_SIZE];
};

/* Terms for a new lock: fresh id and salt.  Default cost: 3 passes, 65536 KiB. */
void lock_terms_new(enum lock_rule rule, uint32_t ops, uint32_t memory_kib, struct lock_terms *out);

/* Normalise what a person typed (UTF-8, at most LOCK_PASSPHRASE_MAX).
 * STATUS_INVALID: not UTF-8, or nothing is left of it; STATUS_TOO_LARGE. */
enum status lock_normalise(enum lock_rule rule, struct slice passphrase,
			   struct secret *answer_out) MUST_CHECK;

/* Derive the pair; takes one Argon2id of time and memory.  STATUS_INVALID when
 * the terms are outside what any honest lock has (hostile row): ops 1-10,
 * memory 8 MiB-1 GiB, unless ops and memory were set lower for tests, which
 * start at 1 and 8 KiB. */
enum status lock_derive(const struct lock_terms *terms, const struct secret *answer,
			const struct secret *pepper, struct pair *pair_out) MUST_CHECK;

#endif
