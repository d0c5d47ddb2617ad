/*
 * What a signature packet says of itself (RFC 9580 section 5.2), unverified.  For
 * crypto/openpgp_packet.c only.
 */
#ifndef CRYPTO_OPENPGP_SIGNATURE_H
#define CRYPTO_OPENPGP_SIGNATURE_H

#include "crypto/openpgp_packet.h"

#define OPENPGP_KEY_ID_SIZE ((size_t)8)
#define OPENPGP_REVOKERS_MAX ((size_t)8)

/* Whom a key names as its revokers, and who else has signed revocations. */
struct openpgp_revokers {
	unsigned char named[OPENPGP_REVOKERS_MAX][OPENPGP_KEY_ID_SIZE];
	size_t named_count;
	unsigned char signers[OPENPGP_REVOKERS_MAX][OPENPGP_KEY_ID_SIZE];
	size_t signer_count;
};

/* Read the body of a signature packet over something of the key with this fingerprint.  True, and
 * all but `packet` filled in, when it is one of a version that gpg knows, and its maker is the key
 * itself or is not told.  Revokers are collected either way. */
bool
openpgp_signature_read(struct slice body, const unsigned char fingerprint[SHA1_SIZE],
		       struct openpgp_revokers *revokers, struct openpgp_signature *signature_out);

/* True when one of the named is among the signers. */
bool openpgp_revokers_meet(const struct openpgp_revokers *revokers);

#endif
