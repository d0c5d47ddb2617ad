/* What messenger/account*.c and messenger/passkey.c share: deeds done to one account. */
#ifndef MESSENGER_ACCOUNT_PART_H
#define MESSENGER_ACCOUNT_PART_H

#include "messenger/account.h"
#include "messenger/sessions.h"

/* What is being done to one account. */
struct account_doing {
	const struct messenger *messenger;
	struct store *store;
	const char *owner;
	struct slice index;
	int64_t now;
	struct arena *arena;
	const struct session_keeper
	    *keeper; /* whose session does it; NULL where it changes nothing */
};

/* What its owner has, that counts. */
struct account_has {
	bool totp;
	size_t passkeys;
};
enum status
account_count(const struct account_doing *doing, struct account_has *has_out) MUST_CHECK;

#define ACCOUNT_SECRET_COLUMN "account_factor.secret"

/* The app of its owner, confirmed or begun; STATUS_NOT_FOUND. */
enum status account_find_totp(const struct account_doing *doing, bool confirmed,
			      struct account_factor_row *row_out) MUST_CHECK;
enum status
account_open_secret(const struct account_doing *doing, const struct account_factor_row *row,
		    struct secret *secret_out) MUST_CHECK;
/* A code by the clock of that row, used up by this.  STATUS_DENIED. */
enum status account_use_totp(const struct account_doing *doing,
			     const struct account_factor_row *row, struct slice code) MUST_CHECK;

/* A mail about it, to its owner. */
enum status account_inform(const struct account_doing *doing, enum account_event what) MUST_CHECK;
/* The same when what signing in takes is another from now on: all sessions but the keeper's end,
 * which goes on under its new token. */
enum status account_changed(const struct account_doing *doing, enum account_event what) MUST_CHECK;
/* Does a policy forbid that address to be without a factor?  Whoever is of the organisation may
 * sign in at the desk, whoever has a mailbox to that. */
enum status account_has_to(const struct account_doing *doing, bool *has_to_out) MUST_CHECK;
/* STATUS_CONFLICT: they have one factor at most, and a policy forbids to be without. */
enum status account_may_lose_one(const struct account_doing *doing) MUST_CHECK;

/* New recovery codes instead of those that there were. */
enum status account_draw_recovery(const struct account_doing *doing,
				  struct account_recovery *recovery_out) MUST_CHECK;

/* Status as account_show_factor; STATUS_NOT_FOUND: there is no factor to show. */
enum status account_show(const struct account_doing *doing, struct account_proof *proof) MUST_CHECK;

/* Do something in a transaction of its own.  What `proof`, which may be NULL, has of a passkey is
 * good for this try.  A try is counted before it is looked at, and given back unless the proof was
 * wrong; too many are refused: STATUS_BUSY. */
typedef enum status account_deed(const struct account_doing *doing, void *context);
enum status account_do(const struct messenger *messenger, const char *owner,
		       const struct session_keeper *keeper, account_deed *deed, void *context,
		       struct account_proof *proof, const char *event, int64_t now,
		       struct arena *arena) MUST_CHECK;

#endif
