/*
 * The packets of OpenPGP keys, by bytes: which key begins where, what belongs to it, and
 * who claims to have signed what.  Nothing is verified or computed here, fingerprints apart;
 * that is gpg's part, which in turn is shown nothing that is not bounded and known here: no
 * secret keys, versions it has no word for, pictures, or certifications by third parties.
 */
#ifndef CRYPTO_OPENPGP_PACKET_H
#define CRYPTO_OPENPGP_PACKET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"
#include "base/status.h"
#include "base/text.h"
#include "crypto/sha1.h"

#define OPENPGP_MATERIAL_MAX ((size_t)262144)
#define OPENPGP_BLOCKS_MAX ((size_t)16)	      /* keys in one material */
#define OPENPGP_COMPONENTS_MAX ((size_t)256)  /* user ids and subkeys of one key */
#define OPENPGP_SIGNATURES_MAX ((size_t)2048) /* of one key, by itself */
#define OPENPGP_USER_ID_MAX ((size_t)1024)

enum openpgp_component_kind { OPENPGP_PRIMARY = 1, OPENPGP_USER_ID, OPENPGP_SUBKEY };

struct openpgp_signature {
	struct slice packet; /* header included */
	unsigned int type;   /* RFC 9580 section 5.2.1 */
	int64_t created;     /* as it says, not verified; 0: not told */
	int64_t lifetime;    /* of the signature, in seconds; 0: for ever */
};

/* A primary key, user id or subkey, and what the key itself signed about it. */
struct openpgp_component {
	enum openpgp_component_kind kind;
	unsigned int version; /* of keys */
	struct slice packet;  /* header included */
	struct slice body;
	unsigned char fingerprint[SHA1_SIZE]; /* of keys of version 4, else zeros */
	struct openpgp_signature *signatures;
	size_t signature_count;
};

struct openpgp_revokers;

/* One transferable key (RFC 9580 section 10.1). */
struct openpgp_block {
	struct openpgp_component *components; /* the primary key first */
	size_t count;
	size_t signature_count; /* of all of them */
	bool secret;		/* it is a secret key */
	/* Somebody whom the key names as its revoker has signed a revocation.  gpg cannot verify
	 * that without the revoker's key; to believe it is the safe side. */
	bool revoked_by_other;
	struct openpgp_revokers *revokers; /* crypto/openpgp_signature.h */
};

/* All keys in armoured or binary material, borrowing it or living in the arena.
 * STATUS_TOO_LARGE beyond the bounds above, or where a key of version 4 has numbers with which gpg
 * would compute for long: of more than 16384 bits, an RSA exponent of more than 64, a DSA group
 * order of more than 512; STATUS_NOT_FOUND: no key is in it;
 * STATUS_INVALID: the packets do not fit together. */
enum status openpgp_read_blocks(struct slice material, struct arena *arena,
				struct openpgp_block **blocks_out, size_t *count_out) MUST_CHECK;

/* Append the components for which `wanted` is true (NULL: all), each with its signatures. */
void
openpgp_write_block(const struct openpgp_block *block,
		    bool (*wanted)(const void *context, const struct openpgp_component *component),
		    const void *context, struct text *out);

#endif
