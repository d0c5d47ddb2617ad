#include "messenger/dispatch_part.h"

#include "base/log.h"
#include "messenger/author.h"
#include "messenger/letter.h"
#include "messenger/original.h"
#include "messenger/protect.h"
#include "messenger/report.h"
#include "store/delivery.h"

#define LEASE_SECONDS 15

int64_t
dispatch_lane(const struct messenger *messenger, const char *transport, struct arena *arena)
{
	struct slice index = messenger_address_index(
	    messenger, arena_printf(arena, "transport %s", transport), arena);
	uint64_t lane = 0;

	for (size_t i = 0; i < 8; i++)
		lane = lane << 8 | index.data[i];
	return (int64_t)(lane >> 1) | 1;
}

enum status
messenger_dispatch_claim(const struct messenger *messenger, int64_t now, size_t most,
			 const char *const *busy, size_t busy_count, struct arena *arena,
			 struct outbox_row **rows_out, size_t *count_out)
{
	int64_t *lanes = arena_alloc_many(arena, busy_count + 1, sizeof(*lanes));
	struct store *store = store_pool_get(messenger->stores);
	enum status status;

	for (size_t i = 0; i < busy_count; i++)
		lanes[i] = dispatch_lane(messenger, busy[i], arena);
	status = outbox_claim(store, now, now + LEASE_SECONDS, most, lanes, busy_count, arena,
			      rows_out, count_out);

	store_pool_put(messenger->stores, store);
	return status;
}

/* Encrypted to the key of its only recipient.  A reply stays inside the organisation: where that
 * key is over, it goes as ordinary mail, as it would have gone without one. */
static enum status
prepare_protected(const struct messenger *messenger, struct store *store,
		  const struct message_row *message, int64_t now, struct arena *arena,
		  struct dispatch *dispatch)
{
	struct delivery_row *delivery = &dispatch->deliveries[0];
	struct source *original = arena_alloc(arena, sizeof(*original));
	bool binary = dispatch->binary;
	char id[ID_TEXT_SIZE];
	enum status status = original_open(messenger, message, NULL, arena, original);

	if (status == STATUS_OK && delivery->route != ROUTE_PLAIN) {
		status = protect_letter(messenger, store, delivery, original, now, arena, dispatch);
		if (status != STATUS_GONE || message->origin != MESSAGE_BY_PORTAL)
			return status;
		log_warning("reply-key-over", LOG_TEXT("delivery", id_text(delivery->id, id)));
		status = delivery_set_unprotected(store, &delivery->id);
		delivery->route = ROUTE_PLAIN;
	}
	dispatch->binary = binary;
	dispatch->letter = *original;
	return status;
}

/* The message to those of its recipients that are still waiting for it. */
static enum status
prepare_message(const struct messenger *messenger, struct store *store,
		const struct message_row *message, int64_t now, struct arena *arena,
		struct dispatch *dispatch)
{
	bool protected = dispatch->row.kind == OUTBOX_PROTECTED;
	bool single = protected || dispatch->row.kind == OUTBOX_VERIFIED;
	/* OUTBOX_REPLY names the delivery that it answers, which is none of the message's own. */
	bool alone = dispatch->row.kind == OUTBOX_PLAIN && dispatch->row.has_delivery;
	const struct delivery_row *held = NULL;
	struct delivery_row *rows;
	size_t count;
	enum status status = delivery_of_message(store, &message->id, arena, &rows, &count);

	if (status != STATUS_OK)
		return status;
	dispatch->recipients = arena_alloc_many(arena, count + 1, sizeof(*dispatch->recipients));
	dispatch->deliveries = arena_alloc_many(arena, count + 1, sizeof(*dispatch->deliveries));
	dispatch->last = true;
	dispatch->all_plain = true;
	dispatch->alone = alone;
	dispatch->binary = (message->transfer & TRANSFER_BINARY) != 0;
	dispatch->utf8 = (message->transfer & TRANSFER_UTF8) != 0;
	dispatch->returns = (enum relay_return)message->returns;
	dispatch->envelope_id = messenger_display_open(messenger, "message.envelope_id",
						       &message->id, message->envelope_id, arena);
	for (size_t i = 0; i < count; i++) {
		dispatch->all_plain = dispatch->all_plain && rows[i].route == ROUTE_PLAIN;
		/* Those that were let go after being held have a wrap and a letter of their own;
		 * those that have, or had, a key have a letter of their own. */
		if (rows[i].state != DELIVERY_QUEUED ||
		    (alone || single ? !id_equal(rows[i].id, dispatch->row.delivery_id)
				     : rows[i].route != ROUTE_PLAIN || rows[i].has_key ||
					   rows[i].gateway_wrap.size > 0)) {
			dispatch->last = dispatch->last && rows[i].state >= DELIVERY_SENT;
			dispatch->needed = dispatch->needed || (rows[i].state == DELIVERY_QUEUED &&
								rows[i].gateway_wrap.size == 0);
			continue;
		}
		if (alone) {
			held = &rows[i];
			/* The portal let it go; that it may is looked at here. */
			if (rows[i].route != ROUTE_PLAIN)
				status = delivery_set_let_go(store, &rows[i].id);
			if (status != STATUS_OK) {
				log_error("not-let-go", LOG_TEXT("reason", rows[i].reason));
				return status;
			}
			rows[i].route = ROUTE_PLAIN;
		}
		dispatch->deliveries[dispatch->recipient_count] = rows[i];
		dispatch->recipients[dispatch->recipient_count++] = (struct relay_recipient){
		    .address = messenger_display_open(messenger, "delivery.recipient", &rows[i].id,
						      rows[i].recipient, arena),
		    .notify = rows[i].notify,
		    .original = messenger_display_open(messenger, "delivery.original", &rows[i].id,
						       rows[i].original, arena)};
	}
	if (dispatch->recipient_count == 0)
		return STATUS_CONFLICT;
	dispatch->sender = message->origin == MESSAGE_BY_PORTAL
			       ? messenger->policy->system_address
			       : author_open(messenger, message, arena).address;
	return protected ? prepare_protected(messenger, store, message, now, arena, dispatch)
			 : original_open(messenger, message, held, arena, &dispatch->letter);
}

/* The key that it was to be encrypted to is over: its sender gets it back, and may send it again.
 */
static enum status
give_up_key(struct store *store, struct dispatch *dispatch, int64_t now)
{
	const struct delivery_row *delivery = &dispatch->deliveries[0];
	struct delivery_answer answer = {.status = "5.7.5", .reply = {NULL, 0}, .at = now};
	char id[ID_TEXT_SIZE];
	enum status status = delivery_set_relayed(store, &delivery->id, DELIVERY_FAILED, &answer);

	log_warning("key-over", LOG_TEXT("delivery", id_text(delivery->id, id)));
	if (status == STATUS_OK)
		status = report_post(store, delivery, NOTIFY_FAILURE, dispatch->sender, now);
	if (status == STATUS_OK)
		status = outbox_set_failed(store, &dispatch->row.id);
	if (status == STATUS_OK)
		status = store_commit(store);
	return status == STATUS_OK ? STATUS_CONFLICT : status;
}

static enum status
prepare(const struct messenger *messenger, struct store *store, int64_t now, struct arena *arena,
	struct dispatch *dispatch)
{
	/* In the arena: the letter reads from it while it is sent. */
	struct message_row *message = arena_alloc(arena, sizeof(*message));
	bool of_message = outbox_is_of_message(dispatch->row.kind);
	enum status status = of_message
				 ? outbox_lock_message(store, &dispatch->row.id, arena, message)
				 : outbox_lock(store, &dispatch->row.id);

	if (status != STATUS_OK)
		return status;
	dispatch->received_at = message->received_at;
	dispatch->message = of_message ? message : NULL;
	if (!of_message)
		status = letter_make_to_account(messenger, store, now, arena, dispatch);
	else if (dispatch->row.kind == OUTBOX_PLAIN || dispatch->row.kind == OUTBOX_REPLY ||
		 dispatch->row.kind == OUTBOX_PROTECTED || dispatch->row.kind == OUTBOX_VERIFIED)
		status = prepare_message(messenger, store, message, now, arena, dispatch);
	else
		status = letter_make(messenger, store, message, now, arena, dispatch);
	if (status == STATUS_GONE && dispatch->row.kind == OUTBOX_PROTECTED &&
	    dispatch->deliveries != NULL)
		return give_up_key(store, dispatch, now);
	if (status == STATUS_CONFLICT) {
		/* Overtaken by events: there is nothing left to say. */
		status = outbox_set_sent(store, &dispatch->row.id);
		if (status == STATUS_OK)
			status = store_commit(store);
		return status == STATUS_OK ? STATUS_CONFLICT : status;
	}
	return status;
}

enum status
messenger_dispatch_prepare(const struct messenger *messenger, struct store *store,
			   const struct outbox_row *row, int64_t now, struct arena *arena,
			   struct dispatch *dispatch_out)
{
	struct dispatch dispatch = {.row = *row};
	char *id = arena_alloc(arena, ID_TEXT_SIZE);
	enum status status = store_begin(store);

	dispatch.letter_id = id_text(row->id, id);
	if (status == STATUS_OK)
		status = prepare(messenger, store, now, arena, &dispatch);
	if (status != STATUS_OK) {
		store_rollback(store);
		if (status != STATUS_CONFLICT && status != STATUS_BUSY)
			log_error("letter-failed", LOG_TEXT("outbox", id),
				  LOG_NUMBER("kind", row->kind),
				  LOG_TEXT("status", status_text(status)));
		return status;
	}
	*dispatch_out = dispatch;
	return STATUS_OK;
}
