/*
 * One X.509 certificate as facts: whose it says it is, what its key is and may be
 * used for, where its issuer tells of it.  Nothing is believed here (crypto/trust.h
 * does that), no address is compared (keys/ does that).
 *
 * Certificates come from directories, web servers and letters of strangers: every
 * size is bounded, and texts for people are made harmless.
 */
#ifndef CRYPTO_CERTIFICATE_H
#define CRYPTO_CERTIFICATE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/secret.h"
#include "base/status.h"
#include "crypto/capabilities.h"

#define CERTIFICATE_SIZE_MAX ((size_t)65536)
#define CERTIFICATE_FILE_MAX ((size_t)1048576)
#define CERTIFICATE_COUNT_MAX ((size_t)64)	   /* of a file */
#define CERTIFICATE_ADDRESSES_MAX ((size_t)256)	   /* in one certificate */
#define CERTIFICATE_ADDRESS_SIZE_MAX ((size_t)320) /* 64 + 1 + 255 */
#define CERTIFICATE_URLS_MAX ((size_t)8)	   /* of each kind */
#define CERTIFICATE_URL_SIZE_MAX ((size_t)1024)
#define CERTIFICATE_FINGERPRINT_SIZE 32

enum certificate_key {
	CERTIFICATE_KEY_OTHER, /* DSA, DH, what is not known */
	CERTIFICATE_KEY_RSA,
	CERTIFICATE_KEY_RSA_PSS,  /* signs only (RFC 4055) */
	CERTIFICATE_KEY_EC,	  /* on a curve with a name */
	CERTIFICATE_KEY_EXCHANGE, /* X25519, X448 */
	CERTIFICATE_KEY_EDWARDS,  /* Ed25519, Ed448 */
};

/* Key usage (RFC 5280 section 4.2.1.3); all are set where the extension is missing. */
struct certificate_usage {
	bool said;
	bool sign; /* digitalSignature or nonRepudiation */
	bool key_encipherment;
	bool key_agreement;
};

struct certificate {
	struct slice der;
	unsigned char fingerprint[CERTIFICATE_FINGERPRINT_SIZE]; /* SHA-256 of der */
	const char *serial;					 /* hex, lower case */

	/* Mail addresses as they stand there, UTF-8: rfc822Name and SmtpUTF8Mailbox (RFC 9598) of
	 * the alternative names; where there is neither, emailAddress of the subject. */
	const char *const *addresses;
	size_t address_count;
	/* Some name holds NUL, controls, blanks, angle brackets or broken UTF-8, is longer than
	 * any address, or beyond the number that is read: it is not among `addresses`, and readers
	 * of less care would see another name in it. */
	bool odd_names;

	const char *subject; /* for people: one line, clean UTF-8 */
	const char *issuer;
	int64_t not_before; /* seconds since 1970 */
	int64_t not_after;

	enum certificate_key key;
	const char *key_name; /* "RSA", "P-256", "X25519", … */
	unsigned key_bits;
	bool key_broken; /* an RSA exponent that hides nothing, parameters of its own */

	struct certificate_usage usage;
	bool purposes_said; /* there is an extended key usage */
	bool for_mail;	    /* it holds emailProtection or any; true without one */
	bool is_authority;
	bool self_issued;
	bool broken; /* extensions that contradict each other or cannot be read */

	/* URLs as they stand there, ASCII; whoever fetches them checks them. */
	const char *const *crls;
	size_t crl_count;
	const char *const *ocsp;
	size_t ocsp_count;
	const char *const *issuers; /* where the issuer's own certificate lies */
	size_t issuer_count;

	struct capabilities capabilities; /* RFC 4262 */
};

/* Read one certificate in DER.  STATUS_INVALID when it is none, or not in DER, or followed by
 * something; STATUS_TOO_LARGE beyond CERTIFICATE_SIZE_MAX.  All is in the arena. */
enum status certificate_parse(struct slice der, struct arena *arena,
			      struct certificate *certificate_out) MUST_CHECK;

/* The certificates of a file as DER, in its order: one in DER, any number in PEM, a PKCS#7 or CMS
 * SignedData in either form.  STATUS_NOT_FOUND when there is none, STATUS_TOO_LARGE beyond
 * CERTIFICATE_FILE_MAX or CERTIFICATE_COUNT_MAX. */
enum status certificate_find_all(struct slice file, struct arena *arena, struct slice **ders_out,
				 size_t *count_out) MUST_CHECK;

/* Write one in DER as PEM (RFC 7468); false when that fails. */
bool certificate_print(struct slice der, FILE *out);

/* A key with its certificate. */
struct certificate_pair {
	struct slice certificate; /* DER */
	struct slice *others;	  /* what else was with it, DER */
	size_t other_count;
	struct secret key; /* PKCS#8, DER */
};

/* Open a PKCS#12 file.  STATUS_DENIED: not this passphrase.  STATUS_NOT_FOUND: no key with a
 * certificate that fits it.  STATUS_INVALID: no such file, or one without a MAC, or encrypted as
 * it was done before 2010 (RC2), which is to be converted, or one that asks for more work,
 * all its parts together, than any program does.  Clear with certificate_pair_clear. */
enum status
certificate_open_pkcs12(struct slice file, const struct secret *passphrase, struct arena *arena,
			struct certificate_pair *pair_out) MUST_CHECK;

/* The same for a text with a private key in PEM, the first that is in it, and certificates; without
 * one it is STATUS_INVALID.  An empty passphrase is for keys without one. */
enum status certificate_open_pem(struct slice file, const struct secret *passphrase,
				 struct arena *arena, struct certificate_pair *pair_out) MUST_CHECK;

void certificate_pair_clear(struct certificate_pair *pair);

#endif
