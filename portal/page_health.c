/*
 * For machines: /healthz, whether this process answers at all, and /readyz, whether it
 * can do its work.
 */
#include "portal/page.h"

void
page_health_alive(struct request *request, struct answer *answer)
{
	(void)request;
	answer_plain(answer, 200, "ok\n");
}

void
page_health_ready(struct request *request, struct answer *answer)
{
	struct store_pool *stores = request->site->messenger.stores;
	struct store *store = store_pool_get(stores);
	enum status status = store_ping(store);

	store_pool_put(stores, store);
	if (status == STATUS_OK)
		answer_plain(answer, 200, "ok\n");
	else
		answer_plain(answer, 503, "database away\n");
}
