/*
 * Whether a certificate is believed: a chain to a root that the operator chose,
 * valid at a given moment, strong enough, made for the use it is wanted for, and
 * not revoked as far as CRLs and OCSP answers tell that were handed in.
 *
 * Bytes only: fetches nothing, compares no address (keys/ does), remembers nothing.
 * The purpose is our own rule, since OpenSSL's refuses certificates for key
 * agreement only: emailProtection or no extended key usage, in the certificate and
 * those between it and the root (what the root may be used for its store says, which
 * the operator chose); keyEncipherment for RSA, keyAgreement for elliptic curves.
 */
#ifndef CRYPTO_TRUST_H
#define CRYPTO_TRUST_H

#include "crypto/certificate.h"

#define TRUST_CHAIN_MAX 8
#define TRUST_CRL_SIZE_MAX ((size_t)33554432)
#define TRUST_OCSP_SIZE_MAX ((size_t)65536)

enum trust_reason {
	TRUST_BELIEVED,
	TRUST_UNTRUSTED,	  /* no chain to a root */
	TRUST_EXPIRED,		  /* it or an issuer */
	TRUST_NOT_YET_VALID,	  /* the same */
	TRUST_REVOKED,		  /* the same */
	TRUST_REVOCATION_UNKNOWN, /* "hard" only */
	TRUST_WEAK_KEY,		  /* RSA below 2048 bits and the like, in the chain too */
	TRUST_WEAK_SIGNATURE,	  /* MD5, SHA-1, below the root */
	TRUST_NOT_FOR_MAIL,	  /* extended key usage */
	TRUST_NOT_FOR_ENCRYPTION, /* key usage or kind of key */
	TRUST_NOT_FOR_SIGNING,
	TRUST_AUTHORITY,    /* the certificate of a CA */
	TRUST_FORBIDDEN,    /* its issuer may not issue it: name constraints, path length */
	TRUST_UNKNOWN_DUTY, /* a critical extension that is not understood */
	TRUST_MALFORMED,    /* broken, or against RFC 5280 */
	TRUST_ODD_NAMES,    /* names that readers may take for others */
};

/* One word, dashes in it: "believed", "untrusted", "weak-key", … */
const char *trust_reason_text(enum trust_reason reason);

/* IGNORED: nothing handed in counts.  SOFT: what there is counts.  HARD: for each certificate below
 * the root a fresh CRL or OCSP answer must say that it is not revoked. */
enum trust_revocation { TRUST_REVOCATION_IGNORED, TRUST_REVOCATION_SOFT, TRUST_REVOCATION_HARD };

enum trust_use { TRUST_TO_ENCRYPT, TRUST_TO_SIGN };

struct trust_store;

/* A store of what is believed without proof: roots, or any other certificate that the operator
 * puts there.  Lives in the arena.  What cannot be read is left out and counted. */
struct trust_store *
trust_store_new(const struct slice *roots, size_t count, struct arena *arena, size_t *refused_out);

struct trust_question {
	struct slice certificate;   /* DER */
	const struct slice *others; /* DER; issuers perhaps, never believed by themselves */
	size_t other_count;
	const struct slice *crls; /* DER */
	size_t crl_count;
	const struct slice *ocsp; /* DER of whole answers, for it or its issuers */
	size_t ocsp_count;
	int64_t at;
	enum trust_use use;
	enum trust_revocation revocation;
};

struct trust_answer {
	enum trust_reason reason;
	const char *detail; /* for a log or an operator: what OpenSSL says, or ""; clean */
	int64_t until;	    /* when it has to be asked anew: the first end of what was believed */
	/* The certificate, its issuer and so on, to the root; as far as there is a chain.  For
	 * who fetches CRLs and OCSP answers and asks again. */
	struct slice *chain;
	size_t chain_count;
};

/* STATUS_INVALID when the certificate is none; STATUS_OK with an answer otherwise, which may well
 * be a refusal. */
enum status trust_ask(const struct trust_store *store, const struct trust_question *question,
		      struct arena *arena, struct trust_answer *answer_out) MUST_CHECK;

/* The DER of an OCSP request (RFC 6960, as RFC 5019 wants it) for a certificate of that issuer.
 * Without a nonce: public responders do not answer it, and answers are kept as long as they count.
 */
enum status trust_ocsp_request(struct slice certificate, struct slice issuer, struct arena *arena,
			       struct slice *request_out) MUST_CHECK;

enum trust_ocsp { TRUST_OCSP_GOOD, TRUST_OCSP_REVOKED, TRUST_OCSP_UNKNOWN };

/* Check an answer: signed by the issuer or by whom the issuer entrusted with it, about that
 * certificate, and fresh at `at`.  *until_out: how long it counts.  STATUS_INVALID: no answer;
 * STATUS_DAMAGED: not signed so; STATUS_GONE: not fresh; STATUS_NOT_FOUND: not about it. */
enum status trust_ocsp_check(struct slice answer, struct slice certificate, struct slice issuer,
			     int64_t at, enum trust_ocsp *state_out, int64_t *until_out) MUST_CHECK;

/* Whether a CRL can be read, is signed by that issuer, and how long it counts; for caches. */
enum status
trust_crl_check(struct slice crl, struct slice issuer, int64_t at, int64_t *until_out) MUST_CHECK;

#endif
