#include "messenger/account.h"
#include "store/passkey.h"
#include "store/place.h"
#include "store/reset.h"

enum status
account_forget(const struct messenger *messenger, struct store *store, const char *owner,
	       struct slice index)
{
	enum status status;

	if (policy_is_own(messenger->policy, slice_from_text(owner)))
		return STATUS_OK;
	status = account_factor_drop(store, index);
	if (status == STATUS_OK)
		status = passkey_drop(store, index);
	if (status == STATUS_OK)
		status = recovery_code_set(store, index, NULL, 0, 0);
	if (status == STATUS_OK)
		status = reset_forget(store, index);
	if (status == STATUS_OK)
		status = account_event_forget(store, index);
	return status == STATUS_OK ? place_forget(store, index) : status;
}
