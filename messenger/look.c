#include "messenger/open.h"

#include "base/log.h"
#include "crypto/box.h"
#include "crypto/lock.h"
#include "messenger/author.h"
#include "messenger/door.h"
#include "messenger/phone.h"
#include "messenger/throttle.h"

static enum status
look(const struct messenger *messenger, const struct door *door, const struct link_path *path,
     int64_t now, struct arena *arena, struct recipient_view *view)
{
	const struct delivery_row *delivery = &path->delivery;
	struct author author = author_open(messenger, &path->message, arena);

	*view = (struct recipient_view){
	    .standing = door_standing(door, now),
	    .delivery = delivery->id,
	    .sender_name = author.name,
	    .sender_address = author.address,
	    .answered_by = "",
	    .recipient = messenger_display_open(messenger, "delivery.recipient", &delivery->id,
						delivery->recipient, arena),
	    .clue = "",
	    .in_mailbox = delivery_in_mailbox(delivery),
	    .lost_at = delivery_is_lost(delivery) ? delivery->lost_at : 0,
	    .pdf = delivery->pdf != PDF_NONE,
	    .pdf_came =
		delivery->pdf_outcome == PDF_WAITS || delivery_pdf_has_left(delivery->pdf_outcome),
	    .receipt_asked = (delivery->wishes & WISH_OPENED) != 0,
	    .files_receipt_asked = (delivery->wishes & (WISH_FILES | WISH_FILE_NAMES)) != 0,
	    .factor = delivery->factor,
	    .phone = phone_mask(messenger_display_open(messenger, "delivery.phone", &delivery->id,
						       delivery->phone, arena),
				arena),
	    .expires_at = delivery->expires_at,
	    .closed_at = delivery->closed_at,
	    .closed_by = delivery->closed_by,
	    .retry_at = delivery->retry_at > now ? delivery->retry_at : 0,
	};
	view->mailbox_expected =
	    mailbox_in_force(&messenger->policy->mailboxes, slice_from_text(view->recipient),
			     delivery->mailbox) == MAILBOXES_ALWAYS;
	if (view->standing == STANDING_EXPIRED && view->closed_at == 0)
		view->closed_at = delivery->expires_at;
	if (view->standing != STANDING_READY || !delivery->has_lock)
		return STATUS_OK;
	if (!path->has_lock)
		return STATUS_NOT_FOUND;
	/* Not once a passphrase was set anew; also of an answer to all, which is no PDF. */
	view->generated = path->lock.rule == LOCK_GENERATED;
	view->pdf_told = delivery_pdf_told(delivery);
	view->pdf_number = delivery->pdf_number;
	view->pdf_sheet_at = delivery->pdf_sheet_at;
	view->clue =
	    messenger_display_open(messenger, "lock.clue", &path->lock.id, path->lock.clue, arena);
	return STATUS_OK;
}

/* Who wrote what its sender's conversation brought. */
static enum status
find_writer(const struct messenger *messenger, struct store *store,
	    const struct message_row *message, struct arena *arena, const char **answered_by_out)
{
	struct delivery_row answered;
	enum status status;

	*answered_by_out = "";
	if (!message->has_parent)
		return STATUS_OK;
	status = delivery_read(store, &message->parent_delivery, false, arena, &answered);
	if (status == STATUS_OK)
		*answered_by_out = messenger_display_open(messenger, "delivery.recipient",
							  &answered.id, answered.recipient, arena);
	return status;
}

enum status
messenger_look(const struct messenger *messenger, struct slice link, int64_t now,
	       struct arena *arena, struct recipient_view *view_out)
{
	struct store *store = store_pool_get(messenger->stores);
	struct recipient_view view;
	struct link_path path;
	struct door door;
	const char *answered_by = "";
	enum status status = door_follow(store, link, LINK_RECIPIENT, false, arena, &door, &path);
	bool found = status == STATUS_OK;

	if (found)
		status = find_writer(messenger, store, &path.message, arena, &answered_by);
	store_pool_put(messenger->stores, store);
	if (status == STATUS_OK)
		status = look(messenger, &door, &path, now, arena, &view);
	if (found)
		door_clear(&door);
	view.answered_by = answered_by;
	if (status == STATUS_OK)
		*view_out = view;
	return status;
}

static enum status
find_pickup(struct store *store, struct slice hash, const struct secret *key, struct arena *arena,
	    const char **link_out)
{
	struct link_row row;
	struct secret link;
	enum status status = link_find_pickup(store, hash, arena, &row);

	if (status != STATUS_OK)
		return status;
	status = box_open_secret(secret_slice(key), "pickup", id_slice(&row.delivery_id),
				 row.pickup_wrap, &link);
	if (status != STATUS_OK)
		return status;
	*link_out = link_text(&link, arena);
	secret_clear(&link);
	return STATUS_OK;
}

enum status
messenger_pick_up(const struct messenger *messenger, struct slice typed, struct slice network,
		  int64_t now, struct arena *arena, const char **link_out)
{
	unsigned char hash[LINK_HASH_SIZE];
	struct secret key;
	struct store *store = store_pool_get(messenger->stores);
	struct throttle limit = throttle_network(messenger, network);
	int64_t retry_at;
	enum status status = throttle_once(messenger, store, &limit, now, &retry_at);

	/* The connection is not kept while Argon2id works. */
	store_pool_put(messenger->stores, store);
	if (status != STATUS_OK)
		return status;
	status = pickup_stretch(&messenger->keys->display_key, typed, hash, &key);
	store = store_pool_get(messenger->stores);
	if (status != STATUS_OK) {
		/* What is no code at all guesses nothing. */
		throttle_forgive(messenger, store, &limit, now);
		store_pool_put(messenger->stores, store);
		return STATUS_NOT_FOUND;
	}
	status = find_pickup(store, slice_of(hash, sizeof(hash)), &key, arena, link_out);
	if (status != STATUS_NOT_FOUND)
		throttle_forgive(messenger, store, &limit, now);
	store_pool_put(messenger->stores, store);
	secret_clear(&key);
	return status;
}
