/*
 * Pieces of the reader of certificates.  Inside of crypto/certificate only.
 */
#ifndef CRYPTO_CERTIFICATE_PART_H
#define CRYPTO_CERTIFICATE_PART_H

#include <openssl/x509.h>

#include "crypto/certificate.h"

/* The addresses, odd_names, subject and issuer. */
void certificate_read_names(X509 *x509, struct arena *arena, struct certificate *certificate);

/* The URLs of CRLs, OCSP and issuers. */
void certificate_read_urls(X509 *x509, struct arena *arena, struct certificate *certificate);

#endif
