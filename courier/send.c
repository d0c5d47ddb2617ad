#include "courier/send.h"

#include "base/clock.h"
#include "base/log.h"
#include "courier/figures.h"
#include "messenger/dispatch.h"

#define BATCH ((size_t)8)

static enum status
send_one(const struct messenger *messenger, struct relay *relay, const struct outbox_row *row,
	 int64_t now, int64_t sure)
{
	struct store *store = store_pool_get(messenger->stores);
	struct arena *arena = arena_new();
	struct dispatch dispatch;
	enum status status =
	    messenger_dispatch_prepare(messenger, store, row, now, arena, &dispatch);

	if (status == STATUS_OK) {
		enum status sent =
		    relay_send(relay, dispatch.letter_id, dispatch.sender, dispatch.recipients,
			       dispatch.recipient_count, &dispatch.letter, arena);

		if (sent == STATUS_OK || sent == STATUS_UNAVAILABLE) {
			status = messenger_dispatch_finish(messenger, store, &dispatch, now, sure,
							   arena);
			if (status == STATUS_OK)
				courier_count_letter(&dispatch, clock_now());
		} else {
			/* The letter could not be read: the row stays and is tried again. */
			log_error("letter-unreadable", LOG_TEXT("letter", dispatch.letter_id),
				  LOG_TEXT("status", status_text(sent)));
			store_rollback(store);
		}
	}
	arena_free(arena);
	store_pool_put(messenger->stores, store);
	return status == STATUS_UNAVAILABLE ? status : STATUS_OK;
}

enum status
send_some(const struct messenger *messenger, struct relay *relay, int64_t now, int64_t sure,
	  bool *worked_out)
{
	struct arena *arena = arena_new();
	struct outbox_row *rows = NULL;
	size_t count = 0;
	enum status status = messenger_dispatch_claim(messenger, now, BATCH, arena, &rows, &count);

	for (size_t i = 0; i < count && status == STATUS_OK; i++)
		status = send_one(messenger, relay, &rows[i], now, sure);
	*worked_out = count > 0;
	arena_free(arena);
	return status;
}
