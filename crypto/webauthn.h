/*
 * Passkeys (Web Authentication Level 2): what a browser hands over when one is made, and when
 * one is shown.  Keys and signatures are libfido2's; what the browser says of itself is
 * checked here.  It keeps nothing: whose a passkey is, and that a challenge is good for once, is
 * its callers' business.
 *
 * Attestation is not asked for: which maker's device it is does not matter, so the only
 * attestation taken is none at all.
 */
#ifndef CRYPTO_WEBAUTHN_H
#define CRYPTO_WEBAUTHN_H

#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"

#define WEBAUTHN_CHALLENGE_SIZE ((size_t)32)
#define WEBAUTHN_ID_MAX ((size_t)1023) /* section 4, "Credential ID" */
#define WEBAUTHN_CLIENT_MAX ((size_t)4096)
#define WEBAUTHN_DATA_MAX ((size_t)4096)
#define WEBAUTHN_ATTESTATION_MAX ((size_t)8192)
#define WEBAUTHN_SIGNATURE_MAX ((size_t)1024)

/* Who asks: the host name alone, and the address of the portal as browsers say it in `origin`. */
struct webauthn_party {
	const char *id;
	const char *origin;
};

/* Numbers of COSE (RFC 9053), in the order in which they are asked for. */
enum webauthn_algorithm {
	WEBAUTHN_ES256 = -7,
	WEBAUTHN_EDDSA = -8,
	WEBAUTHN_RS256 = -257,
};

struct webauthn_credential {
	struct slice id;
	enum webauthn_algorithm algorithm;
	struct slice key; /* public, as libfido2 takes it */
	uint32_t counter; /* 0 and staying there: it does not count */
};

/* A new passkey: clientDataJSON and attestationObject.  It is in the arena.  STATUS_INVALID: these
 * are malformed, too large, or of a kind that was not asked for; STATUS_DENIED: made for another
 * challenge, place or party, or without its owner being verified. */
enum status
webauthn_register(const struct webauthn_party *party, struct slice challenge,
		  struct slice client_data, struct slice attestation, struct arena *arena,
		  struct webauthn_credential *credential_out) MUST_CHECK;

/* A passkey that is shown: clientDataJSON, authenticatorData, signature.  *counter_out is to be
 * kept with it.  Status as above, STATUS_DENIED for a wrong signature, too; STATUS_CONFLICT: all is
 * right, but the counter has not grown, so there is a copy of it. */
enum status webauthn_assert(const struct webauthn_party *party, struct slice challenge,
			    const struct webauthn_credential *credential, struct slice client_data,
			    struct slice authenticator_data, struct slice signature,
			    uint32_t *counter_out) MUST_CHECK;

#endif
