#include <string.h>

#include "base/log.h"
#include "mail/relay_part.h"

#define GROUP ((size_t)50) /* commands sent before their replies are read */
/* RFC 3461 sections 4.2 and 4.4. */
#define ORIGINAL_MAX ((size_t)500)
#define ENVELOPE_ID_MAX ((size_t)100)

static bool
is_ascii(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

static bool
is_waiting(const struct relay_recipient *recipient)
{
	return recipient->status == NULL;
}

static bool
any_waiting(const struct relay_sending *sending)
{
	for (size_t i = 0; i < sending->letter->count; i++)
		if (is_waiting(&sending->letter->recipients[i]))
			return true;
	return false;
}

static bool
is_good(const struct relay_reply *reply)
{
	return reply->code / 100 == 2;
}

static void
settle_one(struct relay_sending *sending, struct relay_recipient *recipient,
	   const struct relay_reply *reply)
{
	recipient->outcome = reply->code >= 500 ? RELAY_REFUSED : RELAY_LATER;
	if (is_good(reply))
		recipient->outcome = RELAY_SENT;
	recipient->status = reply->status;
	recipient->host = sending->host;
	recipient->reply = arena_printf(sending->arena, "%u %s%s%s", reply->code, reply->status,
					*reply->text == '\0' ? "" : " ", reply->text);
}

static void
settle_by(struct relay_sending *sending, const struct relay_reply *reply)
{
	for (size_t i = 0; i < sending->letter->count; i++)
		if (is_waiting(&sending->letter->recipients[i]))
			settle_one(sending, &sending->letter->recipients[i], reply);
}

/* Whether the letter can only go where SMTPUTF8 is offered (RFC 6531 section 3.2). */
static bool
needs_utf8(const struct relay_sending *sending)
{
	const struct relay_letter *letter = sending->letter;

	for (size_t i = 0; i < letter->count; i++)
		if (is_waiting(&letter->recipients[i]) && !is_ascii(letter->recipients[i].address))
			return true;
	return !is_ascii(letter->sender) || (letter->utf8 && sending->utf8_header);
}

/* Bytes of the whole letter, as well as that is known. */
static uint64_t
size_of(const struct relay_letter *letter)
{
	return letter->source->size + (letter->making != NULL ? letter->making->about : 0);
}

/* What the server's offers already rule out. */
static void
refuse_by_offers(const struct relay *relay, struct relay_sending *sending)
{
	const struct relay_offers *offers = &relay->offers;
	const struct relay_letter *letter = sending->letter;

	if (offers->size_limit > 0 && size_of(letter) > offers->size_limit)
		relay_settle(sending, RELAY_REFUSED, "5.3.4",
			     "the letter is larger than the next server takes");
	if (letter->binary && !(offers->chunking && offers->binary))
		relay_settle(sending, RELAY_REFUSED, "5.6.3",
			     "the next server takes no binary letters");
	if (offers->utf8)
		return;
	if (!is_ascii(letter->sender))
		relay_settle(sending, RELAY_REFUSED, "5.6.7",
			     "the next server takes no sender beyond ASCII");
	if (letter->utf8 && sending->utf8_header)
		relay_settle(sending, RELAY_REFUSED, "5.6.7",
			     "the next server takes no header fields beyond ASCII");
	for (size_t i = 0; i < letter->count; i++) {
		struct relay_recipient *recipient = &letter->recipients[i];

		if (is_waiting(recipient) && !is_ascii(recipient->address)) {
			recipient->outcome = RELAY_REFUSED;
			recipient->status = "5.6.7";
			recipient->reply = "the next server takes no address beyond ASCII";
		}
	}
}

/* Fit for a parameter of MAIL or RCPT: xtext and what else stands in printable ASCII. */
static bool
is_parameter(const char *text, size_t most)
{
	size_t size = 0;

	for (; text != NULL && text[size] != '\0'; size++)
		if (text[size] <= ' ' || text[size] >= 0x7f)
			return false;
	return size > 0 && size <= most;
}

static void
put_mail_command(const struct relay *relay, const struct relay_sending *sending, struct text *out)
{
	const struct relay_letter *letter = sending->letter;
	const struct relay_offers *offers = &relay->offers;

	text_printf(out, "MAIL FROM:<%s>", letter->sender);
	if (offers->size)
		text_printf(out, " SIZE=%llu", (unsigned long long)size_of(letter));
	if (letter->binary)
		text_append_text(out, " BODY=BINARYMIME");
	else if (offers->eight_bit && sending->eight_bit)
		text_append_text(out, " BODY=8BITMIME");
	if (needs_utf8(sending))
		text_append_text(out, " SMTPUTF8");
	if (offers->dsn && letter->returns != RELAY_RETURN_UNSAID)
		text_append_text(out,
				 letter->returns == RELAY_RETURN_FULL ? " RET=FULL" : " RET=HDRS");
	if (offers->dsn && is_parameter(letter->envelope_id, ENVELOPE_ID_MAX))
		text_printf(out, " ENVID=%s", letter->envelope_id);
	text_append_text(out, "\r\n");
}

static void
put_recipient_command(const struct relay *relay, const struct relay_recipient *recipient,
		      struct text *out)
{
	static const char *const words[] = {"SUCCESS", "FAILURE", "DELAY", "NEVER"};
	const char *before = " NOTIFY=";

	text_printf(out, "RCPT TO:<%s>", recipient->address);
	for (unsigned i = 0; relay->offers.dsn && i < 4; i++) {
		if ((recipient->notify & 1U << i) == 0)
			continue;
		text_printf(out, "%s%s", before, words[i]);
		before = ",";
	}
	if (relay->offers.dsn && is_parameter(recipient->original, ORIGINAL_MAX))
		text_printf(out, " ORCPT=%s", recipient->original);
	text_append_text(out, "\r\n");
}

/* The envelope as a list of steps: MAIL, each waiting RCPT, DATA. */
struct step {
	enum { STEP_MAIL, STEP_RCPT, STEP_DATA } kind;
	struct relay_recipient *recipient;
	bool accepted;
};

struct envelope {
	struct step *steps;
	size_t count;
	bool mail_accepted;
	size_t accepted;
	bool closing;		 /* 421: the server closes */
	struct relay_reply data; /* the reply to DATA; code 0 before */
};

static void
plan(struct relay_sending *sending, struct envelope *envelope)
{
	envelope->steps =
	    arena_alloc_many(sending->arena, sending->letter->count + 2, sizeof(struct step));
	envelope->steps[envelope->count++] = (struct step){.kind = STEP_MAIL};
	for (size_t i = 0; i < sending->letter->count; i++)
		if (is_waiting(&sending->letter->recipients[i]))
			envelope->steps[envelope->count++] = (struct step){
			    .kind = STEP_RCPT, .recipient = &sending->letter->recipients[i]};
	if (!sending->letter->binary)
		envelope->steps[envelope->count++] = (struct step){.kind = STEP_DATA};
}

static void
put_step(const struct relay *relay, const struct relay_sending *sending, const struct step *step,
	 struct text *out)
{
	switch (step->kind) {
	case STEP_MAIL:
		put_mail_command(relay, sending, out);
		break;
	case STEP_RCPT:
		put_recipient_command(relay, step->recipient, out);
		break;
	case STEP_DATA:
		text_append_text(out, "DATA\r\n");
		break;
	}
}

static void
take_reply(struct relay_sending *sending, struct envelope *envelope, struct step *step,
	   const struct relay_reply *reply)
{
	if (reply->code == 421) {
		envelope->closing = true;
		settle_by(sending, reply);
		return;
	}
	switch (step->kind) {
	case STEP_MAIL:
		envelope->mail_accepted = is_good(reply);
		if (!is_good(reply))
			settle_by(sending, reply);
		break;
	case STEP_RCPT:
		/* Behind a refused MAIL these replies mean nothing. */
		if (!envelope->mail_accepted)
			break;
		if (is_good(reply))
			envelope->accepted++;
		else
			settle_one(sending, step->recipient, reply);
		break;
	case STEP_DATA:
		envelope->data = *reply;
		break;
	}
}

/* Whether a step still makes sense when the steps before are answered. */
static bool
is_needed(const struct envelope *envelope, const struct step *step)
{
	if (envelope->closing)
		return false;
	if (step->kind == STEP_RCPT)
		return envelope->mail_accepted;
	return step->kind == STEP_MAIL || envelope->accepted > 0;
}

/* Send steps [from, to) and read their replies. */
static enum status
run_group(struct relay *relay, struct relay_sending *sending, struct envelope *envelope,
	  size_t from, size_t to)
{
	struct text commands;
	enum status status;

	text_init(&commands, GROUP * 1024);
	for (size_t i = from; i < to; i++)
		put_step(relay, sending, &envelope->steps[i], &commands);
	status = text_ok(&commands) ? relay_write(relay, text_slice(&commands)) : STATUS_INTERNAL;
	text_clear(&commands);
	for (size_t i = from; i < to && status == STATUS_OK && !envelope->closing; i++) {
		struct relay_reply reply;

		status = relay_read(relay, sending->arena, &reply);
		if (status == STATUS_OK)
			take_reply(sending, envelope, &envelope->steps[i], &reply);
	}
	return status;
}

static enum status
run_envelope(struct relay *relay, struct relay_sending *sending, struct envelope *envelope)
{
	size_t group = relay->offers.pipelining ? GROUP : 1;
	enum status status = STATUS_OK;

	for (size_t i = 0; i < envelope->count && status == STATUS_OK; i += group) {
		size_t end = i + group < envelope->count ? i + group : envelope->count;

		if (is_needed(envelope, &envelope->steps[i]))
			status = run_group(relay, sending, envelope, i, end);
	}
	return status;
}

/* Behind an answered envelope: the letter itself, as far as anybody is to get it. */
static enum status
hand_over(struct relay *relay, struct relay_sending *sending, struct envelope *envelope)
{
	if (sending->letter->binary)
		return relay_send_chunk(relay, sending);
	/* A pipelined DATA may be taken though nobody is to get the letter: end it empty
	 * (RFC 2920 section 3.1). */
	if (envelope->accepted == 0)
		return relay_write(relay, SLICE(".\r\n"));
	return relay_send_lines(relay, sending);
}

static enum status
take_last_reply(struct relay *relay, struct relay_sending *sending, struct envelope *envelope)
{
	struct relay_reply reply;
	enum status status = relay_read(relay, sending->arena, &reply);

	if (status == STATUS_OK && reply.code / 100 == 3)
		status = STATUS_UNAVAILABLE;
	if (status != STATUS_OK)
		return status;
	envelope->closing = reply.code == 421;
	relay->clean = !envelope->closing;
	if (envelope->accepted > 0)
		settle_by(sending, &reply);
	for (size_t i = 0; i < sending->letter->count; i++)
		sending->letter->recipients[i].told =
		    relay->offers.dsn && sending->letter->recipients[i].outcome == RELAY_SENT;
	return STATUS_OK;
}

static enum status
run_letter(struct relay *relay, struct relay_sending *sending, struct envelope *envelope)
{
	bool chunk = sending->letter->binary;
	enum status status = run_envelope(relay, sending, envelope);

	if (status != STATUS_OK || envelope->closing)
		return status;
	if (chunk ? envelope->accepted == 0 : envelope->data.code == 0)
		return STATUS_OK;
	if (!chunk && envelope->data.code != 354) {
		/* "250" without having seen the letter is no promise. */
		if (envelope->data.code < 400)
			return STATUS_UNAVAILABLE;
		settle_by(sending, &envelope->data);
		return STATUS_OK;
	}
	status = hand_over(relay, sending, envelope);
	return status == STATUS_OK ? take_last_reply(relay, sending, envelope) : status;
}

/* A kept connection that did not end its last letter properly must forget it first. */
static enum status
be_connected(struct relay *relay, struct relay_sending *sending, const char **reason_out)
{
	struct relay_reply reply;

	if (relay->curl != NULL && relay->received.size == 0) {
		if (relay->clean)
			return STATUS_OK;
		if (relay_write(relay, SLICE("RSET\r\n")) == STATUS_OK &&
		    relay_read(relay, sending->arena, &reply) == STATUS_OK && reply.code == 250)
			return STATUS_OK;
	}
	relay_disconnect(relay);
	return relay_connect(relay, reason_out);
}

static void
forget(struct relay_sending *sending)
{
	for (size_t i = 0; i < sending->letter->count; i++)
		sending->letter->recipients[i].status = NULL;
}

/* Nobody knows what became of the letter: all recipients are tried again. */
static void
settle_broken(struct relay_sending *sending, const char *status, const char *reason)
{
	forget(sending);
	relay_settle(sending, RELAY_LATER, status, reason);
}

/* One try over the connection at hand. */
static enum status
try_once(struct relay *relay, struct relay_sending *sending)
{
	struct envelope envelope = {.count = 0};
	enum status status;

	refuse_by_offers(relay, sending);
	if (!any_waiting(sending))
		return STATUS_OK;
	relay->clean = false;
	plan(sending, &envelope);
	status = run_letter(relay, sending, &envelope);
	relay->used = true;
	relay->unclear = status == STATUS_UNAVAILABLE && sending->handed_over;
	relay->elsewhere =
	    envelope.closing || (status == STATUS_UNAVAILABLE && !sending->handed_over);
	if (status != STATUS_OK || envelope.closing)
		relay_disconnect(relay);
	return status;
}

enum status
relay_smtp_send(struct relay *relay, struct relay_sending *sending)
{
	const char *reason = "";
	enum status status;
	bool kept;

	if (!any_waiting(sending))
		return STATUS_OK;
	do {
		status = be_connected(relay, sending, &reason);
		if (status != STATUS_OK) {
			settle_broken(sending, "4.4.1", reason);
			relay->elsewhere = status == STATUS_UNAVAILABLE;
			return status;
		}
		kept = relay->used;
		status = try_once(relay, sending);
		if (status != STATUS_OK) {
			log_warning("relay-broke-off", LOG_TEXT("host", relay->settings.host),
				    LOG_TEXT("letter", sending->letter->id),
				    LOG_TEXT("status", status_text(status)));
			settle_broken(sending, "4.4.2", "the connection broke off");
		}
		/* A kept connection may have ended long ago: that says nothing of the server. */
		if (status == STATUS_UNAVAILABLE && kept && !sending->handed_over)
			forget(sending);
		else
			kept = false;
	} while (kept);
	return status;
}
