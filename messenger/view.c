#include "messenger/view.h"

#include "crypto/hash.h"
#include "messenger/author.h"
#include "messenger/phone.h"
#include "messenger/reason.h"

static enum status
add_taken(const struct messenger *messenger, struct store *store, struct arena *arena,
	  struct sender_view *view)
{
	struct taken_row *rows;
	struct taken_view *taken;
	enum status status =
	    delivery_taken(store, &view->delivery, arena, &rows, &view->taken_count);

	if (status != STATUS_OK)
		return status;
	taken = arena_alloc_many(arena, view->taken_count + 1, sizeof(*taken));
	for (size_t i = 0; i < view->taken_count; i++) {
		taken[i].name = messenger_display_open(messenger, "taken.name", &view->delivery,
						       rows[i].name, arena);
		taken[i].taken_at = rows[i].taken_at;
	}
	view->taken = taken;
	return STATUS_OK;
}

static enum status
add_lock(const struct messenger *messenger, struct store *store,
	 const struct delivery_row *delivery, struct arena *arena, struct sender_view *view)
{
	struct lock_row lock;
	enum status status;

	if (delivery->state == DELIVERY_HELD) {
		if (*view->recipient == '\0')
			return STATUS_OK; /* there is no display key to find it by */
		status = messenger_template_for(messenger, store, delivery->sender_index,
						view->recipient, arena, &view->template);
		view->has_template = status == STATUS_OK;
		if (status != STATUS_OK && status != STATUS_NOT_FOUND)
			return status;
		status = sheet_look(store, delivery->sender_index, delivery->recipient_index, false,
				    arena, &view->sheet);
		return status == STATUS_OK
			   ? sheet_look(store, delivery->sender_index, delivery->recipient_index,
					true, arena, &view->passwords)
			   : status;
	}
	if (!delivery->has_lock)
		return STATUS_OK;
	status = lock_read(store, &delivery->lock_id, arena, &lock);
	if (status == STATUS_OK)
		view->clue =
		    messenger_display_open(messenger, "lock.clue", &lock.id, lock.clue, arena);
	/* Cleared away since the delivery was read. */
	return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* The way that an answer took to the sender of what it answers. */
static enum status
look_reply(const struct messenger *messenger, struct store *store, struct slice sender_index,
	   const struct id *message, struct arena *arena, struct reply_view *view)
{
	struct delivery_row *rows;
	struct message_row row;
	size_t count;
	enum status status = delivery_of_message(store, message, arena, &rows, &count);

	if (status == STATUS_OK)
		status = message_read(store, message, false, arena, &row);
	for (size_t i = 0; i < count && status == STATUS_OK; i++) {
		if (!hash_equal(rows[i].recipient_index, sender_index))
			continue;
		*view = (struct reply_view){
		    .message = *message,
		    .sent_at = row.received_at,
		    .route = rows[i].route,
		    .reason = rows[i].reason,
		    .evidence = evidence_open(messenger, DELIVERY_EVIDENCE, &rows[i].id,
					      rows[i].evidence, arena),
		};
		return STATUS_OK;
	}
	/* It is not routed yet, or was cleared away since. */
	return status == STATUS_OK ? STATUS_NOT_FOUND : status;
}

static enum status
add_replies(const struct messenger *messenger, struct store *store,
	    const struct delivery_row *delivery, struct arena *arena, struct sender_view *view)
{
	struct reply_view *replies = arena_alloc_many(arena, REPLIES_SHOWN, sizeof(*replies));
	struct id *ids;
	size_t count = 0;
	enum status status = message_replies(store, &delivery->id, arena, &ids, &count);

	if (status != STATUS_OK)
		return status;
	for (size_t i = count > REPLIES_SHOWN ? count - REPLIES_SHOWN : 0; i < count; i++) {
		status = look_reply(messenger, store, delivery->sender_index, &ids[i], arena,
				    &replies[view->reply_count]);
		if (status != STATUS_OK && status != STATUS_NOT_FOUND)
			return status;
		view->reply_count += status == STATUS_OK;
	}
	view->replies = replies;
	return STATUS_OK;
}

static enum status
look(const struct messenger *messenger, struct store *store, const struct delivery_row *delivery,
     const struct message_row *message, const char *subject, struct arena *arena,
     struct sender_view *view)
{
	const struct policy *policy = messenger->policy;
	enum status status;

	*view = (struct sender_view){
	    .delivery = delivery->id,
	    .message = message->id,
	    .state = delivery->state,
	    .route = delivery->route,
	    .closed_by = delivery->closed_by,
	    .sender = author_open(messenger, message, arena).address,
	    .recipient = messenger_display_open(messenger, "delivery.recipient", &delivery->id,
						delivery->recipient, arena),
	    .language = delivery->language == NULL ? "" : delivery->language,
	    .subject = subject,
	    .reason = delivery->reason,
	    .by_template = delivery->by_template,
	    .has_lock = delivery->has_lock,
	    .in_mailbox = delivery_in_mailbox(delivery),
	    .lost = delivery_is_lost(delivery),
	    .clue = "",
	    .sent_at = message->received_at,
	    .secured_at = delivery->secured_at,
	    .opened_at = delivery->opened_at,
	    .replied_at = delivery->replied_at,
	    .closed_at = delivery->closed_at,
	    .expires_at = delivery->expires_at,
	    .asked_at = delivery->asked_at,
	    .resent_at = delivery->resent_at,
	    .relink_at = delivery->relink_at,
	    .remind_at = delivery->remind_at,
	    .suspended_at = delivery->suspended_at,
	    .wishes = delivery->wishes,
	    .remind_days = delivery->remind_days,
	    .factor = delivery->factor,
	    .factor_at = delivery->factor_at,
	    .phone = phone_mask(messenger_display_open(messenger, "delivery.phone", &delivery->id,
						       delivery->phone, arena),
				arena),
	    .suspended = delivery->suspended_at != 0,
	    .can_clear = delivery->state == DELIVERY_HELD && reason_is_doubt(delivery->reason),
	    .has_link = delivery->has_link_letter,
	    .can_rescue = delivery->rescue_wrap.size > 0 && !delivery_pdf_waits(delivery),
	    .pdf = delivery->pdf,
	    .pdf_told = delivery_pdf_told(delivery),
	    .pdf_outcome = delivery->pdf_outcome,
	    .pdf_waits = delivery_pdf_waits(delivery),
	    .pdf_tells = delivery->pdf_outcome == PDF_LEFT && delivery->pdf_password.size > 0,
	    .pdf_at = delivery->pdf_at,
	    .pdf_number = delivery->pdf_number,
	    .pdf_sheet_at = delivery->pdf_sheet_at,
	    .evidence = evidence_open(messenger, DELIVERY_EVIDENCE, &delivery->id,
				      delivery->evidence, arena),
	    .relay_status = delivery->relay_status == NULL ? "" : delivery->relay_status,
	    .relay_answer = messenger_display_open(messenger, "delivery.relay_reply", &delivery->id,
						   delivery->relay_reply, arena),
	    .default_lifetime_days = policy->default_lifetime_days,
	    .longest_lifetime_days = policy->longest_lifetime_days,
	    .default_remind_days = policy->remind_days,
	};
	/* Let go by its sender; the courier has not come by yet. */
	if (delivery->state == DELIVERY_QUEUED && delivery->route == ROUTE_PORTAL) {
		view->route = ROUTE_PLAIN;
		view->reason = "released-by-sender";
	}
	status = add_lock(messenger, store, delivery, arena, view);
	if (status == STATUS_OK && delivery->opened_at != 0)
		status = add_taken(messenger, store, arena, view);
	if (status == STATUS_OK && delivery->replied_at != 0)
		status = add_replies(messenger, store, delivery, arena, view);
	return status;
}

static const char *
subject_of(const struct messenger *messenger, const struct message_row *message,
	   struct arena *arena)
{
	return messenger_display_open(messenger, "message.subject", &message->id, message->subject,
				      arena);
}

enum status
messenger_look_sender(const struct messenger *messenger, const struct claimant *claimant,
		      struct arena *arena, struct sender_view *view_out)
{
	struct store *store = store_pool_get(messenger->stores);
	struct message_row message;
	struct sender_view view = {.state = DELIVERY_QUEUED};
	struct door door;
	enum status status = claimant_open(store, claimant, arena, &door);

	if (status == STATUS_OK) {
		status = message_read(store, &door.delivery.message_id, false, arena, &message);
		if (status == STATUS_OK)
			status = look(messenger, store, &door.delivery, &message,
				      subject_of(messenger, &message, arena), arena, &view);
		door_clear(&door);
	}
	store_pool_put(messenger->stores, store);
	if (status == STATUS_OK)
		*view_out = view;
	return status;
}

/* Deliveries of a message have one sender. */
static bool
is_owner(const struct delivery_row *rows, size_t count, struct slice owner_index)
{
	return count > 0 && hash_equal(rows[0].sender_index, owner_index);
}

/* `owner_index` is NULL for anybody's. */
static enum status
look_all(const struct messenger *messenger, struct store *store, const struct slice *owner_index,
	 const struct id *id, struct arena *arena, struct message_view *view)
{
	struct delivery_row *rows;
	struct message_row message;
	enum status status = delivery_of_message(store, id, arena, &rows, &view->count);

	if (status == STATUS_OK && owner_index != NULL &&
	    !is_owner(rows, view->count, *owner_index))
		return STATUS_NOT_FOUND;
	if (status == STATUS_OK)
		status = message_read(store, id, false, arena, &message);
	/* A reply written here belongs to whoever answered. */
	if (status == STATUS_OK && owner_index != NULL && message.origin != MESSAGE_BY_SMTP)
		return STATUS_NOT_FOUND;
	if (status != STATUS_OK)
		return status;
	view->id = *id;
	view->origin = message.origin;
	view->state = message.state;
	view->sender = author_open(messenger, &message, arena).address;
	view->subject = subject_of(messenger, &message, arena);
	view->sent_at = message.received_at;
	view->size = message.size;
	view->destroyed = message.state == MESSAGE_DESTROYED;
	view->deliveries = arena_alloc_many(arena, view->count + 1, sizeof(*view->deliveries));
	for (size_t i = 0; i < view->count && status == STATUS_OK; i++)
		status = look(messenger, store, &rows[i], &message, view->subject, arena,
			      &view->deliveries[i]);
	return status;
}

static enum status
look_message(const struct messenger *messenger, const struct slice *owner_index,
	     const struct id *message, struct arena *arena, struct message_view *view_out)
{
	struct store *store = store_pool_get(messenger->stores);
	struct message_view view = {.count = 0};
	enum status status = look_all(messenger, store, owner_index, message, arena, &view);

	store_pool_put(messenger->stores, store);
	if (status == STATUS_OK)
		*view_out = view;
	return status;
}

enum status
messenger_look_message(const struct messenger *messenger, struct slice owner_index,
		       const struct id *message, struct arena *arena, struct message_view *view_out)
{
	return look_message(messenger, &owner_index, message, arena, view_out);
}

enum status
messenger_look_any_message(const struct messenger *messenger, const struct id *message,
			   struct arena *arena, struct message_view *view_out)
{
	return look_message(messenger, NULL, message, arena, view_out);
}
