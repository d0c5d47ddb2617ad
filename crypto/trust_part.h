/*
 * Pieces of believing that work on OpenSSL's own types.  Inside of crypto/trust only.
 */
#ifndef CRYPTO_TRUST_PART_H
#define CRYPTO_TRUST_PART_H

#include <openssl/x509.h>

#include "crypto/trust.h"

/* Clocks of others may differ from ours by that. */
#define TRUST_CLOCK_SLACK 300

/* One certificate, and nothing behind it; NULL when it is none.  X509_free. */
X509 *trust_parse(struct slice der);

/* Seconds since 1970; 0 when it is no time. */
int64_t trust_seconds(const ASN1_TIME *moment);

/* Whether a signature by that algorithm can be forged by somebody with means. */
bool trust_is_weak(const X509_ALGOR *signature);
bool trust_is_weak_digest(int digest_nid);

/* A CRL that can be used: small enough, whole, not signed by MD5 or SHA-1.  NULL otherwise. */
X509_CRL *trust_parse_crl(struct slice der);

/* trust_ocsp_check on what is parsed. */
enum status trust_check_ocsp(struct slice answer, X509 *certificate, X509 *issuer, int64_t at,
			     enum trust_ocsp *state_out, int64_t *until_out) MUST_CHECK;

#endif
