/*
 * CMS (RFC 5652): a stream of bytes encrypted to one certificate, signed by our
 * own, and what a signature of somebody else tells of its signer.
 *
 * One message for one certificate: that hides who else gets it, and a program that
 * does not know one recipient's algorithms (NSS and elliptic curves) gives up on
 * all of them.  What is made has definite lengths, so its size is known before a
 * byte of it is read, and is the same at each reading: a mail server may ask again.
 *
 * Knows no MIME and believes nobody: who calls has checked the certificate.
 */
#ifndef CRYPTO_CMS_H
#define CRYPTO_CMS_H

#include "base/stream.h"
#include "crypto/certificate.h"

enum cms_cipher {
	CMS_AES_CBC, /* EnvelopedData; what every program reads */
	CMS_AES_GCM, /* AuthEnvelopedData (RFC 5083, 5084) */
};

/* For RSA only: elliptic curves always agree by ephemeral-static ECDH with the KDF of X9.63 by
 * SHA-256 and AES-256 key wrap (RFC 5753). */
enum cms_transport { CMS_PKCS1, CMS_OAEP };

struct cms_choices {
	enum cms_cipher cipher;
	enum cms_transport transport;
};

/* The CMS as a source of DER.  Borrows `plain`, lives in the arena; memory does not grow with the
 * size.  Reading forwards is cheap, going back begins anew; one thread at a time.
 * STATUS_INVALID when nothing can be encrypted to that certificate. */
enum status
cms_encrypt(const struct source *plain, struct slice certificate, const struct cms_choices *choices,
	    struct arena *arena, struct source *der_out) MUST_CHECK;

/* The same bytes in base64, lines of 76 characters ended by CRLF: the body of a MIME part.
 * Borrows `bytes`, and reads it forwards when it is read forwards itself. */
struct source cms_base64(const struct source *bytes, struct arena *arena);

struct cms_signer {
	struct slice certificate;   /* DER */
	const struct slice *others; /* its issuers, sent along */
	size_t other_count;
	const struct secret *key; /* PKCS#8, DER */
};

/* A detached signature over all bytes of `content`, which is read once: SignedData in DER, by
 * SHA-256, with the signing time `at` and our own SMIMECapabilities.
 * STATUS_CONFLICT when the content has a CR or LF alone: programs that mend line ends before they
 * verify would call it forged.  STATUS_INVALID when the key is none, or not that certificate's. */
enum status cms_sign(const struct source *content, const struct cms_signer *signer, int64_t at,
		     struct arena *arena, struct slice *signature_out) MUST_CHECK;

#define CMS_SIGNED_SIZE_MAX ((size_t)8388608) /* with its content inside; detached far less */
#define CMS_SIGNERS_MAX ((size_t)4)

/* One who signed: their signature is right, and that is all that is known. */
struct cms_signed_by {
	struct slice certificate; /* DER */
	struct capabilities capabilities;
	int64_t at;	  /* as the signer says; 0: not said */
	bool weak_digest; /* MD5, SHA-1 */
};

struct cms_signatures {
	struct cms_signed_by *signers;
	size_t signer_count;
	struct slice *certificates; /* all that came along, the signers' among them; DER */
	size_t certificate_count;
};

/* Verify a SignedData.  `content` is what a detached one signs, byte by byte; NULL: it is inside.
 * STATUS_INVALID: no SignedData, or content both inside and outside, or neither; STATUS_NOT_FOUND:
 * nobody signed, or a signer's certificate is not with it; STATUS_DAMAGED: some signature is wrong,
 * or cannot be checked here; STATUS_TOO_LARGE: beyond the bounds. */
enum status cms_verify(struct slice signature, const struct source *content, struct arena *arena,
		       struct cms_signatures *signatures_out) MUST_CHECK;

#endif
