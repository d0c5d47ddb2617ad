#include "messenger/fall.h"

#include "base/log.h"
#include "crypto/box.h"
#include "mail/manifest.h"
#include "messenger/content.h"
#include "messenger/finder.h"
#include "messenger/reason.h"
#include "messenger/routing.h"

/* What routing knew of the message. */
static enum status
remember_message(struct routing *routing, const struct dispatch *dispatch)
{
	struct slice bytes;
	enum status status =
	    content_key_by_gateway(routing->messenger, &routing->row, &routing->key);

	if (status == STATUS_OK)
		status =
		    box_open(secret_slice(&routing->key), "manifest", id_slice(&routing->row.id),
			     routing->row.manifest, routing->arena, &bytes);
	if (status == STATUS_OK)
		status = manifest_read(bytes, routing->arena, &routing->letter.manifest);
	routing->envelope.sender = dispatch->sender;
	routing->sender_index = dispatch->deliveries[0].sender_index;
	routing->automatic = (routing->row.transfer & TRANSFER_AUTOMATIC) != 0;
	return status;
}

/* By a connection of its own: what is found stays, whatever becomes of the message. */
static enum status
find_keys(const struct routing *routing, const char *recipient, struct found_keys *found_out)
{
	const struct messenger *messenger = routing->messenger;
	struct store *store;
	enum status status;

	*found_out = (struct found_keys){.said = ""};
	if (messenger->finder == NULL)
		return STATUS_OK;
	store = store_pool_get(messenger->stores);
	status =
	    finder_find(messenger, store, &recipient, 1, routing->now, routing->arena, found_out);
	store_pool_put(messenger->stores, store);
	return status;
}

enum status
fall(const struct messenger *messenger, struct store *store, const struct dispatch *dispatch,
     int64_t now, struct arena *arena, enum delivery_route *route_out)
{
	const struct delivery_row *delivery = &dispatch->deliveries[0];
	struct routing routing = {.messenger = messenger,
				  .store = store,
				  .arena = arena,
				  .now = now,
				  .row = *dispatch->message};
	struct decision decision = {.recipient = dispatch->recipients[0].address,
				    .reason = delivery->reason,
				    .must_ask = reason_is_doubt(delivery->reason)};
	struct found_keys found;
	char id[ID_TEXT_SIZE];
	enum status status = remember_message(&routing, dispatch);

	if (status == STATUS_OK)
		status = find_keys(&routing, decision.recipient, &found);
	if (status == STATUS_OK) {
		decide_fall(messenger->policy, &found, &decision);
		log_warning("not-verified", LOG_TEXT("delivery", id_text(delivery->id, id)),
			    LOG_NUMBER("route", decision.route),
			    LOG_TEXT("why", dispatch->recipients[0].reply));
		status = routing_deliver_fallen(&routing, &decision, delivery);
	}
	*route_out = decision.route;
	secret_clear(&routing.key);
	return status;
}
