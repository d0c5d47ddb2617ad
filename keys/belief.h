/*
 * Whether a key is used for an address: whose it is, whether it can be encrypted to,
 * and who vouches for it.  Certificates need a chain to a root that the administrator
 * chose, unless the owner's domain itself published them in signed DNS; OpenPGP keys
 * need a source that is taken for it.  What is not believed comes with one word that
 * tells why.
 *
 * Fetches nothing and remembers nothing.
 */
#ifndef KEYS_BELIEF_H
#define KEYS_BELIEF_H

#include "crypto/openpgp.h"
#include "crypto/trust.h"
#include "keys/candidate.h"
#include "keys/same_address.h"

/* Reasons that are looked for elsewhere; crypto/trust.h and crypto/openpgp.h have others. */
#define BELIEF_WRONG_ADDRESS "wrong-address"
#define BELIEF_NOT_PINNED "not-pinned"
#define BELIEF_NOT_VOUCHED "not-vouched"

struct belief_rules {
	enum local_rule local;
	enum trust_revocation revocation;
};

/* CRLs and OCSP answers for a chain, DER. */
struct belief_revocation {
	struct slice *crls;
	size_t crl_count;
	struct slice *ocsp;
	size_t ocsp_count;
};

struct belief {
	const struct trust_store *roots;
	const struct slice *steps; /* certificates of authorities on the way to a root, DER */
	size_t step_count;
	struct openpgp *openpgp; /* NULL: OpenPGP keys are not used */
	struct belief_rules rules;
	/* What is at hand for the chain (the certificate first); NULL: nothing. */
	void *context;
	void (*revocation)(void *context, const struct slice *chain, size_t count,
			   struct arena *arena, struct belief_revocation *revocation_out);
};

struct belief_question {
	enum candidate_kind kind;
	struct slice bytes;	    /* one certificate, or OpenPGP keys */
	const struct slice *others; /* certificates that came along */
	size_t other_count;
	struct slice address;
	/* The domain itself or the administrator says that this is the key: nobody else has to. */
	bool vouched;
	/* What the address's domain says of its certificates in signed DNS. */
	const struct dane_record *pins;
	size_t pin_count;
	int64_t at;
};

struct belief_answer {
	const char *reason;	   /* "": it is used; otherwise a word, dashes in it */
	const char *detail;	   /* for people who look into it; "" for nothing more */
	const char *fingerprint;   /* hexadecimal; "" when it could not be read at all */
	const char *owner;	   /* subject or user id: one clean line; "" unknown */
	const char *issuer;	   /* of a certificate; "" of others */
	const char *algorithm;	   /* "RSA 2048", "cv25519" */
	int64_t expires_at;	   /* its own end; 0: never, or unknown */
	int64_t until;		   /* believed for so long; then it is asked anew */
	struct slice material;	   /* to be kept, and encrypted to */
	const struct slice *chain; /* of a certificate, without itself: to be kept too */
	size_t chain_count;
	struct capabilities capabilities;
};

/* Whether a reason says that somebody's word is missing, or speaks against the key, so that the
 * administrator's may stand for it; else something is wrong with the key itself. */
bool belief_lacks_a_word(enum candidate_kind kind, const char *reason);

/* STATUS_UNAVAILABLE: nothing could be found out (gpg does not work).  Otherwise STATUS_OK with an
 * answer, which may well be a refusal. */
enum status belief_ask(const struct belief *belief, const struct belief_question *question,
		       struct arena *arena, struct belief_answer *answer_out) MUST_CHECK;

#endif
