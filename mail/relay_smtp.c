#include <string.h>

#include "base/log.h"
#include "mail/relay_part.h"

#define GROUP ((size_t)50) /* commands sent before their replies are read */
#define PIECE ((size_t)32768)

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
any_waiting(const struct relay_letter *letter)
{
	for (size_t i = 0; i < letter->count; i++)
		if (is_waiting(&letter->recipients[i]))
			return true;
	return false;
}

static bool
is_good(const struct relay_reply *reply)
{
	return reply->code / 100 == 2;
}

static void
settle_one(struct relay_letter *letter, struct relay_recipient *recipient,
	   const struct relay_reply *reply)
{
	recipient->outcome = reply->code >= 500 ? RELAY_REFUSED : RELAY_LATER;
	if (is_good(reply))
		recipient->outcome = RELAY_SENT;
	recipient->status = reply->status;
	recipient->reply = arena_printf(letter->arena, "%u %s%s%s", reply->code, reply->status,
					*reply->text == '\0' ? "" : " ", reply->text);
}

static void
settle_by(struct relay_letter *letter, const struct relay_reply *reply)
{
	for (size_t i = 0; i < letter->count; i++)
		if (is_waiting(&letter->recipients[i]))
			settle_one(letter, &letter->recipients[i], reply);
}

/* What the server's offers already rule out. */
static void
refuse_by_offers(const struct relay *relay, struct relay_letter *letter)
{
	const struct relay_offers *offers = &relay->offers;

	if (offers->size_limit > 0 && letter->source->size > offers->size_limit)
		relay_settle(letter, RELAY_REFUSED, "5.3.4",
			     "the letter is larger than the next server takes");
	if (offers->utf8)
		return;
	if (!is_ascii(letter->sender))
		relay_settle(letter, RELAY_REFUSED, "5.6.7",
			     "the next server takes no sender beyond ASCII");
	for (size_t i = 0; i < letter->count; i++) {
		struct relay_recipient *recipient = &letter->recipients[i];

		if (is_waiting(recipient) && !is_ascii(recipient->address)) {
			recipient->outcome = RELAY_REFUSED;
			recipient->status = "5.6.7";
			recipient->reply = "the next server takes no address beyond ASCII";
		}
	}
}

static void
put_mail_command(const struct relay *relay, const struct relay_letter *letter, struct text *out)
{
	bool utf8 = !is_ascii(letter->sender);

	for (size_t i = 0; i < letter->count; i++)
		if (is_waiting(&letter->recipients[i]) && !is_ascii(letter->recipients[i].address))
			utf8 = true;
	text_printf(out, "MAIL FROM:<%s>", letter->sender);
	if (relay->offers.size)
		text_printf(out, " SIZE=%llu", (unsigned long long)letter->source->size);
	if (relay->offers.eight_bit && letter->eight_bit)
		text_append_text(out, " BODY=8BITMIME");
	if (utf8)
		text_append_text(out, " SMTPUTF8");
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
plan(struct relay_letter *letter, struct envelope *envelope)
{
	envelope->steps = arena_alloc_many(letter->arena, letter->count + 2, sizeof(struct step));
	envelope->steps[envelope->count++] = (struct step){.kind = STEP_MAIL};
	for (size_t i = 0; i < letter->count; i++)
		if (is_waiting(&letter->recipients[i]))
			envelope->steps[envelope->count++] =
			    (struct step){.kind = STEP_RCPT, .recipient = &letter->recipients[i]};
	envelope->steps[envelope->count++] = (struct step){.kind = STEP_DATA};
}

static void
put_step(const struct relay *relay, const struct relay_letter *letter, const struct step *step,
	 struct text *out)
{
	switch (step->kind) {
	case STEP_MAIL:
		put_mail_command(relay, letter, out);
		break;
	case STEP_RCPT:
		text_printf(out, "RCPT TO:<%s>\r\n", step->recipient->address);
		break;
	case STEP_DATA:
		text_append_text(out, "DATA\r\n");
		break;
	}
}

static void
take_reply(struct relay_letter *letter, struct envelope *envelope, struct step *step,
	   const struct relay_reply *reply)
{
	if (reply->code == 421) {
		envelope->closing = true;
		settle_by(letter, reply);
		return;
	}
	switch (step->kind) {
	case STEP_MAIL:
		envelope->mail_accepted = is_good(reply);
		if (!is_good(reply))
			settle_by(letter, reply);
		break;
	case STEP_RCPT:
		/* Behind a refused MAIL these replies mean nothing. */
		if (!envelope->mail_accepted)
			break;
		if (is_good(reply))
			envelope->accepted++;
		else
			settle_one(letter, step->recipient, reply);
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
run_group(struct relay *relay, struct relay_letter *letter, struct envelope *envelope, size_t from,
	  size_t to)
{
	struct text commands;
	enum status status;

	text_init(&commands, GROUP * 1024);
	for (size_t i = from; i < to; i++)
		put_step(relay, letter, &envelope->steps[i], &commands);
	status = text_ok(&commands) ? relay_write(relay, text_slice(&commands)) : STATUS_INTERNAL;
	text_clear(&commands);
	for (size_t i = from; i < to && status == STATUS_OK && !envelope->closing; i++) {
		struct relay_reply reply;

		status = relay_read(relay, letter->arena, &reply);
		if (status == STATUS_OK)
			take_reply(letter, envelope, &envelope->steps[i], &reply);
	}
	return status;
}

static enum status
run_envelope(struct relay *relay, struct relay_letter *letter, struct envelope *envelope)
{
	size_t group = relay->offers.pipelining ? GROUP : 1;
	enum status status = STATUS_OK;

	for (size_t i = 0; i < envelope->count && status == STATUS_OK; i += group) {
		size_t end = i + group < envelope->count ? i + group : envelope->count;

		if (is_needed(envelope, &envelope->steps[i]))
			status = run_group(relay, letter, envelope, i, end);
	}
	return status;
}

/* Dots at the beginning of a line are doubled (RFC 5321 section 4.5.2). */
static void
stuff(struct slice piece, bool *line_start, struct text *out)
{
	for (size_t i = 0; i < piece.size;) {
		size_t end = slice_find_byte(piece, '\n', i);

		end = end == SLICE_NONE ? piece.size : end + 1;
		if (*line_start && piece.data[i] == '.')
			text_append_byte(out, '.');
		text_append(out, slice_part(piece, i, end));
		*line_start = piece.data[end - 1] == '\n';
		i = end;
	}
}

static enum status
send_content(struct relay *relay, struct relay_letter *letter)
{
	const struct source *source = letter->source;
	unsigned char piece[PIECE];
	bool line_start = true;
	enum status status = STATUS_OK;
	struct text out;

	text_init(&out, PIECE * 2 + 8);
	for (uint64_t at = 0; at < source->size && status == STATUS_OK;) {
		size_t size = source->size - at < PIECE ? (size_t)(source->size - at) : PIECE;

		status = source_read_exactly(source, at, piece, size);
		if (status != STATUS_OK)
			break;
		text_reset(&out);
		stuff(slice_of(piece, size), &line_start, &out);
		status = relay_write(relay, text_slice(&out));
		at += size;
	}
	text_clear(&out);
	if (status == STATUS_OK)
		status = relay_write(relay, line_start ? SLICE(".\r\n") : SLICE("\r\n.\r\n"));
	return status;
}

static enum status
run_letter(struct relay *relay, struct relay_letter *letter, struct envelope *envelope)
{
	struct relay_reply reply;
	enum status status = run_envelope(relay, letter, envelope);

	if (status != STATUS_OK || envelope->closing || envelope->data.code == 0)
		return status;
	if (envelope->data.code != 354) {
		/* "250" without having seen the letter is no promise. */
		if (envelope->data.code < 400)
			return STATUS_UNAVAILABLE;
		settle_by(letter, &envelope->data);
		return STATUS_OK;
	}
	/* A pipelined DATA may be taken though nobody is to get the letter: end it empty
	 * (RFC 2920 section 3.1). */
	if (envelope->accepted == 0)
		status = relay_write(relay, SLICE(".\r\n"));
	else
		status = send_content(relay, letter);
	if (status == STATUS_OK)
		status = relay_read(relay, letter->arena, &reply);
	if (status == STATUS_OK && reply.code / 100 == 3)
		status = STATUS_UNAVAILABLE;
	if (status != STATUS_OK)
		return status;
	if (reply.code == 421)
		envelope->closing = true;
	if (envelope->accepted > 0)
		settle_by(letter, &reply);
	return STATUS_OK;
}

/* A connection that takes a letter: the kept one where it still answers, else a new one. */
static enum status
be_connected(struct relay *relay, struct relay_letter *letter, const char **reason_out)
{
	struct relay_reply reply;

	if (relay->curl != NULL) {
		if (relay->received.size == 0 &&
		    relay_write(relay, SLICE("RSET\r\n")) == STATUS_OK &&
		    relay_read(relay, letter->arena, &reply) == STATUS_OK && reply.code == 250)
			return STATUS_OK;
		relay_disconnect(relay);
	}
	return relay_connect(relay, reason_out);
}

/* Nobody knows what became of the letter: all recipients are tried again. */
static void
settle_broken(struct relay_letter *letter, const char *status, const char *reason)
{
	for (size_t i = 0; i < letter->count; i++)
		letter->recipients[i].status = NULL;
	relay_settle(letter, RELAY_LATER, status, reason);
}

enum status
relay_smtp_send(struct relay *relay, struct relay_letter *letter)
{
	struct envelope envelope = {.count = 0};
	const char *reason = "";
	enum status status;

	if (!any_waiting(letter))
		return STATUS_OK;
	status = be_connected(relay, letter, &reason);
	if (status != STATUS_OK) {
		settle_broken(letter, "4.4.1", reason);
		return status;
	}
	refuse_by_offers(relay, letter);
	if (!any_waiting(letter))
		return STATUS_OK;
	plan(letter, &envelope);
	status = run_letter(relay, letter, &envelope);
	if (status != STATUS_OK) {
		log_warning("relay-broke-off", LOG_TEXT("host", relay->settings.host),
			    LOG_TEXT("letter", letter->id),
			    LOG_TEXT("status", status_text(status)));
		settle_broken(letter, "4.4.2", "the connection broke off");
	}
	if (status != STATUS_OK || envelope.closing)
		relay_disconnect(relay);
	return status;
}
