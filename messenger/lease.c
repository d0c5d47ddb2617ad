#include "messenger/lease.h"

#include "base/log.h"

#define BATCH ((size_t)16)
#define LEASE_SECONDS 10

enum status
lease_work(const struct messenger *messenger, enum delivery_work kind, lease_job *job,
	   const char *event, int64_t now, bool *worked_out)
{
	struct store *store = store_pool_get(messenger->stores);
	struct arena *arena = arena_new();
	struct id *ids = NULL;
	size_t count = 0;
	enum status status =
	    delivery_claim(store, kind, now, now + LEASE_SECONDS, BATCH, arena, &ids, &count);

	for (size_t i = 0; i < count && status == STATUS_OK; i++) {
		struct arena *own = arena_new();
		char text[ID_TEXT_SIZE];

		status = store_begin_lazy(store);
		if (status == STATUS_OK)
			status = job(messenger, store, &ids[i], now, own);
		status = store_end(store, status);
		arena_free(own);
		if (status != STATUS_CONFLICT && status != STATUS_BUSY)
			log_info(event, LOG_TEXT("delivery", id_text(ids[i], text)),
				 LOG_TEXT("status", status_text(status)));
		/* One that fails keeps its lease and is tried again; the others go on. */
		if (status != STATUS_UNAVAILABLE)
			status = STATUS_OK;
	}
	*worked_out = count > 0;
	arena_free(arena);
	store_pool_put(messenger->stores, store);
	return status;
}
