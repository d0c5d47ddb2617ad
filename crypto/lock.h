/*
 * A lock turns a passphrase into a key pair:
 *
 *	answer    = normalise(rule, passphrase)
 *	stretched = Argon2id(answer, salt, ops, memory)
 *	seed      = BLAKE2b(key = pepper, "postern lock" ‖ stretched ‖ lock id)
 *	pair      = crypto_box_seed_keypair(seed)
 *
 * Only id, salt, cost, rule and the PUBLIC key are ever stored.
 *
 * A passphrase that was generated (LOCK_GENERATED) has 80 random bits, which nobody guesses: its
 * seed takes no pepper, so that who has none can make such a lock (docs/cryptography.md says why
 * that costs nothing).
 */
#ifndef CRYPTO_LOCK_H
#define CRYPTO_LOCK_H

#include <stdint.h>

#include "base/arena.h"
#include "base/id.h"
#include "base/secret.h"
#include "base/status.h"
#include "crypto/pair.h"

#define LOCK_SALT_SIZE ((size_t)16)
#define LOCK_PEPPER_SIZE ((size_t)32)
#define LOCK_PASSPHRASE_MAX ((size_t)1024) /* bytes of UTF-8 as typed */

enum lock_rule {
	LOCK_EXACT = 1,	    /* NFKC, outer white space dropped */
	LOCK_FORGIVING = 2, /* also case, accents, all white space and punctuation dropped */
	LOCK_GENERATED = 3, /* what lock_generate draws, in any case, with any gaps and hyphens */
};

/* "7k2m-9xqf-3hvd-w8rt": 80 bits in base32 without look-alikes. */
#define LOCK_GENERATED_BYTES ((size_t)10)
#define LOCK_GENERATED_LENGTH ((size_t)19)
/* What stretches it: enough beside 80 random bits, and little enough for who makes many. */
#define LOCK_GENERATED_OPS 2
#define LOCK_GENERATED_MEMORY_KIB 19456

struct lock_terms {
	struct id id;
	enum lock_rule rule;
	uint32_t ops;	     /* Argon2id passes */
	uint32_t memory_kib; /* Argon2id memory */
	unsigned char salt[LOCK_SALT_SIZE];
};

/* A new passphrase for LOCK_GENERATED, LOCK_GENERATED_LENGTH bytes of text. */
void lock_generate(struct secret *passphrase_out);

/* Terms for a new lock: fresh id and salt.  Default cost: 3 passes, 65536 KiB. */
void lock_terms_new(enum lock_rule rule, uint32_t ops, uint32_t memory_kib, struct lock_terms *out);

/* Normalise what a person typed (UTF-8, at most LOCK_PASSPHRASE_MAX).  Where the
 * forgiving rule would leave nothing (a passphrase of punctuation alone), the
 * exact form is taken.  STATUS_INVALID: not UTF-8, or nothing but white space, or under
 * LOCK_GENERATED anything that was not generated; STATUS_TOO_LARGE. */
enum status
lock_normalise(enum lock_rule rule, struct slice passphrase, struct secret *answer_out) MUST_CHECK;

/* Derive the pair; takes one Argon2id of time and memory.  STATUS_INVALID when
 * the terms are outside 1-10 passes and 8 KiB-1 GiB: a hostile row must not
 * choose the server's work.  (Cheap terms are for tests; they weaken no lock
 * that exists, because another cost is another key.)  STATUS_UNAVAILABLE: no
 * memory for it now.  STATUS_INTERNAL: the pepper is missing, which only LOCK_GENERATED can do
 * without. */
enum status lock_derive(const struct lock_terms *terms, const struct secret *answer,
			const struct secret *pepper, struct pair *pair_out) MUST_CHECK;

/* Both at once: from what was typed to the pair. */
enum status lock_pair(const struct lock_terms *terms, struct slice passphrase,
		      const struct secret *pepper, struct pair *pair_out) MUST_CHECK;

/* A secret sealed to a lock, with the lock's public key before it, so that another passphrase can
 * be told from damage.  The result lives in the arena.  Errors as of pair_seal. */
enum status lock_seal(const unsigned char lock_public[PAIR_PUBLIC_SIZE], enum pair_purpose purpose,
		      const struct id *id, struct slice secret, struct arena *arena,
		      struct slice *wrap_out) MUST_CHECK;
/* STATUS_DENIED: it is sealed to another lock.  STATUS_DAMAGED: to this one, and does not open. */
enum status lock_open(const struct pair *lock, enum pair_purpose purpose, const struct id *id,
		      struct slice wrap, struct secret *secret_out) MUST_CHECK;

#endif
