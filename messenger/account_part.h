/* What messenger/account.c and messenger/passkey.c share: deeds done to one account. */
#ifndef MESSENGER_ACCOUNT_PART_H
#define MESSENGER_ACCOUNT_PART_H

#include "messenger/account.h"

/* What is being done to one account. */
struct account_doing {
	const struct messenger *messenger;
	struct store *store;
	const char *owner;
	struct slice index;
	int64_t now;
	struct arena *arena;
};

/* What its owner has, that counts. */
struct account_has {
	bool totp;
	size_t passkeys;
};
enum status
account_count(const struct account_doing *doing, struct account_has *has_out) MUST_CHECK;

/* A mail about it, to its owner. */
enum status account_tell(const struct account_doing *doing, enum account_event what) MUST_CHECK;

/* New recovery codes instead of those that there were. */
enum status account_draw_recovery(const struct account_doing *doing,
				  struct account_recovery *recovery_out) MUST_CHECK;

/* Status as account_show_factor; STATUS_NOT_FOUND: there is no factor to show. */
enum status account_show(const struct account_doing *doing, struct account_proof *proof) MUST_CHECK;

/* Do something in a transaction of its own.  What `proof`, which may be NULL, has of a passkey is
 * good for this try; a wrong proof is counted in another transaction, and too many are refused:
 * STATUS_BUSY. */
typedef enum status account_deed(const struct account_doing *doing, void *context);
enum status account_do(const struct messenger *messenger, const char *owner, account_deed *deed,
		       void *context, struct account_proof *proof, const char *event, int64_t now,
		       struct arena *arena) MUST_CHECK;

#endif
