/*
 * Passkeys of people who sign in: several for each, with names that their owners give, and what
 * their devices are to sign.  A device signs the challenge of one page of one browser, once.
 *
 * A passkey counts beside codes by an app (messenger/account.h): either is shown.
 */
#ifndef MESSENGER_PASSKEY_H
#define MESSENGER_PASSKEY_H

#include "crypto/webauthn.h"
#include "messenger/account.h"

#define PASSKEY_MOST ((size_t)10)
#define PASSKEY_NAME_MOST ((size_t)60) /* characters */
#define PASSKEY_CHALLENGE_SECONDS 300
#define PASSKEY_CHALLENGE_FRESH                                                                    \
	120 /* a page that is looked at again has that long left at least                          \
	     */

/* Whom browsers make them for.  False: for nobody, as the portal has no host name but a number.
 */
bool passkey_party(const struct messenger *messenger, struct arena *arena,
		   struct webauthn_party *party_out) MUST_CHECK;

/* What a challenge is for: what was signed for one use is good for none of the others. */
enum passkey_use {
	PASSKEY_SIGN_IN = 1, /* shown to sign in; the token is that of the mailed code */
	PASSKEY_PROVE,	     /* shown to change an account; that of the session, as the next */
	PASSKEY_MAKE,	     /* a new one */
};
/* 32 bytes as base64url: those that the browser with this token was given a moment ago, or new
 * ones. */
enum status messenger_passkey_challenge(const struct messenger *messenger, enum passkey_use use,
					struct slice token, int64_t now, struct arena *arena,
					const char **challenge_out) MUST_CHECK;
/* That of `proof` is fetched, and gone; nothing is done where it shows no passkey.  Outside of the
 * transaction of the try, so that it is gone whatever becomes of that.  STATUS_GONE: there is none
 * (any more). */
enum status
passkey_take_challenge(struct store *store, enum passkey_use use, struct account_proof *proof,
		       int64_t now, struct arena *arena) MUST_CHECK;

/* What somebody has, oldest first; names in clear, ids as base64url. */
struct passkey_view {
	struct id id;
	const char *name;
	const char *credential;
	int64_t created_at;
	int64_t used_at; /* 0: never */
};
enum status messenger_passkey_list(const struct messenger *messenger, struct slice owner_index,
				   struct arena *arena, struct passkey_view **views_out,
				   size_t *count_out) MUST_CHECK;

/* What devices know their owner by, base64url: it says nothing of the address. */
const char *
passkey_user(const struct messenger *messenger, struct slice owner_index, struct arena *arena);

/* A new one, as the browser hands it over. */
struct passkey_made {
	struct slice name;
	struct slice client_data;
	struct slice attestation;
	struct slice token;
};
/* It counts from now on, and its owner is told by mail.  Where there is a factor already, `proof`
 * shows one; recovery_out->codes are NULL then, else new.  Status of the proof as of
 * account_show_factor, and STATUS_BUSY: too many wrong ones within an hour.  STATUS_INVALID: no
 * name, or nothing that could be taken.  STATUS_GONE: its challenge is used up, or too old.
 * STATUS_CONFLICT: it is there already.  STATUS_FULL: there are PASSKEY_MOST.  Here and in what
 * follows, all sessions of the owner end but that of `keeper`, as of messenger_account_confirm. */
enum status
messenger_passkey_add(const struct messenger *messenger, const char *owner,
		      const struct session_keeper *keeper, const struct passkey_made *made,
		      struct account_proof *proof, int64_t now, struct arena *arena,
		      struct account_recovery *recovery_out) MUST_CHECK;
/* It is no more; with the last factor go the recovery codes.  Status as above; STATUS_NOT_FOUND:
 * there is none of that id; STATUS_CONFLICT: it is the last factor, and the policy demands one. */
enum status messenger_passkey_remove(const struct messenger *messenger, const char *owner,
				     const struct session_keeper *keeper, const struct id *id,
				     struct account_proof *proof, int64_t now) MUST_CHECK;

/* Is this one of theirs?  Inside the open transaction.  STATUS_DENIED; proof->copied tells when it
 * was right but for its counter. */
struct account_doing;
enum status passkey_show(const struct account_doing *doing, struct account_proof *proof) MUST_CHECK;

#endif
