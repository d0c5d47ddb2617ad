/*
 * Pieces of the readers of certificates and of files with keys.  Inside of crypto/certificate only.
 */
#ifndef CRYPTO_CERTIFICATE_PART_H
#define CRYPTO_CERTIFICATE_PART_H

#include <openssl/x509.h>

#include "crypto/certificate.h"

/* The addresses, odd_names, subject and issuer. */
void certificate_read_names(X509 *x509, struct arena *arena, struct certificate *certificate);

/* The URLs of CRLs, OCSP and issuers. */
void certificate_read_urls(X509 *x509, struct arena *arena, struct certificate *certificate);

/* What was computed of a file so far: how often its passphrase was hashed, and bytes of scrypt. */
struct certificate_work {
	uint64_t rounds;
	uint64_t memory;
};

/* Whether it may be computed in addition, with what was computed before; it counts as computed
 * then.  False also of what can not be read. */
bool certificate_afford(struct certificate_work *work, const X509_ALGOR *algorithm);
bool certificate_afford_sealed(struct certificate_work *work, const X509_SIG *sealed);
bool certificate_afford_rounds(struct certificate_work *work, const ASN1_INTEGER *rounds);

#endif
