/*
 * SCRAM-SHA-256 (RFC 5802, RFC 7677), the server's side, without channel binding:
 *
 *	salted     = PBKDF2-HMAC-SHA-256(prepared password, salt, iterations)
 *	stored key = SHA-256(HMAC(salted, "Client Key"))
 *	server key = HMAC(salted, "Server Key")
 *
 * A verifier is what a server keeps; as text it has PostgreSQL's notation,
 * "SCRAM-SHA-256$iterations:salt$stored key:server key".  It answers whether a password fits, and
 * runs the exchange in which the password never crosses the line.  Knows neither users nor
 * how messages travel.
 */
#ifndef CRYPTO_SCRAM_H
#define CRYPTO_SCRAM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/secret.h"
#include "base/slice.h"
#include "base/status.h"
#include "base/text.h"

#define SCRAM_KEY_SIZE ((size_t)32)
#define SCRAM_SALT_SIZE ((size_t)16)	  /* of new verifiers */
#define SCRAM_SALT_MAX ((size_t)64)	  /* of any */
#define SCRAM_ITERATIONS 100000		  /* of new verifiers */
#define SCRAM_ITERATIONS_LEAST 4096	  /* RFC 7677 section 4 */
#define SCRAM_ITERATIONS_MOST 10000000	  /* a file must not choose the server's work */
#define SCRAM_PASSWORD_MAX ((size_t)1024) /* bytes of UTF-8 */
#define SCRAM_NAME_MAX ((size_t)255)
#define SCRAM_CLIENT_NONCE_MAX ((size_t)128)
#define SCRAM_NONCE_SIZE ((size_t)18) /* random bytes of ours */

struct scram_verifier {
	uint32_t iterations;
	size_t salt_size;
	unsigned char salt[SCRAM_SALT_MAX];
	unsigned char stored_key[SCRAM_KEY_SIZE];
	unsigned char server_key[SCRAM_KEY_SIZE];
};

/* SASLprep (RFC 4013) of a name or password of at most SCRAM_PASSWORD_MAX bytes.  `stored`: it is
 * to be kept, so characters that Unicode has not assigned yet are refused.  STATUS_INVALID: empty,
 * not UTF-8, or with characters that are prohibited; STATUS_TOO_LARGE. */
enum status scram_prepare(struct slice text, bool stored, struct secret *prepared_out) MUST_CHECK;

/* The verifier of a prepared password.  STATUS_INVALID when salt or iterations are out of
 * bounds. */
enum status scram_verifier_make(struct slice prepared, struct slice salt, uint32_t iterations,
				struct scram_verifier *verifier_out) MUST_CHECK;

bool scram_verifier_read(struct slice text, struct scram_verifier *verifier_out);
void scram_verifier_write(const struct scram_verifier *verifier, struct text *out);

/* Takes one PBKDF2 of time, whatever the answer is. */
bool scram_password_fits(const struct scram_verifier *verifier, struct slice prepared);

/* HMAC-SHA-256. */
void scram_hmac(struct slice key, struct slice bytes, unsigned char mac_out[SCRAM_KEY_SIZE]);

/* The client's first message; slices borrow it. */
struct scram_first {
	struct slice header;	  /* "n,," or "y,a=name," */
	struct slice authorising; /* as which user it wants to act, encoded; empty: as itself */
	struct slice name;	  /* encoded */
	struct slice nonce;
	struct slice bare; /* the message behind the header */
};

/* False when the message is broken, demands channel binding, or an extension that is not known. */
bool scram_read_first(struct slice message, struct scram_first *first_out);

/* Append a name without its encoding ("=2C" and "=3D"); false when that is wrong. */
bool scram_decode_name(struct slice name, struct text *out);

/* One exchange, in the server's hands.  Zero it, then start and finish it once each. */
struct scram {
	struct scram_verifier verifier;
	struct text header;   /* of the client's first message */
	struct text nonce;    /* the client's and ours */
	struct text messages; /* what both sides sign, as far as it goes */
};

/* Append the server's first message. */
void scram_start(struct scram *scram, const struct scram_first *first,
		 const struct scram_verifier *verifier,
		 const unsigned char random[SCRAM_NONCE_SIZE], struct text *message_out);

/* Judge the client's final message; when the proof is right append the server's final one. */
bool scram_finish(struct scram *scram, struct slice message, struct text *message_out);

/* Wipe and release; safe on a zeroed one and to call twice. */
void scram_clear(struct scram *scram);

#endif
