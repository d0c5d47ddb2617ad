#include "messenger/account_forget.h"

#include "store/account.h"
#include "store/passkey.h"
#include "store/place.h"
#include "store/reset.h"

enum status
account_forget(struct store *store, struct slice owner_index)
{
	enum status status = account_factor_drop(store, owner_index);

	if (status == STATUS_OK)
		status = passkey_drop(store, owner_index);
	if (status == STATUS_OK)
		status = recovery_code_set(store, owner_index, NULL, 0, 0);
	if (status == STATUS_OK)
		status = reset_drop(store, owner_index);
	if (status == STATUS_OK)
		status = account_event_drop(store, owner_index);
	return status == STATUS_OK ? place_drop(store, owner_index) : status;
}
