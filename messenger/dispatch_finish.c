/*
 * What the relay said of a letter, written down: with each recipient, with the
 * message when nobody waits for it any more, and in the outbox.
 */
#include "messenger/dispatch_part.h"

#include "base/log.h"
#include "messenger/factor.h"
#include "messenger/fall.h"
#include "messenger/post.h"
#include "messenger/remind.h"
#include "messenger/report.h"
#include "messenger/schedule.h"
#include "store/desk.h"
#include "store/factor.h"
#include "store/give_up.h"
#include "store/reset.h"

#define PHONE_RETRY_SECONDS 15

/* What has become of one recipient of a letter. */
struct fate {
	bool refused; /* or given up */
	bool later;
	bool told; /* its sender is to be told that it waits */
};

/* A code that would come when it is over is of no use to anybody. */
static int64_t
retry_delay(const struct messenger *messenger, const struct dispatch *dispatch)
{
	const struct outbox_row *row = &dispatch->row;
	int64_t first = messenger->policy->retry_seconds;

	if ((row->kind == OUTBOX_PHONE || row->kind == OUTBOX_PDF_PHONE) &&
	    first > PHONE_RETRY_SECONDS)
		first = PHONE_RETRY_SECONDS;
	return schedule_delay(first, row->tries, &row->id);
}

static bool
is_late(const struct messenger *messenger, const struct dispatch *dispatch, int64_t now)
{
	return dispatch->row.kind == OUTBOX_PHONE &&
	       now + retry_delay(messenger, dispatch) >= dispatch->row.created_at + FACTOR_SECONDS;
}

static struct fate
fate_of(const struct messenger *messenger, const struct dispatch *dispatch,
	const struct relay_recipient *recipient, const struct delivery_row *delivery, int64_t sure)
{
	const struct policy *policy = messenger->policy;
	int64_t age = sure - dispatch->row.created_at;
	bool waits = recipient->outcome == RELAY_LATER || recipient->outcome == RELAY_WAITING;
	bool give_up = age >= policy->give_up_seconds || is_late(messenger, dispatch, sure);
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

/* The mail with the PDF has left, or never will: what was kept for it goes. */
static enum status
note_pdf(const struct messenger *messenger, struct store *store, const struct dispatch *dispatch,
	 struct fate fate, int64_t now, struct arena *arena)
{
	struct delivery_row row;
	enum status status = delivery_read(store, &dispatch->row.delivery_id, true, arena, &row);

	if (status != STATUS_OK)
		return status;
	row.pdf_outcome = dispatch->pdf_not_made ? PDF_NOT_MADE : PDF_LEFT;
	if (fate.refused)
		row.pdf_outcome = PDF_REFUSED;
	status = delivery_set_pdf_over(
	    store, &row.id, row.pdf_outcome, now,
	    row.state == DELIVERY_READY ? remind_next(messenger->policy, &row, now) : 0);
	/* One that was known before: a crash between sending and marking. */
	return status == STATUS_CONFLICT ? STATUS_OK : status;
}

static enum status
note_pdf_mail(const struct messenger *messenger, struct store *store,
	      const struct dispatch *dispatch, struct fate fate, int64_t now, struct arena *arena)
{
	enum status status = STATUS_OK;

	/* Not while its sender is told that it waits. */
	if (!fate.later)
		status = note_pdf(messenger, store, dispatch, fate, now, arena);
	return status == STATUS_OK ? note_notice(messenger, store, dispatch, fate, now, arena)
				   : status;
}

/* A password was told, or cannot be.  Where no phone can be told, its sender is, who can tell the
 * recipient; behind the sender there is nobody, and their page says so. */
static enum status
note_pdf_password(struct store *store, const struct dispatch *dispatch, struct fate fate,
		  int64_t now, struct arena *arena)
{
	const struct id *id = &dispatch->row.delivery_id;
	struct delivery_row row;
	/* Locked before anything is looked at: the PDF itself may be noted in this moment, and each
	 * would leave it to the other to wipe the password. */
	enum status status = delivery_read(store, id, true, arena, &row);
	char text[ID_TEXT_SIZE];

	if (status == STATUS_OK && fate.refused) {
		log_warning("password-not-sent", LOG_TEXT("letter", dispatch->letter_id),
			    LOG_TEXT("delivery", id_text(*id, text)));
		if (dispatch->row.kind == OUTBOX_PDF_PHONE) {
			status = post(store, OUTBOX_PDF_PASSWORD, &row, now);
			if (status == STATUS_OK)
				status = delivery_set_pdf_phone_failed(store, id);
		}
	}
	return status == STATUS_OK
		   ? delivery_set_pdf_told(store, id, &dispatch->row.id, !fate.refused)
		   : status;
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
	case OUTBOX_PDF:
		return note_pdf_mail(messenger, store, dispatch, fate, now, arena);
	case OUTBOX_PDF_PASSWORD:
	case OUTBOX_PDF_PHONE:
		return note_pdf_password(store, dispatch, fate, now, arena);
	case OUTBOX_SENT:
		return delivery_drop_sender_wrap(store, &dispatch->row.delivery_id);
	case OUTBOX_SIGN_IN:
		return sign_in_mailed(store, &dispatch->row.code_id);
	case OUTBOX_GIVE_UP:
		return give_up_mailed(store, &dispatch->row.code_id);
	case OUTBOX_FACTORS_LOST:
		return reset_mailed(store, &dispatch->row.code_id);
	case OUTBOX_PHONE:
		if (fate.refused)
			log_warning(
			    "code-not-sent", LOG_TEXT("letter", dispatch->letter_id),
			    LOG_TEXT("delivery", id_text(dispatch->row.delivery_id, delivery)));
		return factor_mailed(store, &dispatch->row.code_id);
	case OUTBOX_CODE:
		return factor_mailed(store, &dispatch->row.code_id);
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
		return outbox_set_later(store, &row->id, now + retry_delay(messenger, dispatch));
	return outbox_set_waiting(store, &row->id, now + wait->seconds,
				  dispatch_lane(messenger, wait->transport, arena));
}

/* The delivery that a letter of Postern's own is about. */
static enum status
read_subject(struct store *store, const struct dispatch *dispatch, struct arena *arena,
	     struct delivery_row *row_out)
{
	*row_out = (struct delivery_row){.delayed_at = 1};
	if (dispatch->row.kind != OUTBOX_NOTICE && dispatch->row.kind != OUTBOX_NEW_CLUE &&
	    dispatch->row.kind != OUTBOX_SUSPENDED_RECIPIENT && dispatch->row.kind != OUTBOX_PDF)
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

	return store_end(store, status);
}
