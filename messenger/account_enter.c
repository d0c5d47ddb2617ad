#include "messenger/account_enter.h"

#include "messenger/passkey.h"
#include "messenger/throttle.h"

#define FACTOR_TRIES 10 /* wrong ones of one account within an hour */
#define HOUR 3600

static enum status
show(const struct messenger *messenger, struct store *store, const char *owner,
     struct account_proof *proof, int64_t now, account_admit *admit, void *context,
     struct arena *arena)
{
	enum status status = store_begin(store);

	if (status == STATUS_OK)
		status = account_show_factor(messenger, store, owner, proof, now, arena);
	if (status == STATUS_OK)
		status = admit(store, context);
	return store_end(store, status);
}

enum status
account_enter(const struct messenger *messenger, struct store *store, const char *owner,
	      struct account_proof *proof, int64_t now, account_admit *admit, void *context,
	      struct arena *arena)
{
	struct throttle limit = {"throttle factor at sign-in",
				 messenger_address_index(messenger, owner, arena), FACTOR_TRIES,
				 HOUR};
	int64_t retry_at;
	/* The try is counted before it is looked at. */
	enum status status = throttle_once(messenger, store, &limit, now, &retry_at);

	if (status != STATUS_OK)
		return status;
	status = passkey_take_challenge(store, PASSKEY_SIGN_IN, proof, now, arena);
	if (status == STATUS_OK)
		status = show(messenger, store, owner, proof, now, admit, context, arena);
	if (status != STATUS_DENIED)
		throttle_forgive(messenger, store, &limit, now);
	if (proof->copied && account_tell_copied(messenger, store, owner, now, arena) != STATUS_OK)
		return STATUS_UNAVAILABLE;
	return status;
}
