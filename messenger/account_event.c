#include "messenger/account_event.h"

#include "store/outbox.h"

enum status
account_tell(const struct messenger *messenger, struct store *store, const char *owner,
	     const struct account_telling *telling, int64_t now, struct arena *arena)
{
	struct account_event_row row = {
	    .id = id_new(),
	    .what = telling->what,
	    .owner_index = messenger_address_index(messenger, owner, arena),
	    .until = telling->until,
	    .created_at = now,
	};
	enum status status;

	row.address =
	    messenger_display_seal(messenger, ACCOUNT_EVENT_ADDRESS, &row.id, owner, arena);
	if (telling->detail != NULL)
		row.detail = messenger_display_seal(messenger, ACCOUNT_EVENT_DETAIL, &row.id,
						    telling->detail, arena);
	status = account_event_insert(store, &row);
	if (status == STATUS_OK)
		status = outbox_insert(store, &(struct outbox_row){.id = id_new(),
								   .kind = OUTBOX_ACCOUNT,
								   .has_code = true,
								   .code_id = row.id,
								   .created_at = now,
								   .next_at = now});
	return status == STATUS_OK ? store_notify(store, "postern_work") : status;
}
