/*
 * The account of somebody who signs in: second factors of their own, codes for when these
 * are lost, and mails about what changes.
 */
#ifndef MESSENGER_ACCOUNT_H
#define MESSENGER_ACCOUNT_H

#include "messenger/messenger.h"
#include "messenger/sessions.h"
#include "store/account.h"

#define ACCOUNT_RECOVERY_CODES ((size_t)10)
#define ACCOUNT_CODE_LENGTH ((size_t)8)
#define ACCOUNT_BEGUN_SECONDS 3600 /* then a factor that was not confirmed is forgotten */

/* What shows that it is they: a code by the clock, a recovery code, or a passkey. */
struct passkey_shown {
	struct slice id; /* empty: none is shown; else all as bytes */
	struct slice client_data;
	struct slice authenticator_data;
	struct slice signature;
};
struct account_proof {
	struct slice code; /* as typed */
	struct passkey_shown passkey;
	struct slice token; /* of the cookie of the browser that shows a passkey */

	/* Filled in on the way. */
	struct slice challenge;
	bool copied; /* it was right but for its counter, so there is a copy of that passkey */
};

/* What somebody has. */
struct account_view {
	bool has_totp;
	size_t passkeys;
	bool has_to; /* a policy forbids to be without a factor */
	int64_t totp_since;
	int64_t totp_used_at; /* 0: never */
	size_t recovery_left;
};
enum status messenger_account_look(const struct messenger *messenger, const char *owner,
				   struct arena *arena, struct account_view *view_out) MUST_CHECK;

/* A new secret for codes by the clock, that counts once a code of it was seen; one that was begun
 * before is forgotten.  Text and URI (crypto/totp.h) are in guarded memory: clear them.
 * Where there is a passkey `proof` shows a factor: status as of account_show_factor, and
 * STATUS_BUSY.  STATUS_CONFLICT: there is one already. */
struct account_offer {
	struct secret text;
	struct secret uri;
};
enum status messenger_account_begin(const struct messenger *messenger, const char *owner,
				    struct account_proof *proof, int64_t now,
				    struct account_offer *offer_out) MUST_CHECK;
/* The one that was begun, once more.  STATUS_NOT_FOUND: there is none. */
enum status messenger_account_offer(const struct messenger *messenger, const char *owner,
				    struct account_offer *offer_out) MUST_CHECK;
void account_offer_clear(struct account_offer *offer);

/* Recovery codes as they are shown once: "abcd-efgh". */
struct account_recovery {
	const char *codes[ACCOUNT_RECOVERY_CODES];
};
/* A code of the one that was begun: it counts from now on, and its owner is told by mail.  Recovery
 * codes come with the first factor; else they are NULL.
 * STATUS_DENIED: another code.  STATUS_INVALID: none at all.  STATUS_NOT_FOUND: nothing was begun
 * (any more).  STATUS_BUSY: too many wrong ones within an hour.  Here and in what follows, all
 * sessions of the owner end but that of `keeper`, which has its new token then. */
enum status
messenger_account_confirm(const struct messenger *messenger, const char *owner,
			  const struct session_keeper *keeper, struct slice code, int64_t now,
			  struct arena *arena, struct account_recovery *recovery_out) MUST_CHECK;

/* Shown again behind a factor: new recovery codes, or no app any more; with the last factor go the
 * recovery codes.  Status as above; STATUS_NOT_FOUND: there is no factor, or no app; STATUS_GONE:
 * the challenge of a passkey is used up, or too old; STATUS_CONFLICT: the policy forbids to be
 * without a factor, and it is the last one. */
enum status messenger_account_renew(const struct messenger *messenger, const char *owner,
				    const struct session_keeper *keeper,
				    struct account_proof *proof, int64_t now, struct arena *arena,
				    struct account_recovery *recovery_out) MUST_CHECK;
enum status messenger_account_remove(const struct messenger *messenger, const char *owner,
				     const struct session_keeper *keeper,
				     struct account_proof *proof, int64_t now) MUST_CHECK;

/* Whether somebody who signs in has to show a factor, inside or outside of a transaction. */
enum status
account_needs_factor(const struct messenger *messenger, struct store *store,
		     struct slice owner_index, struct arena *arena, bool *needs_out) MUST_CHECK;
/* Is this a factor of theirs?  It is used up then.  Inside the open transaction, which is not
 * ended.  STATUS_DENIED; where a passkey was copied, too: account_tell_copied is due behind the end
 * of that transaction. */
enum status
account_show_factor(const struct messenger *messenger, struct store *store, const char *owner,
		    struct account_proof *proof, int64_t now, struct arena *arena) MUST_CHECK;
/* Nothing is known of an owner any more who has closed their mailbox, inside the open transaction;
 * what people at the desk have stays.  Their sessions are over already. */
enum status account_forget(const struct messenger *messenger, struct store *store,
			   const char *owner, struct slice owner_index) MUST_CHECK;
/* The deeds to an account wait for the end of the open transaction. */
enum status account_hold(const struct messenger *messenger, struct store *store,
			 struct slice owner_index, int64_t now) MUST_CHECK;
/* A mail about that, in a transaction of its own. */
enum status account_tell_copied(const struct messenger *messenger, struct store *store,
				const char *owner, int64_t now, struct arena *arena) MUST_CHECK;

#endif
