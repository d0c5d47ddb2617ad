/*
 * What an owner of a key said their programs can read: SMIMECapabilities, as a
 * signed attribute (RFC 8551 section 2.5.2) or an extension of a certificate
 * (RFC 4262).  Only what matters to somebody who chooses a cipher is kept.
 */
#ifndef CRYPTO_CAPABILITIES_H
#define CRYPTO_CAPABILITIES_H

#include <stdbool.h>

#include "base/slice.h"
#include "base/status.h"

#define CAPABILITIES_SIZE_MAX ((size_t)4096)
#define CAPABILITIES_COUNT_MAX 64

struct capabilities {
	bool told; /* false: nothing is known, all others are false too */
	bool aes256_cbc;
	bool aes128_cbc;
	bool aes256_gcm; /* AuthEnvelopedData (RFC 5084) */
	bool aes128_gcm;
	bool oaep; /* RSAES-OAEP (RFC 3560) */
};

/* Read the DER of SMIMECapabilities.  STATUS_INVALID for anything else, STATUS_TOO_LARGE beyond
 * the bounds above. */
enum status capabilities_read(struct slice der, struct capabilities *capabilities_out) MUST_CHECK;

/* What Postern says in signatures of its own, as DER: AES with CBC.  The reader is the sender's
 * mail program, of which no more is known; and what is weak is not named at all. */
struct slice capabilities_own(void);

#endif
