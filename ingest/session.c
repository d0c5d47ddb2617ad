#include "ingest/session.h"

#include <stdlib.h>

#include "ingest/command.h"
#include "ingest/login.h"

/* Replies to what one read brought in are gathered; past this they are sent first. */
#define REPLIES_FLUSH ((size_t)8192)
#define REPLIES_MAX ((size_t)65536)

/* First byte of a TLS record with a ClientHello (RFC 8446 section 5.1). */
#define TLS_HANDSHAKE 0x16

struct session *
session_new(const struct session_settings *settings, const struct session_rules *rules,
	    const char *client_address)
{
	struct session *session = calloc(1, sizeof(*session));

	if (session == NULL)
		abort();
	session->settings = settings;
	session->client_address = client_address;
	session->rules = rules;
	session->user = "";
	session->login_name = "";
	text_init(&session->line, SESSION_AUTH_LINE_MAX);
	text_init(&session->replies, REPLIES_MAX);
	text_printf(&session->replies, "220 %s ESMTP Postern\r\n", settings->host_name);
	return session;
}

void
session_free(struct session *session)
{
	if (session == NULL)
		return;
	session_drop_transaction(session);
	text_clear(&session->line);
	text_clear(&session->replies);
	free(session->client_name);
	auth_free(session->auth);
	free(session);
}

void
session_drop_transaction(struct session *session)
{
	const struct transaction *transaction = session->transaction;

	if (transaction != NULL && transaction->begun && !transaction->given_up)
		session->owes_give_up = true;
	transaction_free(session->transaction);
	session->transaction = NULL;
	forward_clear(&session->forward);
}

struct slice
session_replies(const struct session *session)
{
	return text_slice(&session->replies);
}

void
session_replies_sent(struct session *session)
{
	text_reset(&session->replies);
}

void
session_reply(struct session *session, enum reply reply)
{
	if (reply_code(reply) >= 500)
		session->errors++;
	reply_write(reply, &session->replies);
}

void
session_interrupt(struct session *session, enum reply reply)
{
	if (session->phase == SESSION_CLOSED)
		return;
	session_reply(session, reply);
	session->phase = SESSION_CLOSED;
}

bool
session_is_in_text(const struct session *session)
{
	return session->phase == SESSION_IN_TEXT ||
	       (session->transaction != NULL && session->transaction->begun);
}

/* A message in hand is still taken. */
static void
stop_when_draining(struct session *session)
{
	if (session->draining && session->phase == SESSION_IN_COMMANDS &&
	    !session_is_in_text(session))
		session_interrupt(session, REPLY_SHUTTING_DOWN);
}

/* What a read brought for the command line. */
enum line {
	LINE_UNFINISHED,
	LINE_GOOD,
	LINE_BARE,	/* holds a CR or NUL; its end is clear */
	LINE_BARE_FEED, /* ends in a LF alone: where the next one begins is anybody's guess */
	LINE_TOO_LONG,
	LINE_ENDLESS,
};

/* Only what belongs to AUTH may be longer than other commands. */
static size_t
line_limit(const struct session *session, struct slice line)
{
	bool auth = session->auth != NULL || slice_starts_nocase(line, SLICE("AUTH "));

	return auth ? SESSION_AUTH_LINE_MAX : SESSION_LINE_MAX;
}

static enum line
judge_line(const struct session *session, struct slice *line, unsigned char before_feed)
{
	if (before_feed != '\r')
		return LINE_BARE_FEED;
	if (!text_ok(&session->line) || line->size > line_limit(session, *line))
		return LINE_TOO_LONG;
	*line = slice_part(*line, 0, line->size - 2);
	if (slice_find_byte(*line, '\r', 0) != SLICE_NONE ||
	    slice_find_byte(*line, '\0', 0) != SLICE_NONE)
		return LINE_BARE;
	return LINE_GOOD;
}

/* Take one command line off *input.  It is used where it lies when it came whole, and gathered in
 * session->line otherwise. */
static enum line
take_line(struct session *session, struct slice *input, struct slice *line_out)
{
	size_t line_feed = slice_find_byte(*input, '\n', 0);
	bool whole = line_feed != SLICE_NONE;
	struct slice part = slice_part(*input, 0, whole ? line_feed + 1 : input->size);
	bool gathered = session->line.size > 0 || session->line.overflowed;
	unsigned char before_feed = session->line_last;

	*input = slice_part(*input, part.size, input->size);
	if (gathered || !whole) {
		size_t room = SESSION_AUTH_LINE_MAX - session->line.size;

		/* Of a line that is too long the beginning is kept: it tells the verb. */
		text_append(&session->line, slice_part(part, 0, room));
		text_append(&session->line, slice_part(part, room, part.size));
	}
	if (part.size > (whole ? 1 : 0))
		before_feed = part.data[part.size - (whole ? 2 : 1)];
	session->line_last = whole ? '\0' : before_feed;
	session->line_size += part.size;
	/* Told by the size alone, so that it does not depend on how the line was cut on its way. */
	if (session->line_size > SESSION_LINE_ENDLESS)
		return LINE_ENDLESS;
	if (!whole)
		return LINE_UNFINISHED;
	*line_out = gathered ? text_slice(&session->line) : part;
	return judge_line(session, line_out, before_feed);
}

/* A command that could not be read but announces a chunk: what follows would be run as commands. */
static void
close_behind_chunk(struct session *session, struct slice line)
{
	if (slice_starts_nocase(line, SLICE("BDAT")))
		session->phase = SESSION_CLOSED;
}

static void
run_line(struct session *session, enum line kind, struct slice line)
{
	if (kind == LINE_UNFINISHED)
		return;
	if (session->errors >= SESSION_ERRORS_MAX) {
		session_interrupt(session, REPLY_TOO_MANY_ERRORS);
		return;
	}
	if (session->auth != NULL && (kind == LINE_BARE || kind == LINE_TOO_LONG)) {
		login_break(session, kind == LINE_BARE ? REPLY_NOT_BASE64 : REPLY_LOGIN_TOO_LONG);
		text_reset(&session->line);
		session->line_size = 0;
		return;
	}
	switch (kind) {
	case LINE_UNFINISHED:
		break;
	case LINE_GOOD:
		if (session->auth != NULL)
			login_line(session, line);
		else
			command_run(session, line);
		break;
	case LINE_BARE:
		session_reply(session, REPLY_BARE_LINE_END);
		close_behind_chunk(session, line);
		break;
	case LINE_BARE_FEED:
		session_reply(session, REPLY_BARE_LINE_END);
		session->phase = SESSION_CLOSED;
		break;
	case LINE_TOO_LONG:
		session_reply(session, REPLY_LINE_TOO_LONG);
		close_behind_chunk(session, line);
		break;
	case LINE_ENDLESS:
		session_reply(session, REPLY_LINE_TOO_LONG);
		session->phase = SESSION_CLOSED;
		break;
	}
	text_reset(&session->line);
	session->line_size = 0;
}

static bool
is_tls_hello(const struct session *session, struct slice input)
{
	return !session->tls && session->line.size == 0 && !session->line.overflowed &&
	       input.data[0] == TLS_HANDSHAKE;
}

static void
step_command(struct session *session, struct slice *input)
{
	struct slice line = {NULL, 0};
	enum line kind;

	/* TLS from the first byte has no line end that could be waited for. */
	if (is_tls_hello(session, *input)) {
		session_reply(session, REPLY_NOT_SMTP);
		session->phase = SESSION_CLOSED;
		return;
	}
	kind = take_line(session, input, &line);
	run_line(session, kind, line);
	stop_when_draining(session);
	if (session->phase != SESSION_AT_TLS)
		return;
	/* What was sent before the handshake could be anybody's: it must not be
	 * taken for something that came inside TLS (CVE-2011-0411). */
	if (input->size > 0) {
		session_reply(session, REPLY_PLAIN_BEHIND_TLS);
		session->phase = SESSION_CLOSED;
	} else {
		session_reply(session, REPLY_START_TLS);
	}
}

static void
end_transaction(struct session *session)
{
	session_drop_transaction(session);
	session->phase = SESSION_IN_COMMANDS;
	stop_when_draining(session);
}

void
session_begin_chunk(struct session *session, uint64_t size, bool last, enum reply refusal)
{
	struct transaction *transaction = session->transaction;

	if (refusal == REPLY_OK) {
		transaction_begin_chunk(transaction, size, last);
		refusal = transaction->refusal;
	}
	if (refusal != REPLY_OK && transaction_is_too_much(size, session->rules->message_size)) {
		session_interrupt(session, refusal);
	} else if (refusal != REPLY_OK && (transaction == NULL || !transaction->chunked)) {
		session->skip = size;
		session->skip_reply = refusal;
		session->phase = SESSION_IN_TEXT;
	} else if (refusal == REPLY_OK && !transaction->begun) {
		session->phase = SESSION_AT_BEGIN;
	} else {
		transaction->given_up = !transaction->begun;
		session->phase = SESSION_IN_TEXT;
	}
}

/* A chunk that was refused before it came (RFC 3030 section 2). */
static void
step_skip(struct session *session, struct slice *input)
{
	size_t size = input->size < session->skip ? input->size : (size_t)session->skip;

	*input = slice_part(*input, size, input->size);
	session->skip -= size;
	session->text_read += size;
	if (session->skip > 0)
		return;
	session_reply(session, session->skip_reply);
	session->skip_reply = REPLY_OK;
	session->phase = SESSION_IN_COMMANDS;
	stop_when_draining(session);
}

/* The text, or one of its chunks, has been taken to its end. */
static enum session_step
end_text(struct session *session, struct slice *content_out)
{
	struct transaction *transaction = session->transaction;
	bool ended = transaction_ended(transaction);
	struct slice line_end = {NULL, 0};

	if (transaction->refusal != REPLY_OK && !transaction->given_up) {
		transaction->given_up = true;
		return SESSION_GIVE_UP;
	}
	if (transaction->refusal != REPLY_OK) {
		session_reply(session, transaction->refusal);
		end_transaction(session);
		return SESSION_READ;
	}
	if (ended)
		line_end = transaction_complete(transaction);
	if (line_end.size > 0) {
		*content_out = line_end;
		return SESSION_CONTENT;
	}
	if (!ended)
		session_reply(session, REPLY_OK);
	session->phase = ended ? SESSION_AT_END : SESSION_IN_COMMANDS;
	return SESSION_READ;
}

/* Returns SESSION_READ when there is nothing for the caller to do yet. */
static enum session_step
step_text(struct session *session, struct slice *input, struct slice *content_out)
{
	struct transaction *transaction = session->transaction;
	struct slice content = {NULL, 0};

	while (input->size > 0 && !transaction_paused(transaction) && content.size == 0) {
		size_t before = input->size;

		content = transaction_take_text(transaction, input);
		session->text_read += before - input->size;
		if (transaction->refusal != REPLY_OK && !transaction->given_up) {
			transaction->given_up = true;
			return SESSION_GIVE_UP;
		}
	}
	if (content.size > 0) {
		*content_out = content;
		return SESSION_CONTENT;
	}
	if (transaction_is_endless(transaction)) {
		session_reply(session, transaction->refusal);
		session->phase = SESSION_CLOSED;
	} else if (transaction_paused(transaction)) {
		return end_text(session, content_out);
	}
	return SESSION_READ;
}

enum session_step
session_step(struct session *session, struct slice *input, struct slice *content_out)
{
	for (;;) {
		enum session_step step;

		if (session->owes_give_up) {
			session->owes_give_up = false;
			return SESSION_GIVE_UP;
		}
		if (session->owes_login) {
			session->owes_login = false;
			return SESSION_LOGIN;
		}
		switch (session->phase) {
		case SESSION_IN_COMMANDS:
			if (input->size == 0 || session->replies.size > REPLIES_FLUSH)
				return SESSION_READ;
			step_command(session, input);
			break;
		case SESSION_IN_TEXT:
			step = SESSION_READ;
			if (session->skip_reply != REPLY_OK)
				step_skip(session, input);
			else
				step = step_text(session, input, content_out);
			if (step != SESSION_READ)
				return step;
			if (session->phase == SESSION_IN_TEXT && input->size == 0)
				return SESSION_READ;
			break;
		case SESSION_AT_BEGIN:
			return SESSION_BEGIN;
		case SESSION_AT_END:
			return SESSION_END;
		case SESSION_AT_TLS:
			return SESSION_START_TLS;
		case SESSION_CLOSED:
			return SESSION_CLOSE;
		}
	}
}

static void
answer_begin(struct session *session, enum reply refusal)
{
	if (session->phase != SESSION_AT_BEGIN)
		abort();
	session->transaction->begun = refusal == REPLY_OK;
	if (session->transaction->chunked) {
		if (refusal != REPLY_OK)
			transaction_refuse(session->transaction, refusal);
		session->phase = SESSION_IN_TEXT;
	} else if (refusal == REPLY_OK) {
		session_reply(session, REPLY_GO_AHEAD);
		session->phase = SESSION_IN_TEXT;
	} else {
		session_reply(session, refusal);
		end_transaction(session);
	}
}

void
session_begun(struct session *session, enum status status)
{
	answer_begin(session, status == STATUS_OK ? REPLY_OK : reply_for_status(status));
}

void
session_throttled(struct session *session)
{
	answer_begin(session, REPLY_TOO_MANY_MESSAGES);
}

void
session_refuse(struct session *session, enum status status)
{
	if (session->phase != SESSION_IN_TEXT)
		abort();
	transaction_refuse(session->transaction, reply_for_status(status));
}

void
session_stored(struct session *session, enum status status, struct id id)
{
	char name[ID_TEXT_SIZE];

	if (session->phase != SESSION_AT_END)
		abort();
	session->transaction->begun = false;
	if (status == STATUS_OK) {
		text_printf(&session->replies, "250 2.0.0 Ok: queued as %s\r\n", id_text(id, name));
		session->errors = 0;
		session->idle_commands = 0;
	} else {
		session_reply(session, reply_for_status(status));
	}
	end_transaction(session);
}

void
session_tls_started(struct session *session)
{
	if (session->phase != SESSION_AT_TLS)
		abort();
	session_drop_transaction(session);
	free(session->client_name);
	session->client_name = NULL;
	session->greeted = false;
	session->tls = true;
	session->phase = SESSION_IN_COMMANDS;
}

void
session_in_tls(struct session *session)
{
	session->tls = true;
}

void
session_drain(struct session *session)
{
	session->draining = true;
	stop_when_draining(session);
}
