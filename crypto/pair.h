/*
 * X25519 key pairs and what is sealed to their public half (libsodium's sealed
 * box).  What is sealed carries its purpose and the id it belongs to inside,
 * and both are checked on opening.
 *
 * Sealed form: version byte, algorithm byte, crypto_box_seal(purpose byte ‖ id ‖ secret).
 */
#ifndef CRYPTO_PAIR_H
#define CRYPTO_PAIR_H

#include "base/arena.h"
#include "base/id.h"
#include "base/secret.h"
#include "base/status.h"

#define PAIR_PUBLIC_SIZE ((size_t)32)
#define PAIR_PRIVATE_SIZE ((size_t)32)
#define PAIR_SECRET_MAX ((size_t)4096)
#define PAIR_SEAL_OVERHEAD ((size_t)67) /* 2 + 48 + 1 + 16 */

enum pair_purpose {
	PAIR_MESSAGE_KEY = 1,	    /* K, with the message's id */
	PAIR_TEMPORARY_PRIVATE = 2, /* T, with the delivery's id */
	PAIR_LOCK_PUBLIC = 3,	    /* a lock's public key, with the lock's id */
	PAIR_SIGN_IN_CODE = 4,	    /* a code to sign in at the desk, with its row's id */
	PAIR_WRITING_KEY = 5,	    /* the key of what a recipient writes, with its own id */
	PAIR_OWN_KEY = 6,	    /* the key of an own private key, with its row's id */
	PAIR_FACTOR_CODE = 7,	    /* the code of a second factor, with its row's id */
	PAIR_FACTOR_SHEET = 8,	    /* T while a number of a sheet is owed, with the row's id */
	PAIR_MAILBOX_PRIVATE = 10,  /* a mailbox's private half, with its id */
	PAIR_MAILBOX_LINK = 11, /* the link of a delivery in a mailbox, with the delivery's id */
	PAIR_MAILED_LINK = 12,	/* a link that is mailed to a mailbox's owner, with its row's id */
	PAIR_PDF_PASSWORD = 13, /* the password of a PDF, with the id of the lock it opens */
	PAIR_SHEET_PASSWORD = 14, /* number and password of a sheet for PDF, with the sheet's id */
};

struct pair {
	unsigned char public[PAIR_PUBLIC_SIZE];
	struct secret private;
};

/* A fresh pair; clear with pair_clear. */
void pair_new(struct pair *pair);
void pair_clear(struct pair *pair);

/* The pair that belongs to a private key (takes a copy). */
enum status pair_from_private(struct slice private, struct pair *pair_out) MUST_CHECK;

/* Seal `secret` to a public key, anonymously; the result lives in the arena.
 * STATUS_TOO_LARGE over PAIR_SECRET_MAX; STATUS_INVALID: no honest public key. */
enum status pair_seal(const unsigned char public[PAIR_PUBLIC_SIZE], enum pair_purpose purpose,
		      const struct id *id, struct slice secret, struct arena *arena,
		      struct slice *sealed_out) MUST_CHECK;

/* Open what pair_seal made for this pair, purpose and id; STATUS_DAMAGED otherwise. */
enum status pair_open(const struct pair *pair, enum pair_purpose purpose, const struct id *id,
		      struct slice sealed, struct secret *secret_out) MUST_CHECK;

#endif
