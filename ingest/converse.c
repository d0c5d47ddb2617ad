#include "ingest/converse.h"

#include <sodium.h>

#include "base/clock.h"
#include "base/log.h"
#include "ingest/figures.h"
#include "ingest/wire.h"
#include "messenger/accept.h"

/* A handshake is a few round trips, whatever time commands may take. */
#define HANDSHAKE_MS ((int64_t)60000)

/* The text of a message may come this slowly, after a time of grace. */
#define TEXT_GRACE_MS ((int64_t)30000)
#define TEXT_RATE ((uint64_t)500) /* bytes a second */

struct conversation {
	const struct converse_settings *settings;
	const struct converse_client *client;
	struct session *session;
	struct wire wire;
	struct acceptance *acceptance; /* of the message in hand */
	unsigned char *buffer;
	size_t buffer_used; /* bytes of it that ever held something */
	int64_t command_deadline;
	int64_t text_waited_ms; /* for the text of the message in hand */
	uint64_t text_before;	/* session->text_read when it began */
	unsigned long long messages;
};

static int64_t
deadline_in(int64_t ms)
{
	return clock_monotonic_ms() + ms;
}

/* Time spent in our own commits is not the client's: only waiting for text counts. */
static int64_t
text_deadline(const struct conversation *conversation)
{
	uint64_t read = conversation->session->text_read - conversation->text_before;
	uint64_t earned = read * 1000 / TEXT_RATE;
	int64_t allowed = earned > (uint64_t)TEXT_GRACE_MS ? (int64_t)earned : TEXT_GRACE_MS;
	int64_t left = allowed - conversation->text_waited_ms;

	return deadline_in(
	    left < conversation->settings->timeout_ms ? left : conversation->settings->timeout_ms);
}

static bool
send_replies(struct conversation *conversation)
{
	struct slice replies = session_replies(conversation->session);
	int64_t deadline = deadline_in(conversation->settings->timeout_ms);

	if (replies.size == 0)
		return true;
	if (wire_write(&conversation->wire, replies, deadline) != WIRE_OK)
		return false;
	session_replies_sent(conversation->session);
	/* Something was answered, so the next command has its full time. */
	conversation->command_deadline = deadline_in(conversation->settings->timeout_ms);
	return true;
}

static void
restart_text(struct conversation *conversation)
{
	conversation->text_waited_ms = 0;
	conversation->text_before = conversation->session->text_read;
}

/* False when the conversation is over.  A timeout and a stop give the session its 421. */
static bool
read_more(struct conversation *conversation, struct slice *input_out)
{
	struct session *session = conversation->session;
	bool in_text = session_is_in_text(session);
	int64_t deadline = in_text ? text_deadline(conversation) : conversation->command_deadline;
	int64_t began = clock_monotonic_ms();
	size_t size = 0;

	*input_out = slice_of(conversation->buffer, 0);
	switch (wire_read(&conversation->wire, conversation->buffer, CONVERSE_BUFFER_SIZE, deadline,
			  !session->draining, &size)) {
	case WIRE_OK:
		break;
	case WIRE_ENDED:
		return false;
	case WIRE_TIMEOUT:
		session_interrupt(session, in_text ? REPLY_TOO_SLOW : REPLY_TIMEOUT);
		break;
	case WIRE_STOPPED:
		session_drain(session);
		break;
	}
	if (in_text)
		conversation->text_waited_ms += clock_monotonic_ms() - began;
	else
		restart_text(conversation);
	if (size > conversation->buffer_used)
		conversation->buffer_used = size;
	*input_out = slice_of(conversation->buffer, size);
	return true;
}

static void
give_up_message(struct conversation *conversation)
{
	messenger_accept_abort(conversation->acceptance);
	conversation->acceptance = NULL;
}

static void
begin_message(struct conversation *conversation)
{
	restart_text(conversation);
	session_begun(conversation->session,
		      messenger_accept_open(conversation->settings->messenger, MESSAGE_BY_SMTP,
					    &conversation->acceptance));
}

static void
keep_content(struct conversation *conversation, struct slice content)
{
	enum status status = messenger_accept_write(conversation->acceptance, content);

	if (status == STATUS_OK)
		return;
	log_warning("message-refused", LOG_TEXT("client", conversation->client->address),
		    LOG_TEXT("status", status_text(status)));
	give_up_message(conversation);
	session_refuse(conversation->session, status);
}

static void
end_message(struct conversation *conversation)
{
	struct session *session = conversation->session;
	struct transaction *transaction = session->transaction;
	struct id id = messenger_accept_id(conversation->acceptance);
	char name[ID_TEXT_SIZE];
	int64_t began = clock_monotonic_ms();
	enum status status;

	transaction->envelope.received_at = clock_now();
	status = messenger_accept_commit(conversation->acceptance, &transaction->envelope, NULL);
	conversation->acceptance = NULL;
	ingest_count_message(status, transaction->size, transaction->envelope.recipient_count,
			     began);
	conversation->messages += status == STATUS_OK;
	log_write(status == STATUS_OK ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING, "message",
		  LOG_FIELDS(LOG_TEXT("message", id_text(id, name)),
			     LOG_TEXT("client", conversation->client->address),
			     LOG_TEXT("helo", transaction->envelope.client_name),
			     LOG_NUMBER("size", transaction->size),
			     LOG_NUMBER("recipients", transaction->envelope.recipient_count),
			     LOG_TEXT("tls", transaction->envelope.tls ? "yes" : "no"),
			     LOG_TEXT("status", status_text(status))));
	session_stored(session, status, id);
}

static bool
start_tls(struct conversation *conversation)
{
	if (!send_replies(conversation))
		return false;
	if (wire_start_tls(&conversation->wire, conversation->settings->tls,
			   deadline_in(HANDSHAKE_MS)) != WIRE_OK) {
		log_info("tls-failed", LOG_TEXT("client", conversation->client->address));
		return false;
	}
	session_tls_started(conversation->session);
	conversation->command_deadline = deadline_in(conversation->settings->timeout_ms);
	return true;
}

/* Returns true when the session was closed by itself, with its replies sent. */
static bool
run(struct conversation *conversation)
{
	struct slice input = slice_of(conversation->buffer, 0);
	struct slice content = {NULL, 0};

	for (;;) {
		switch (session_step(conversation->session, &input, &content)) {
		case SESSION_READ:
			if (!send_replies(conversation))
				return false;
			if (input.size == 0 && !read_more(conversation, &input))
				return false;
			break;
		case SESSION_BEGIN:
			begin_message(conversation);
			break;
		case SESSION_CONTENT:
			keep_content(conversation, content);
			break;
		case SESSION_END:
			end_message(conversation);
			break;
		case SESSION_GIVE_UP:
			give_up_message(conversation);
			break;
		case SESSION_START_TLS:
			if (!start_tls(conversation))
				return false;
			break;
		case SESSION_CLOSE:
			return send_replies(conversation);
		}
	}
}

void
converse(const struct converse_settings *settings, const struct converse_client *client,
	 unsigned char *buffer)
{
	int64_t began = clock_monotonic_ms();
	struct conversation conversation = {
	    .settings = settings,
	    .client = client,
	    .session = session_new(&settings->session, client->rules, client->address),
	    .buffer = buffer,
	    .command_deadline = began + settings->timeout_ms,
	};
	bool closed;

	ingest_count_opened();
	wire_init(&conversation.wire, client->fd, settings->stop_fd);
	closed = run(&conversation);
	give_up_message(&conversation);
	wire_end(&conversation.wire, closed && conversation.session->errors > 0);
	log_info("session", LOG_TEXT("client", client->address),
		 LOG_NUMBER("messages", conversation.messages),
		 LOG_NUMBER("errors", conversation.session->errors),
		 LOG_TEXT("tls", conversation.session->tls ? "yes" : "no"),
		 LOG_TEXT("end", closed ? "closed" : "lost"),
		 LOG_NUMBER("ms", clock_monotonic_ms() - began));
	ingest_count_closed();
	session_free(conversation.session);
	sodium_memzero(buffer, conversation.buffer_used);
}
