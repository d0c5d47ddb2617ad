#include "ingest/converse.h"

#include <sodium.h>

#include "base/clock.h"
#include "base/log.h"
#include "ingest/figures.h"
#include "ingest/peer.h"
#include "ingest/wire.h"
#include "messenger/accept.h"

/* A handshake is a few round trips, whatever time commands may take. */
#define HANDSHAKE_MS ((int64_t)60000)

struct conversation {
	const struct converse_settings *settings;
	const struct converse_client *client;
	char address[NETWORK_ADDRESS_TEXT_SIZE];
	struct session *session;
	struct arena *arena;			      /* for what the client has shown: */
	const struct client_certificate *certificate; /* NULL: none */
	const char *user;
	const struct rule *rule;    /* that holds now */
	struct session_rules rules; /* of it, as the session knows them */
	struct wire wire;
	struct acceptance *acceptance; /* of the message in hand */
	unsigned char *buffer;
	size_t buffer_used; /* bytes of it that ever held something */
	int64_t command_deadline;
	int64_t session_deadline;
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
	int64_t earned = (int64_t)(read * 1000 / conversation->settings->text_rate);
	int64_t grace = conversation->settings->text_grace_ms;
	int64_t allowed = earned > grace ? earned : grace;
	int64_t left = allowed - conversation->text_waited_ms;

	return deadline_in(
	    left < conversation->settings->timeout_ms ? left : conversation->settings->timeout_ms);
}

/* A command may take so long, whatever drips in, and the session may take so long. */
static int64_t
command_deadline(const struct conversation *conversation)
{
	return conversation->command_deadline < conversation->session_deadline
		   ? conversation->command_deadline
		   : conversation->session_deadline;
}

/* The certificate that this session has its rights from; "" when it has them from its address. */
static const char *
certificate_name(const struct conversation *conversation)
{
	return conversation->session->certified ? peer_name(conversation->certificate) : "";
}

/* What the client has shown by now decides what it may do. */
static void
apply_rules(struct conversation *conversation)
{
	const struct converse_client *client = conversation->client;
	const struct rule *rule = rules_match(conversation->settings->rules, client->address,
					      conversation->certificate, conversation->user);

	if (rule != conversation->rule && !client->change_rule(client->context, rule)) {
		session_interrupt(conversation->session, REPLY_TOO_MANY_CONNECTIONS);
		return;
	}
	conversation->rule = rule;
	conversation->rules = rule->session;
	conversation->session->certified = rule->certificate_count > 0 && rule->session.may_send;
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
	int64_t deadline = in_text ? text_deadline(conversation) : command_deadline(conversation);
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
	const struct rule *rule = conversation->rule;

	restart_text(conversation);
	if (!rates_take(conversation->settings->rates, RATE_MESSAGES, rule->key,
			conversation->client->address, rule->messages_per_minute,
			clock_monotonic_ms())) {
		log_warning("message-throttled", LOG_TEXT("client", conversation->address),
			    LOG_TEXT("rule", rule->name));
		session_throttled(conversation->session);
		return;
	}
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
	log_warning("message-refused", LOG_TEXT("client", conversation->address),
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
	transaction->envelope.certificate = certificate_name(conversation);
	status = messenger_accept_commit(conversation->acceptance, &transaction->envelope, NULL);
	conversation->acceptance = NULL;
	ingest_count_message(status, transaction->size, transaction->envelope.recipient_count,
			     began);
	conversation->messages += status == STATUS_OK;
	log_write(
	    status == STATUS_OK ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING, "message",
	    LOG_FIELDS(LOG_TEXT("message", id_text(id, name)),
		       LOG_TEXT("client", conversation->address),
		       LOG_TEXT("helo", transaction->envelope.client_name),
		       LOG_NUMBER("size", transaction->size),
		       LOG_NUMBER("recipients", transaction->envelope.recipient_count),
		       LOG_TEXT("tls", transaction->envelope.tls ? "yes" : "no"),
		       LOG_TEXT("status", status_text(status)),
		       LOG_TEXT("user", transaction->envelope.user),
		       LOG_TEXT("forwarded", forward_text(&session->forward, transaction->arena)),
		       LOG_TEXT("rule", conversation->rule->name),
		       LOG_TEXT("certificate", certificate_name(conversation))));
	session_stored(session, status, id);
}

/* Never what was typed for a name: people type passwords there. */
static void
note_login(struct conversation *conversation)
{
	const struct session *session = conversation->session;
	bool passed = session->login == SESSION_LOGIN_PASSED;

	log_write(passed ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING,
		  passed ? "authenticated" : "authentication-failed",
		  LOG_FIELDS(LOG_TEXT("client", conversation->address),
			     LOG_TEXT("user", session->login_name)));
	if (!passed)
		return;
	conversation->user = session->user;
	apply_rules(conversation);
}

/* False when it failed; logged. */
static bool
shake_hands(struct conversation *conversation)
{
	if (wire_start_tls(&conversation->wire, conversation->settings->tls,
			   deadline_in(HANDSHAKE_MS)) != WIRE_OK) {
		log_info("tls-failed", LOG_TEXT("client", conversation->address));
		return false;
	}
	conversation->certificate = peer_certificate(conversation->wire.ssl, conversation->arena);
	if (conversation->certificate != NULL)
		log_info("certificate", LOG_TEXT("client", conversation->address),
			 LOG_TEXT("name", peer_name(conversation->certificate)),
			 LOG_TEXT("sha256", conversation->certificate->fingerprint),
			 LOG_TEXT("verified", conversation->certificate->verified ? "yes" : "no"));
	return true;
}

static bool
start_tls(struct conversation *conversation)
{
	if (!send_replies(conversation) || !shake_hands(conversation))
		return false;
	session_tls_started(conversation->session);
	conversation->user = "";
	apply_rules(conversation);
	conversation->command_deadline = deadline_in(conversation->settings->timeout_ms);
	return true;
}

/* Where TLS comes first, so that the greeting is inside. */
static bool
begin_session(struct conversation *conversation)
{
	if (!conversation->settings->implicit_tls)
		return true;
	if (!shake_hands(conversation))
		return false;
	session_in_tls(conversation->session);
	apply_rules(conversation);
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
		case SESSION_LOGIN:
			note_login(conversation);
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

static void
log_session(const struct conversation *conversation, bool closed, int64_t began)
{
	log_info("session", LOG_TEXT("client", conversation->address),
		 LOG_NUMBER("messages", conversation->messages),
		 LOG_NUMBER("errors", conversation->session->errors),
		 LOG_TEXT("tls", conversation->session->tls ? "yes" : "no"),
		 LOG_TEXT("end", closed ? "closed" : "lost"),
		 LOG_NUMBER("ms", clock_monotonic_ms() - began),
		 LOG_TEXT("rule", conversation->rule->name),
		 LOG_TEXT("certificate", certificate_name(conversation)));
}

void
converse(const struct converse_settings *settings, const struct converse_client *client,
	 unsigned char *buffer)
{
	int64_t began = clock_monotonic_ms();
	struct conversation conversation = {
	    .settings = settings,
	    .client = client,
	    .arena = arena_new(),
	    .user = "",
	    .rule = client->rule,
	    .rules = client->rule->session,
	    .buffer = buffer,
	    .command_deadline = began + settings->timeout_ms,
	    .session_deadline =
		settings->session_ms == 0 ? INT64_MAX : began + settings->session_ms,
	};
	bool closed;

	ingest_count_opened();
	network_address_text(client->address, conversation.address);
	conversation.session =
	    session_new(&settings->session, &conversation.rules, conversation.address);
	wire_init(&conversation.wire, client->fd, settings->stop_fd);
	closed = begin_session(&conversation) && run(&conversation);
	give_up_message(&conversation);
	wire_end(&conversation.wire, closed && conversation.session->errors > 0);
	log_session(&conversation, closed, began);
	ingest_count_closed();
	session_free(conversation.session);
	arena_free(conversation.arena);
	sodium_memzero(buffer, conversation.buffer_used);
}
