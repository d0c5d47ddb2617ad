/*
 * OpenPGP keys of others, and messages encrypted to one of them.  gpg does the work, as a child
 * process through GPGME: nothing that a stranger made is verified or computed with in our
 * address space.  It has no keyring, no agent, no network and a home folder that is thrown away;
 * a key is a file for it, for as long as one call lasts.
 *
 * Refuses to know whose key it is (the caller compares addresses) and where it was found.
 */
#ifndef CRYPTO_OPENPGP_H
#define CRYPTO_OPENPGP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/stream.h"
#include "crypto/openpgp_packet.h"

struct openpgp;

/* Open, with a home below `runtime_folder` (crypto/openpgp_home.h): an existing folder, on memory
 * rather than on disk.  Several threads may use it at once.  Close with openpgp_close. */
enum status openpgp_open(const char *runtime_folder, struct openpgp **openpgp_out) MUST_CHECK;
void openpgp_close(struct openpgp *openpgp);

/* A primary key or subkey, as gpg sees it. */
struct openpgp_subkey {
	const char *fingerprint; /* hex, upper case */
	const char *algorithm;	 /* "rsa4096", "cv25519" */
	int64_t created;
	int64_t expires; /* 0: never */
	bool weak; /* RSA, DSA, ElGamal below 2048 bits, or of a kind that is not known here */
	bool revoked;
	bool expired; /* by the clock of the system */
	bool invalid; /* not rightly bound to its key, or from the future */
	bool can_encrypt;
};

struct openpgp_user_id {
	struct slice bytes;   /* as it is; it may hold anything */
	struct slice address; /* of "Name <address>", or the whole; empty: none, or NUL or controls
				 are about */
	bool valid;	      /* the key has signed it, says gpg */
	bool revoked;
	/* By the last signature on it that names the key as its maker; 0: never.  gpg does not tell
	 * that, and nobody has verified the signature: who can put packets into the material can
	 * let a user id expire, or hide that it has.  Key, subkeys and revocations gpg verifies. */
	int64_t expires;
};

struct openpgp_key {
	const struct openpgp_block *block;
	bool listed;			/* gpg could read it; else there are no subkeys here */
	struct openpgp_subkey *subkeys; /* the primary key first */
	size_t subkey_count;
	struct openpgp_user_id *user_ids; /* in the order of the material */
	size_t user_id_count;
};

/* What is in armoured or binary material, at most OPENPGP_MATERIAL_MAX; keys are not refused here
 * for what they are.  gpg gets ten seconds for each: one that takes longer is not listed.  Lives in
 * the arena and borrows the material.  Status as openpgp_read_blocks, or STATUS_UNAVAILABLE when
 * gpg does not work. */
enum status openpgp_look(struct openpgp *openpgp, struct slice material, struct arena *arena,
			 struct openpgp_key **keys_out, size_t *count_out) MUST_CHECK;

/* Why a key is not used.  Of several keys the reason of the one that came nearest is told: later
 * in this list is nearer. */
enum openpgp_reason {
	OPENPGP_USABLE = 0,
	OPENPGP_NO_KEY,		 /* nothing that is a key */
	OPENPGP_UNREADABLE,	 /* bytes that do not fit together, or that gpg does not take */
	OPENPGP_TOO_LARGE,	 /* over a bound of crypto/openpgp_packet.h */
	OPENPGP_SECRET_KEY,	 /* somebody's secret key is lying about */
	OPENPGP_UNKNOWN_VERSION, /* other than 4 */
	OPENPGP_WRONG_ADDRESS,
	OPENPGP_USER_ID_UNSIGNED,
	OPENPGP_USER_ID_REVOKED,
	OPENPGP_USER_ID_EXPIRED,
	OPENPGP_INVALID, /* signatures are wrong */
	OPENPGP_NOT_YET_VALID,
	OPENPGP_REVOKED_BY_OTHER, /* whom it names for that, it seems: nobody has verified it */
	OPENPGP_REVOKED,	  /* by itself, which gpg has verified: for good */
	OPENPGP_EXPIRED,
	OPENPGP_SUBKEY_REVOKED, /* of those for encryption */
	OPENPGP_NOT_FOR_ENCRYPTION,
	OPENPGP_WEAK_KEY,
};

/* "wrong-address": stable, for evidence and logs. */
const char *openpgp_reason_text(enum openpgp_reason reason);

struct openpgp_choice {
	enum openpgp_reason reason;
	/* Of the usable key, or of the one that came nearest, as far as it could be read. */
	const char *fingerprint; /* of the primary key; "": of no key that is public, of version 4
				    and within the bounds */
	const char *algorithm; /* of what is encrypted to, or would have been; "": gpg was not asked
				  (wrong-address) or could not read it */
	struct slice user_id;  /* for the address, else the first, which nobody has verified; may
				  be empty */
	int64_t valid_until;   /* the first of what expires; 0: nothing does, or it is not known */
	/* Of usable ones only: the key without other user ids, other subkeys, pictures and
	 * certifications by others, for keeping, and for openpgp_encrypt. */
	struct slice minimal;
};

/* Look at the material and choose a key, at the time `now`, that holds a user id for whose address
 * `matches` is true; of several the one that was made last.  gpg sees only keys with such a one.
 * STATUS_OK also when none is usable: choice_out->reason says why.  STATUS_UNAVAILABLE: gpg does
 * not work, nothing is known. */
enum status
openpgp_choose(struct openpgp *openpgp, struct slice material,
	       bool (*matches)(void *context, struct slice address), void *context, int64_t now,
	       struct arena *arena, struct openpgp_choice *choice_out) MUST_CHECK;

/* An own key for signing: in a home of its own, with an agent that ends with this process. */
struct openpgp_signer;

/* Take in an own secret key (armoured or binary, one key); `passphrase` is empty where it is not
 * protected.  STATUS_INVALID: it is no secret key, or it may not sign; STATUS_DENIED: the
 * passphrase is wrong; STATUS_UNAVAILABLE, logged.  Close with openpgp_signer_close, after the
 * last message is signed. */
enum status
openpgp_signer_open(const char *runtime_folder, struct slice secret_key, struct slice passphrase,
		    struct openpgp_signer **signer_out) MUST_CHECK;
void openpgp_signer_close(struct openpgp_signer *signer);
const char *openpgp_signer_fingerprint(const struct openpgp_signer *signer);
/* Its public half, armoured, in the arena.  STATUS_TOO_LARGE over OPENPGP_MATERIAL_MAX. */
enum status openpgp_signer_public(struct openpgp_signer *signer, struct arena *arena,
				  struct slice *public_out) MUST_CHECK;

/* Encrypt `plain` to the one key in `key` (what openpgp_choose gave as minimal), signed where
 * `signer` is not NULL, as armoured text with CRLF line ends into `sink`.  Constant memory; a sink
 * that fails ends it.  The result is integrity protected (SEIPD with MDC), AES, not compressed.
 * STATUS_GONE: the key can not be used (any more); STATUS_UNAVAILABLE, logged; else what the
 * source or the sink gave.  Unless STATUS_OK, what the sink has got is worth nothing. */
enum status
openpgp_encrypt(struct openpgp *openpgp, struct slice key, struct openpgp_signer *signer,
		const struct source *plain, const struct sink *sink) MUST_CHECK;

#endif
