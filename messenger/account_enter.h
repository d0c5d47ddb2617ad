/*
 * A second factor that is shown to sign in, wherever that is.
 */
#ifndef MESSENGER_ACCOUNT_ENTER_H
#define MESSENGER_ACCOUNT_ENTER_H

#include "messenger/account.h"

/* Lets its owner in, inside the transaction in which the factor is used up. */
typedef enum status account_admit(struct store *store, void *context);

/* Try it.  Wrong ones are counted for the account, within an hour, however often somebody comes as
 * far as this: who reads somebody's mail, or knows their passphrase, must not come to their
 * telephone's six digits by patience.  STATUS_DENIED: wrong.  STATUS_GONE: what a passkey was to
 * sign is used up, or too old.  STATUS_BUSY: too many wrong ones.  Else what `admit` gives. */
enum status account_enter(const struct messenger *messenger, struct store *store, const char *owner,
			  struct account_proof *proof, int64_t now, account_admit *admit,
			  void *context, struct arena *arena) MUST_CHECK;

#endif
