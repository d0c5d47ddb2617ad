#include "messenger/dispatch.h"

#include <string.h>

#include "base/log.h"
#include "messenger/author.h"
#include "messenger/fall.h"
#include "messenger/letter.h"
#include "messenger/original.h"
#include "messenger/protect.h"
#include "messenger/report.h"
#include "messenger/schedule.h"
#include "store/delivery.h"
#include "store/desk.h"

#define LEASE_SECONDS 15

/* The lane of a transport, for the rows that wait for it: keyed, since the transport may be named
 * by the domain of a recipient.  Never 0. */
static int64_t
lane_of(const struct messenger *messenger, const char *transport, struct arena *arena)
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
		lanes[i] = lane_of(messenger, busy[i], arena);
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
	bool of_message = dispatch->row.kind != OUTBOX_SIGN_IN;
	enum status status = of_message
				 ? outbox_lock_message(store, &dispatch->row.id, arena, message)
				 : outbox_lock(store, &dispatch->row.id);

	if (status != STATUS_OK)
		return status;
	dispatch->received_at = message->received_at;
	dispatch->message = of_message ? message : NULL;
	if (!of_message)
		status = letter_make_code(messenger, store, now, arena, dispatch);
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

/* What has become of one recipient of a letter. */
struct fate {
	bool refused; /* or given up */
	bool later;
	bool told; /* its sender is to be told that it waits */
};

static struct fate
fate_of(const struct messenger *messenger, const struct dispatch *dispatch,
	const struct relay_recipient *recipient, const struct delivery_row *delivery, int64_t sure)
{
	const struct policy *policy = messenger->policy;
	int64_t age = sure - dispatch->row.created_at;
	bool waits = recipient->outcome == RELAY_LATER || recipient->outcome == RELAY_WAITING;
	bool give_up = age >= policy->give_up_seconds;
	struct fate fate = {.refused = recipient->outcome == RELAY_REFUSED || (waits && give_up),
			    .later = waits && !give_up};

	fate.told = fate.later && policy->delay_warning_seconds > 0 &&
		    age >= policy->delay_warning_seconds && delivery->delayed_at == 0 &&
		    report_is_wanted(delivery, NOTIFY_DELAY);
	return fate;
}

static struct delivery_answer
answer_of(const struct messenger *messenger, const struct id *delivery,
	  const struct relay_recipient *recipient, bool delayed, int64_t now, struct arena *arena)
{
	struct delivery_answer answer = {
	    .status = recipient->status,
	    .reply = messenger_display_seal(messenger, "delivery.relay_reply", delivery,
					    recipient->reply, arena),
	    .at = now,
	    .delayed_at = delayed ? now : 0,
	};

	if (*recipient->host != '\0')
		answer.host = messenger_display_seal(messenger, "delivery.relay_host", delivery,
						     recipient->host, arena);
	return answer;
}

/* One recipient of the message itself. */
static enum status
note_outcome(const struct messenger *messenger, struct store *store,
	     const struct dispatch *dispatch, size_t i, struct fate fate, int64_t now,
	     struct arena *arena)
{
	const struct relay_recipient *recipient = &dispatch->recipients[i];
	const struct delivery_row *delivery = &dispatch->deliveries[i];
	struct delivery_answer answer =
	    answer_of(messenger, &delivery->id, recipient, fate.told, now, arena);
	enum delivery_state state = DELIVERY_SENT;
	enum status status;

	if (fate.later)
		state = DELIVERY_QUEUED;
	else if (fate.refused)
		state = DELIVERY_FAILED;
	/* Nobody was asked, and nobody is told. */
	if (recipient->outcome == RELAY_WAITING && fate.later && !fate.told)
		return STATUS_OK;
	status = delivery_set_relayed(store, &delivery->id, state, &answer);
	if (status != STATUS_OK)
		return status;
	if (fate.told)
		return report_post(store, delivery, NOTIFY_DELAY, dispatch->sender, now);
	if (state == DELIVERY_FAILED)
		return report_post(store, delivery, NOTIFY_FAILURE, dispatch->sender, now);
	if (state == DELIVERY_SENT && !recipient->told)
		return report_post(store, delivery, NOTIFY_SUCCESS, dispatch->sender, now);
	return STATUS_OK;
}

/* A notice that cannot reach its recipient is the sender's business. */
static enum status
note_notice(const struct messenger *messenger, struct store *store, const struct dispatch *dispatch,
	    struct fate fate, int64_t now, struct arena *arena)
{
	const struct relay_recipient *recipient = &dispatch->recipients[0];
	const struct id *delivery = &dispatch->row.delivery_id;
	struct delivery_answer answer =
	    answer_of(messenger, delivery, recipient, fate.told, now, arena);
	struct delivery_row row;
	enum status status = delivery_read(store, delivery, false, arena, &row);
	bool first = status == STATUS_OK && (row.relay_status == NULL || *row.relay_status != '2');

	if (status == STATUS_OK)
		status = delivery_set_noticed(store, delivery, &answer);
	if (status != STATUS_OK)
		return status;
	/* A secured message always has a sender. */
	if (fate.told)
		return report_post(store, &row, NOTIFY_DELAY, "sender", now);
	if (fate.refused)
		return report_post(store, &row, NOTIFY_FAILURE, "sender", now);
	if (!first)
		return STATUS_OK;
	/* That its server took the notice is what success means here, whoever asked for it. */
	if ((row.wishes & WISH_ACCEPTED) != 0)
		row.notify = NOTIFY_SUCCESS;
	return report_post(store, &row, NOTIFY_SUCCESS, "sender", now);
}

/* What one of our own letters leaves behind when it has left, or was refused. */
static enum status
note_letter(const struct messenger *messenger, struct store *store, const struct dispatch *dispatch,
	    struct fate fate, int64_t now, struct arena *arena)
{
	char delivery[ID_TEXT_SIZE];

	switch (dispatch->row.kind) {
	case OUTBOX_NOTICE:
	case OUTBOX_NEW_CLUE:
	case OUTBOX_SUSPENDED_RECIPIENT:
		return note_notice(messenger, store, dispatch, fate, now, arena);
	case OUTBOX_SENT:
		return delivery_drop_sender_wrap(store, &dispatch->row.delivery_id);
	case OUTBOX_SIGN_IN:
		return sign_in_mailed(store, &dispatch->row.sign_in_id);
	case OUTBOX_BOUNCE:
	case OUTBOX_DELAYED:
	case OUTBOX_RELAYED:
		/* A report that cannot be delivered is not reported (RFC 5321 section 6.1). */
		if (fate.refused)
			log_warning(
			    "report-dropped", LOG_TEXT("letter", dispatch->letter_id),
			    LOG_TEXT("delivery", id_text(dispatch->row.delivery_id, delivery)));
		return STATUS_OK;
	default:
		return STATUS_OK;
	}
}

/* What has arrived everywhere is destroyed at once; with a report still to write, later. */
static enum status
forget_message(struct store *store, const struct dispatch *dispatch)
{
	const struct id *message = &dispatch->row.message_id;
	enum status status = dispatch->last ? outbox_check_done(store, message) : STATUS_BUSY;

	/* Beside one that went alone others may still need the message's own wrap, and a report
	 * shows a message that went to nobody but in clear. */
	if (status == STATUS_BUSY)
		return dispatch->alone || dispatch->needed ||
			       (dispatch->last && dispatch->all_plain)
			   ? STATUS_OK
			   : message_drop_gateway_wrap(store, message);
	if (status == STATUS_OK)
		status = message_destroy(store, message);
	for (size_t i = 0; i < dispatch->recipient_count && status == STATUS_OK; i++)
		status = delivery_set_cleared(store, &dispatch->deliveries[i].id);
	return status;
}

static void
log_outcome(const struct dispatch *dispatch, const struct relay_recipient *recipient)
{
	static const char *const words[] = {"sent", "deferred", "bounced", "waiting"};
	char message[ID_TEXT_SIZE];

	log_info("relayed", LOG_TEXT("message", id_text(dispatch->row.message_id, message)),
		 LOG_TEXT("letter", dispatch->letter_id), LOG_NUMBER("kind", dispatch->row.kind),
		 LOG_TEXT("status", words[recipient->outcome]), LOG_TEXT("dsn", recipient->status),
		 LOG_NUMBER("tries", dispatch->row.tries + 1));
}

/* Some recipients are still to be tried. */
static enum status
put_back(const struct messenger *messenger, struct store *store, const struct dispatch *dispatch,
	 const struct relay_wait *wait, bool asked, int64_t now, struct arena *arena)
{
	const struct outbox_row *row = &dispatch->row;

	if (asked || wait->transport == NULL)
		return outbox_set_later(
		    store, &row->id,
		    now + schedule_delay(messenger->policy->retry_seconds, row->tries, &row->id));
	return outbox_set_waiting(store, &row->id, now + wait->seconds,
				  lane_of(messenger, wait->transport, arena));
}

/* The delivery that a letter of Postern's own is about. */
static enum status
read_subject(struct store *store, const struct dispatch *dispatch, struct arena *arena,
	     struct delivery_row *row_out)
{
	*row_out = (struct delivery_row){.delayed_at = 1};
	if (dispatch->row.kind != OUTBOX_NOTICE && dispatch->row.kind != OUTBOX_NEW_CLUE &&
	    dispatch->row.kind != OUTBOX_SUSPENDED_RECIPIENT)
		return STATUS_OK;
	return delivery_read(store, &dispatch->row.delivery_id, false, arena, row_out);
}

/* A letter of Postern's own: it has one recipient. */
static enum status
finish_letter(const struct messenger *messenger, struct store *store, struct dispatch *dispatch,
	      const struct relay_wait *wait, int64_t now, int64_t sure, struct arena *arena)
{
	const struct relay_recipient *recipient = &dispatch->recipients[0];
	struct delivery_row delivery;
	struct fate fate;
	enum status status = STATUS_OK;

	delivery.delayed_at = 1;
	if (recipient->outcome == RELAY_LATER || recipient->outcome == RELAY_WAITING)
		status = read_subject(store, dispatch, arena, &delivery);
	if (status != STATUS_OK)
		return status;
	fate = fate_of(messenger, dispatch, recipient, &delivery, sure);
	log_outcome(dispatch, recipient);
	if (!fate.later || fate.told)
		status = note_letter(messenger, store, dispatch, fate, now, arena);
	if (status != STATUS_OK)
		return status;
	if (fate.later)
		return put_back(messenger, store, dispatch, wait, recipient->outcome == RELAY_LATER,
				now, arena);
	return fate.refused ? outbox_set_failed(store, &dispatch->row.id)
			    : outbox_set_sent(store, &dispatch->row.id);
}

/* The common case at once: one recipient, who has it, and nobody to be told.  STATUS_BUSY: it is
 * another one. */
static enum status
finish_whole(const struct messenger *messenger, struct store *store,
	     const struct dispatch *dispatch, int64_t now, struct arena *arena)
{
	const struct relay_recipient *recipient = &dispatch->recipients[0];
	const struct delivery_row *delivery = &dispatch->deliveries[0];
	struct delivery_answer answer;
	enum status status;

	if (!dispatch->last || dispatch->recipient_count != 1 || recipient->outcome != RELAY_SENT ||
	    (!recipient->told && report_is_wanted(delivery, NOTIFY_SUCCESS)))
		return STATUS_BUSY;
	answer = answer_of(messenger, &delivery->id, recipient, false, now, arena);
	status = outbox_set_whole(store, &dispatch->row.id, &dispatch->row.message_id,
				  &delivery->id, &answer);
	if (status == STATUS_OK)
		log_outcome(dispatch, recipient);
	return status;
}

/* It goes another way; what it needs of the message from now on is in its own row. */
static enum status
let_fall(const struct messenger *messenger, struct store *store, const struct dispatch *dispatch,
	 int64_t now, struct arena *arena)
{
	enum delivery_route route;
	enum status status = fall(messenger, store, dispatch, now, arena, &route);

	if (status == STATUS_OK)
		status = outbox_set_sent(store, &dispatch->row.id);
	if (status != STATUS_OK)
		return status;
	if (route == ROUTE_REFUSE)
		return forget_message(store, dispatch);
	if (route == ROUTE_PORTAL && !dispatch->needed)
		return message_drop_gateway_wrap(store, &dispatch->row.message_id);
	return STATUS_OK;
}

/* What is to be remembered of a connection that was verified. */
static enum status
note_connection(const struct messenger *messenger, struct store *store,
		const struct dispatch *dispatch, struct arena *arena)
{
	const struct id *id = &dispatch->deliveries[0].id;
	const struct evidence *proof = dispatch->proof;
	char text[ID_TEXT_SIZE];

	if (dispatch->unclear)
		return delivery_set_handed_over(store, id);
	if (proof == NULL || dispatch->recipients[0].outcome != RELAY_SENT)
		return STATUS_OK;
	log_info("sent-verified", LOG_TEXT("delivery", id_text(*id, text)),
		 LOG_TEXT("host", proof->place), LOG_TEXT("way", proof->source),
		 LOG_TEXT("tls", proof->method), LOG_TEXT("fingerprint", proof->fingerprint));
	return delivery_set_evidence(store, id,
				     evidence_seal(messenger, DELIVERY_EVIDENCE, id, proof, arena));
}

static enum status
finish_message(const struct messenger *messenger, struct store *store, struct dispatch *dispatch,
	       const struct relay_wait *wait, int64_t now, int64_t sure, struct arena *arena)
{
	bool later = false, asked = false;
	enum status status;

	if (dispatch->falls)
		return let_fall(messenger, store, dispatch, now, arena);
	status = note_connection(messenger, store, dispatch, arena);
	if (status != STATUS_OK)
		return status;
	status = finish_whole(messenger, store, dispatch, now, arena);
	if (status != STATUS_BUSY)
		return status;
	status = STATUS_OK;
	for (size_t i = 0; i < dispatch->recipient_count && status == STATUS_OK; i++) {
		const struct relay_recipient *recipient = &dispatch->recipients[i];
		struct fate fate =
		    fate_of(messenger, dispatch, recipient, &dispatch->deliveries[i], sure);

		log_outcome(dispatch, recipient);
		later = later || fate.later;
		asked = asked || recipient->outcome == RELAY_LATER;
		status = note_outcome(messenger, store, dispatch, i, fate, now, arena);
	}
	if (status != STATUS_OK)
		return status;
	if (later)
		return put_back(messenger, store, dispatch, wait, asked, now, arena);
	status = outbox_set_sent(store, &dispatch->row.id);
	return status == STATUS_OK ? forget_message(store, dispatch) : status;
}

enum status
messenger_dispatch_finish(const struct messenger *messenger, struct store *store,
			  struct dispatch *dispatch, const struct relay_wait *wait, int64_t now,
			  int64_t sure, struct arena *arena)
{
	enum status status =
	    dispatch->deliveries != NULL
		? finish_message(messenger, store, dispatch, wait, now, sure, arena)
		: finish_letter(messenger, store, dispatch, wait, now, sure, arena);

	if (status == STATUS_OK)
		status = store_commit(store);
	if (status != STATUS_OK)
		store_rollback(store);
	return status;
}
