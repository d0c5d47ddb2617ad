#include "messenger/change.h"

#include "base/log.h"
#include "crypto/box.h"
#include "messenger/author.h"
#include "store/session.h"

/* T, out of the wrap that the sender's link alone opens, and back to the courier for the new lock.
 */
static enum status
rewrap(const struct messenger *messenger, const struct door *door, struct arena *arena,
       struct slice *gateway_wrap_out)
{
	const struct delivery_row *delivery = &door->delivery;
	struct secret temporary;
	enum status status;

	if (door->link.size == 0 || delivery->rescue_wrap.size == 0)
		return STATUS_GONE;
	status = box_open_secret(secret_slice(&door->link), "rescue", id_slice(&delivery->id),
				 delivery->rescue_wrap, &temporary);
	if (status != STATUS_OK)
		return status;
	status = pair_seal(messenger->keys->gateway_public, PAIR_TEMPORARY_PRIVATE, &delivery->id,
			   secret_slice(&temporary), arena, gateway_wrap_out);
	secret_clear(&temporary);
	return status;
}

static enum status
write_rows(const struct messenger *messenger, const struct delivery_row *delivery,
	   const struct lock_row *lock, struct slice gateway_wrap)
{
	struct store *store = store_pool_get(messenger->stores);
	enum status status = store_begin(store);

	if (status == STATUS_OK)
		status = lock_insert(store, lock);
	if (status == STATUS_OK)
		status = delivery_set_rescued(store, &delivery->id, &lock->id, gateway_wrap);
	/* Whoever reads just now reads on with the new passphrase. */
	if (status == STATUS_OK)
		status = session_delete_of(store, &delivery->id);
	if (status == STATUS_OK && delivery->has_lock)
		status = lock_drop_unused(store, &delivery->lock_id);
	if (status == STATUS_OK)
		status = store_notify(store, "postern_work");
	status = store_end(store, status);
	store_pool_put(messenger->stores, store);
	return status;
}

static enum status
rescue(const struct messenger *messenger, const struct door *door,
       const struct passphrase_form *form, const char *owner, int64_t now, struct arena *arena,
       unsigned *faults_out, struct strength *strength_out)
{
	const struct delivery_row *delivery = &door->delivery;
	struct passphrase_form secret = *form;
	struct slice gateway_wrap;
	struct lock_row lock;
	enum status status;

	if ((delivery->state != DELIVERY_READY && delivery->state != DELIVERY_OPENED) ||
	    delivery->expires_at <= now || delivery_pdf_waits(delivery))
		return STATUS_CONFLICT;
	status = rewrap(messenger, door, arena, &gateway_wrap);
	if (status != STATUS_OK)
		return status;
	secret.sender = owner;
	secret.recipient = messenger_display_open(messenger, "delivery.recipient", &delivery->id,
						  delivery->recipient, arena);
	*faults_out = passphrase_check(messenger, &secret, strength_out);
	if (*faults_out != 0)
		return STATUS_INVALID;
	status = passphrase_make_lock(messenger, &secret, now, arena, &lock);
	return status == STATUS_OK ? write_rows(messenger, delivery, &lock, gateway_wrap) : status;
}

enum status
messenger_rescue(const struct messenger *messenger, const struct claimant *claimant,
		 const struct passphrase_form *form, int64_t now, unsigned *faults_out,
		 struct strength *strength_out)
{
	struct arena *arena = arena_new();
	struct store *store = store_pool_get(messenger->stores);
	struct message_row message;
	struct door door = {.link = {NULL, 0}};
	char id[ID_TEXT_SIZE];
	enum status status = claimant_open(store, claimant, arena, &door);

	*faults_out = 0;
	*strength_out = (struct strength){0};
	if (status == STATUS_OK)
		status = message_read(store, &door.delivery.message_id, false, arena, &message);
	store_pool_put(messenger->stores, store);
	if (status == STATUS_OK)
		status =
		    rescue(messenger, &door, form, author_open(messenger, &message, arena).address,
			   now, arena, faults_out, strength_out);
	log_info("rescued", LOG_TEXT("delivery", id_text(door.delivery.id, id)),
		 LOG_TEXT("status", status_text(status)));
	door_clear(&door);
	arena_free(arena);
	return status;
}
