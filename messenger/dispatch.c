#include "messenger/dispatch.h"

#include <string.h>

#include "base/log.h"
#include "crypto/box.h"
#include "mail/manifest.h"
#include "messenger/author.h"
#include "messenger/content.h"
#include "messenger/letter.h"
#include "messenger/post.h"
#include "messenger/seal.h"
#include "store/delivery.h"
#include "store/desk.h"

#define LEASE_SECONDS 15
#define LONGEST_RETRY 14400

enum status
messenger_dispatch_claim(const struct messenger *messenger, int64_t now, size_t most,
			 struct arena *arena, struct outbox_row **rows_out, size_t *count_out)
{
	struct store *store = store_pool_get(messenger->stores);
	enum status status =
	    outbox_claim(store, now, now + LEASE_SECONDS, most, arena, rows_out, count_out);

	store_pool_put(messenger->stores, store);
	return status;
}

static void
clear_secret(void *argument)
{
	secret_clear(argument);
}

/* The stored message itself, as it is to leave: with its own key wrap, or that of a delivery which
 * was held before its sender let it go. */
static enum status
open_message(const struct messenger *messenger, const struct message_row *row,
	     const struct delivery_row *held, struct arena *arena, struct source *letter_out)
{
	struct secret *key = arena_alloc(arena, sizeof(*key));
	struct manifest *manifest = arena_alloc(arena, sizeof(*manifest));
	struct source *stored = arena_alloc(arena, sizeof(*stored));
	struct slice bytes;
	enum status status = held != NULL ? seal_open_held_message(messenger, held, key)
					  : content_key_by_gateway(messenger, row, key);

	if (status != STATUS_OK)
		return status;
	arena_defer(arena, clear_secret, key);
	status = box_open(secret_slice(key), "manifest", id_slice(&row->id), row->manifest, arena,
			  &bytes);
	if (status == STATUS_OK)
		status = manifest_read(bytes, arena, manifest);
	if (status == STATUS_OK)
		status = content_open(messenger, row, key, arena, stored);
	if (status == STATUS_OK)
		status = edit_source(stored, &manifest->edits, arena, letter_out);
	return status;
}

/* The message to those of its recipients that are still waiting for it. */
static enum status
prepare_message(const struct messenger *messenger, struct store *store,
		const struct message_row *message, struct arena *arena, struct dispatch *dispatch)
{
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
	dispatch->alone = alone;
	for (size_t i = 0; i < count; i++) {
		/* Those that were let go after being held have a wrap and a letter of their own. */
		if (rows[i].state != DELIVERY_QUEUED ||
		    (alone ? !id_equal(rows[i].id, dispatch->row.delivery_id)
			   : rows[i].route != ROUTE_PLAIN || rows[i].gateway_wrap.size > 0)) {
			dispatch->last = dispatch->last && rows[i].state >= DELIVERY_SENT;
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
		}
		dispatch->deliveries[dispatch->recipient_count] = rows[i].id;
		dispatch->recipients[dispatch->recipient_count++].address = messenger_display_open(
		    messenger, "delivery.recipient", &rows[i].id, rows[i].recipient, arena);
	}
	if (dispatch->recipient_count == 0)
		return STATUS_CONFLICT;
	dispatch->sender = dispatch->row.kind == OUTBOX_REPLY
			       ? messenger->policy->system_address
			       : author_open(messenger, message, arena).address;
	return open_message(messenger, message, held, arena, &dispatch->letter);
}

static enum status
prepare(const struct messenger *messenger, struct store *store, int64_t now, struct arena *arena,
	struct dispatch *dispatch)
{
	/* In the arena: the letter reads from it while it is sent. */
	struct message_row *message = arena_alloc(arena, sizeof(*message));
	enum status status = outbox_lock(store, &dispatch->row.id);

	bool of_message = dispatch->row.kind != OUTBOX_SIGN_IN;

	if (status == STATUS_OK && of_message)
		status = message_read(store, &dispatch->row.message_id, false, arena, message);
	if (status != STATUS_OK)
		return status;
	dispatch->received_at = message->received_at;
	if (!of_message)
		status = letter_make_code(messenger, store, now, arena, dispatch);
	else if (dispatch->row.kind == OUTBOX_PLAIN || dispatch->row.kind == OUTBOX_REPLY)
		status = prepare_message(messenger, store, message, arena, dispatch);
	else
		status = letter_make(messenger, store, message, now, arena, dispatch);
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

static enum status
queue_bounce(struct store *store, const struct dispatch *dispatch, const struct id *delivery,
	     int64_t now)
{
	struct delivery_row row = {.id = *delivery, .message_id = dispatch->row.message_id};

	return post(store, OUTBOX_BOUNCE, &row, now);
}

/* One recipient of the message itself. */
static enum status
note_outcome(const struct messenger *messenger, struct store *store,
	     const struct dispatch *dispatch, size_t i, bool give_up, int64_t now,
	     struct arena *arena)
{
	const struct relay_recipient *recipient = &dispatch->recipients[i];
	const struct id *delivery = &dispatch->deliveries[i];
	enum delivery_state state = DELIVERY_QUEUED;
	enum status status;

	if (recipient->outcome == RELAY_SENT)
		state = DELIVERY_SENT;
	else if (recipient->outcome == RELAY_REFUSED || give_up)
		state = DELIVERY_FAILED;
	status = delivery_set_relayed(store, delivery, state, recipient->status,
				      messenger_display_seal(messenger, "delivery.relay_reply",
							     delivery, recipient->reply, arena),
				      now);
	if (status == STATUS_OK && state == DELIVERY_FAILED && *dispatch->sender != '\0')
		status = queue_bounce(store, dispatch, delivery, now);
	return status;
}

/* A notice that cannot reach its recipient is the sender's business. */
static enum status
note_notice(const struct messenger *messenger, struct store *store, const struct dispatch *dispatch,
	    bool refused, int64_t now, struct arena *arena)
{
	const struct relay_recipient *recipient = &dispatch->recipients[0];
	const struct id *delivery = &dispatch->row.delivery_id;
	struct delivery_row row;
	enum status status = delivery_read(store, delivery, false, arena, &row);
	bool first = status == STATUS_OK && (row.relay_status == NULL || *row.relay_status != '2');

	if (status == STATUS_OK)
		status =
		    delivery_set_noticed(store, delivery, recipient->status,
					 messenger_display_seal(messenger, "delivery.relay_reply",
								delivery, recipient->reply, arena));
	if (status == STATUS_OK && refused)
		status = queue_bounce(store, dispatch, delivery, now);
	if (status == STATUS_OK && !refused && first && (row.wishes & WISH_ACCEPTED) != 0)
		status = post(store, OUTBOX_ACCEPTED, &row, now);
	return status;
}

/* What one of our own letters leaves behind when it has left, or was refused. */
static enum status
note_letter(const struct messenger *messenger, struct store *store, const struct dispatch *dispatch,
	    bool refused, int64_t now, struct arena *arena)
{
	switch (dispatch->row.kind) {
	case OUTBOX_NOTICE:
	case OUTBOX_NEW_CLUE:
	case OUTBOX_SUSPENDED_RECIPIENT:
		return note_notice(messenger, store, dispatch, refused, now, arena);
	case OUTBOX_SENT:
		return delivery_drop_sender_wrap(store, &dispatch->row.delivery_id);
	case OUTBOX_SIGN_IN:
		return sign_in_mailed(store, &dispatch->row.sign_in_id);
	default:
		return STATUS_OK;
	}
}

/* What has arrived everywhere is destroyed at once; with a bounce still to write, later. */
static enum status
forget_message(struct store *store, const struct dispatch *dispatch)
{
	const struct id *message = &dispatch->row.message_id;
	enum status status = dispatch->last ? outbox_check_done(store, message) : STATUS_BUSY;

	/* Beside one that went alone others may still need the message's own wrap. */
	if (status == STATUS_BUSY)
		return dispatch->alone ? STATUS_OK : message_drop_gateway_wrap(store, message);
	if (status == STATUS_OK)
		status = message_destroy(store, message);
	for (size_t i = 0; i < dispatch->recipient_count && status == STATUS_OK; i++)
		status = delivery_set_cleared(store, &dispatch->deliveries[i]);
	return status;
}

static int64_t
next_try(const struct messenger *messenger, const struct outbox_row *row, int64_t now)
{
	int64_t delay = messenger->policy->retry_seconds;

	for (int i = 0; i < row->tries && delay < LONGEST_RETRY; i++)
		delay *= 2;
	return now + (delay < LONGEST_RETRY ? delay : LONGEST_RETRY);
}

static void
log_outcome(const struct dispatch *dispatch, const struct relay_recipient *recipient)
{
	static const char *const words[] = {"sent", "deferred", "bounced"};
	char message[ID_TEXT_SIZE];

	log_info("relayed", LOG_TEXT("message", id_text(dispatch->row.message_id, message)),
		 LOG_TEXT("letter", dispatch->letter_id), LOG_NUMBER("kind", dispatch->row.kind),
		 LOG_TEXT("status", words[recipient->outcome]), LOG_TEXT("dsn", recipient->status),
		 LOG_NUMBER("tries", dispatch->row.tries + 1));
}

static enum status
finish(const struct messenger *messenger, struct store *store, struct dispatch *dispatch,
       int64_t now, int64_t sure, struct arena *arena)
{
	struct outbox_row *row = &dispatch->row;
	bool give_up = sure - row->created_at >= messenger->policy->give_up_seconds;
	bool of_message = dispatch->deliveries != NULL;
	size_t later = 0, refused = 0;
	enum status status = STATUS_OK;

	for (size_t i = 0; i < dispatch->recipient_count && status == STATUS_OK; i++) {
		const struct relay_recipient *recipient = &dispatch->recipients[i];

		log_outcome(dispatch, recipient);
		later += recipient->outcome == RELAY_LATER && !give_up;
		refused += recipient->outcome == RELAY_REFUSED ||
			   (recipient->outcome == RELAY_LATER && give_up);
		if (of_message)
			status = note_outcome(messenger, store, dispatch, i, give_up, now, arena);
	}
	if (status != STATUS_OK)
		return status;
	if (later > 0)
		return outbox_set_later(store, &row->id, next_try(messenger, row, now));
	if (!of_message)
		status = note_letter(messenger, store, dispatch, refused > 0, now, arena);
	if (status == STATUS_OK)
		status = refused > 0 && !of_message ? outbox_set_failed(store, &row->id)
						    : outbox_set_sent(store, &row->id);
	if (status == STATUS_OK && of_message)
		status = forget_message(store, dispatch);
	return status;
}

enum status
messenger_dispatch_finish(const struct messenger *messenger, struct store *store,
			  struct dispatch *dispatch, int64_t now, int64_t sure, struct arena *arena)
{
	enum status status = finish(messenger, store, dispatch, now, sure, arena);

	if (status == STATUS_OK)
		status = store_commit(store);
	if (status != STATUS_OK)
		store_rollback(store);
	return status;
}
