#include "ingest/command.h"

#include <stdlib.h>
#include <string.h>

#include "ingest/login.h"
#include "ingest/path.h"
#include "mail/address.h"

#define HOST_MAX ((size_t)255) /* RFC 5321 section 4.5.3.1.2 */

/* What a verb needs, checked in this order before it runs. */
enum {
	NEEDS_HELLO = 1,
	NEEDS_MAIL = 2,
	NEEDS_NO_MAIL = 4,
	NEEDS_RECIPIENT = 8,
	NEEDS_ARGUMENT = 16,
	NEEDS_NO_ARGUMENT = 32,
	NEEDS_NO_CHUNKS = 128,
	BRINGS_CHUNK = 256,  /* its argument is read before anything else is checked */
	BRINGS_NOTHING = 64, /* counted: a client that sends only such is cut off */
};

struct verb {
	const char *name;
	unsigned flags;
	void (*run)(struct session *session, struct slice argument);
};

/* EHLO and HELO: a domain or an address literal.  Underscores are outside the grammar but in
 * real host names. */
static bool
is_host(struct slice text)
{
	for (size_t i = 0; i < text.size; i++) {
		unsigned char byte = slice_lower(text.data[i]);

		if (!(byte >= 'a' && byte <= 'z') && !(byte >= '0' && byte <= '9') &&
		    slice_find_byte(SLICE(".-_:[]"), byte, 0) == SLICE_NONE)
			return false;
	}
	return text.size > 0 && text.size <= HOST_MAX;
}

/* Common to both; the transaction ends as if by RSET (RFC 5321 section 4.1.4). */
static bool
greet(struct session *session, struct slice argument)
{
	char *name;

	if (!is_host(argument)) {
		session_reply(session, REPLY_BAD_HOST);
		return false;
	}
	name = strndup((const char *)argument.data, argument.size);
	if (name == NULL)
		abort();
	session_drop_transaction(session);
	free(session->client_name);
	session->client_name = name;
	session->greeted = true;
	return true;
}

static void
run_ehlo(struct session *session, struct slice argument)
{
	struct text *out = &session->replies;

	if (!greet(session, argument))
		return;
	text_printf(out, "250-%s\r\n250-PIPELINING\r\n250-SIZE %llu\r\n",
		    session->settings->host_name, (unsigned long long)session->rules->message_size);
	if (session->settings->offer_tls && !session->tls)
		text_append_text(out, "250-STARTTLS\r\n");
	if (login_offered(session))
		text_append_text(out, "250-AUTH " AUTH_MECHANISMS "\r\n");
	if (session->rules->may_forward)
		text_append_text(out, "250-XFORWARD " FORWARD_ATTRIBUTES "\r\n");
	text_append_text(out, "250-8BITMIME\r\n250-SMTPUTF8\r\n250-CHUNKING\r\n250-BINARYMIME\r\n"
			      "250-DSN\r\n");
	/* RFC 9422: only what is enforced. */
	text_printf(out, "250-LIMITS RCPTMAX=%zu\r\n250 ENHANCEDSTATUSCODES\r\n",
		    session->rules->recipients);
}

static void
run_helo(struct session *session, struct slice argument)
{
	if (greet(session, argument))
		text_printf(&session->replies, "250 %s\r\n", session->settings->host_name);
}

/* REPLY_OK, or why this mailbox is refused; `bad` when its form is wrong. */
static enum reply
check_mailbox(struct slice mailbox, bool utf8_announced, enum reply bad)
{
	bool utf8;

	if (address_check(mailbox, &utf8) != STATUS_OK)
		return bad;
	return utf8 && !utf8_announced ? REPLY_NEEDS_UTF8 : REPLY_OK;
}

static bool
is_sender_domain(const char *const *domains, size_t count, struct slice mailbox)
{
	struct slice domain = address_domain(mailbox);

	/* Bounces have no sender whose domain could be wrong. */
	if (count == 0 || mailbox.size == 0)
		return true;
	for (size_t i = 0; i < count; i++)
		if (slice_equal_nocase(domain, slice_from_text(domains[i])))
			return true;
	return false;
}

/* By their password or certificate. */
static bool
is_known(const struct session *session)
{
	return *session->user != '\0' || session->certified;
}

/* What the client's rule demands before there can be any mail. */
static enum reply
check_rules(const struct session *session, struct slice mailbox)
{
	const struct session_rules *rules = session->rules;
	const struct user *account = session->account;

	if (rules->needs_tls && !session->tls)
		return REPLY_TLS_NEEDED;
	if (rules->needs_auth && !is_known(session))
		return REPLY_AUTH_NEEDED;
	if (!is_sender_domain(rules->sender_domains, rules->sender_domain_count, mailbox))
		return REPLY_SENDER_DOMAIN;
	if (account != NULL && !is_sender_domain(account->domains, account->domain_count, mailbox))
		return REPLY_SENDER_DOMAIN;
	return REPLY_OK;
}

static void
run_mail(struct session *session, struct slice argument)
{
	struct mail_parameters parameters;
	struct envelope envelope;
	struct slice mailbox;
	struct arena *arena;
	enum reply reply;

	if (!path_take("FROM:", &argument, &mailbox)) {
		session_reply(session, REPLY_BAD_SENDER);
		return;
	}
	reply = path_mail_parameters(argument, &parameters);
	/* The null reverse-path is a sender like any other (RFC 5321 section 4.5.5). */
	if (reply == REPLY_OK && mailbox.size > 0)
		reply = check_mailbox(mailbox, parameters.utf8, REPLY_SENDER_NOT_ALLOWED);
	if (reply == REPLY_OK)
		reply = check_rules(session, mailbox);
	if (reply == REPLY_OK && parameters.size > session->rules->message_size)
		reply = REPLY_TOO_LARGE;
	if (reply != REPLY_OK) {
		session_reply(session, reply);
		return;
	}
	arena = arena_new();
	envelope = (struct envelope){
	    .sender = arena_text_from(arena, mailbox),
	    .client_name = session->client_name,
	    .client_address = session->client_address,
	    .user = session->user,
	    .returns = parameters.returns,
	    .envelope_id = arena_text_from(arena, parameters.envelope_id),
	    .tls = session->tls,
	    .utf8 = parameters.utf8,
	    .eight_bit = parameters.eight_bit,
	    .binary = parameters.binary,
	};
	session->transaction = transaction_new(&envelope, session->rules->message_size);
	transaction_bound(session->transaction, &session->settings->bounds);
	arena_free(arena);
	session_reply(session, REPLY_SENDER_OK);
}

/* RFC 5321 section 4.5.1: "postmaster" needs no domain. */
static struct slice
qualify_postmaster(struct session *session, struct slice mailbox)
{
	if (!slice_equal_nocase(mailbox, SLICE("postmaster")))
		return mailbox;
	return slice_from_text(arena_printf(session->transaction->arena, "postmaster@%s",
					    session->settings->host_name));
}

static void
run_rcpt(struct session *session, struct slice argument)
{
	struct transaction *transaction = session->transaction;
	struct recipient_parameters parameters;
	struct slice mailbox;
	enum reply reply;

	/* Who is known may send from anywhere: that is submission. */
	if (!session->rules->may_send && !is_known(session)) {
		session_reply(session, REPLY_NOT_ALLOWED);
		return;
	}
	if (!path_take("TO:", &argument, &mailbox)) {
		session_reply(session, REPLY_BAD_RECIPIENT);
		return;
	}
	reply = path_recipient_parameters(argument, transaction->envelope.utf8, &parameters);
	if (reply == REPLY_OK &&
	    transaction->envelope.recipient_count >= session->rules->recipients)
		reply = REPLY_TOO_MANY_RECIPIENTS;
	if (reply == REPLY_OK) {
		mailbox = qualify_postmaster(session, mailbox);
		reply =
		    check_mailbox(mailbox, transaction->envelope.utf8, REPLY_RECIPIENT_NOT_ALLOWED);
	}
	if (reply == REPLY_OK) {
		transaction_add_recipient(transaction, mailbox, parameters.notify,
					  parameters.original);
		reply = REPLY_RECIPIENT_OK;
	}
	session_reply(session, reply);
}

static void
run_data(struct session *session, struct slice argument)
{
	(void)argument;
	if (session->transaction->envelope.binary)
		session_reply(session, REPLY_CHUNKS_NEEDED);
	else
		session->phase = SESSION_AT_BEGIN;
}

static void
run_rset(struct session *session, struct slice argument)
{
	(void)argument;
	session_drop_transaction(session);
	session_reply(session, REPLY_OK);
}

static void
run_noop(struct session *session, struct slice argument)
{
	(void)argument;
	session_reply(session, REPLY_OK);
}

static void
run_quit(struct session *session, struct slice argument)
{
	(void)argument;
	session_reply(session, REPLY_BYE);
	session->phase = SESSION_CLOSED;
}

static void
run_vrfy(struct session *session, struct slice argument)
{
	(void)argument;
	session_reply(session, REPLY_CANNOT_VERIFY);
}

static void
run_expn(struct session *session, struct slice argument)
{
	(void)argument;
	session_reply(session, REPLY_NOT_EXPANDED);
}

static void
run_help(struct session *session, struct slice argument)
{
	(void)argument;
	session_reply(session, REPLY_HELP);
}

static void
run_starttls(struct session *session, struct slice argument)
{
	(void)argument;
	if (!session->settings->offer_tls || session->tls) {
		session_reply(session, REPLY_NO_TLS);
		return;
	}
	session->phase = SESSION_AT_TLS;
}

static void
run_auth(struct session *session, struct slice argument)
{
	login_begin(session, argument);
}

static void
run_xforward(struct session *session, struct slice argument)
{
	if (!session->rules->may_forward)
		session_reply(session, REPLY_NO_FORWARDING);
	else if (forward_read(&session->forward, argument))
		session_reply(session, REPLY_OK);
	else
		session_reply(session, REPLY_BAD_PARAMETER);
}

/* A browser made to speak to this port: nothing it sends further may be run. */
static void
run_http(struct session *session, struct slice argument)
{
	(void)argument;
	session_reply(session, REPLY_NOT_SMTP);
	session->phase = SESSION_CLOSED;
}

static const struct verb verbs[] = {
    {"MAIL", NEEDS_HELLO | NEEDS_NO_MAIL | NEEDS_ARGUMENT, run_mail},
    {"RCPT", NEEDS_HELLO | NEEDS_MAIL | NEEDS_ARGUMENT | NEEDS_NO_CHUNKS, run_rcpt},
    {"DATA", NEEDS_HELLO | NEEDS_MAIL | NEEDS_RECIPIENT | NEEDS_NO_ARGUMENT | NEEDS_NO_CHUNKS,
     run_data},
    {"BDAT", NEEDS_HELLO | NEEDS_MAIL | NEEDS_RECIPIENT | BRINGS_CHUNK, NULL},
    {"EHLO", NEEDS_ARGUMENT | BRINGS_NOTHING, run_ehlo},
    {"HELO", NEEDS_ARGUMENT | BRINGS_NOTHING, run_helo},
    {"RSET", NEEDS_NO_ARGUMENT | BRINGS_NOTHING, run_rset},
    {"NOOP", BRINGS_NOTHING, run_noop},
    {"QUIT", NEEDS_NO_ARGUMENT, run_quit},
    {"STARTTLS", NEEDS_HELLO | NEEDS_NO_ARGUMENT | NEEDS_NO_CHUNKS, run_starttls},
    {"AUTH", NEEDS_HELLO | NEEDS_NO_MAIL | NEEDS_ARGUMENT, run_auth},
    {"XFORWARD", NEEDS_HELLO | NEEDS_NO_MAIL | NEEDS_ARGUMENT, run_xforward},
    {"VRFY", NEEDS_ARGUMENT | BRINGS_NOTHING, run_vrfy},
    {"EXPN", BRINGS_NOTHING, run_expn},
    {"HELP", BRINGS_NOTHING, run_help},
    {"GET", 0, run_http},
    {"HEAD", 0, run_http},
    {"POST", 0, run_http},
    {"PUT", 0, run_http},
    {"DELETE", 0, run_http},
    {"OPTIONS", 0, run_http},
    {"PATCH", 0, run_http},
    {"TRACE", 0, run_http},
    {"CONNECT", 0, run_http},
};

static const struct verb *
find_verb(struct slice name)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (slice_equal_nocase(name, slice_from_text(verbs[i].name)))
			return &verbs[i];
	}
	return NULL;
}

/* REPLY_OK when the verb is legal now. */
static enum reply
check_legal(const struct session *session, const struct verb *verb, struct slice argument)
{
	const struct transaction *transaction = session->transaction;

	if ((verb->flags & NEEDS_HELLO) && !session->greeted)
		return REPLY_HELLO_FIRST;
	if ((verb->flags & NEEDS_MAIL) && transaction == NULL)
		return REPLY_MAIL_FIRST;
	if ((verb->flags & NEEDS_NO_CHUNKS) && transaction != NULL && transaction->chunked)
		return REPLY_CHUNKS_BEGUN;
	if ((verb->flags & NEEDS_NO_MAIL) && transaction != NULL)
		return REPLY_NESTED_MAIL;
	if ((verb->flags & NEEDS_RECIPIENT) &&
	    (transaction == NULL || transaction->envelope.recipient_count == 0))
		return REPLY_NO_RECIPIENTS;
	if ((verb->flags & NEEDS_ARGUMENT) && argument.size == 0)
		return REPLY_ARGUMENT_MISSING;
	if ((verb->flags & NEEDS_NO_ARGUMENT) && argument.size > 0)
		return REPLY_NO_ARGUMENT_ALLOWED;
	return REPLY_OK;
}

/* The bytes that follow are text whether the command is legal or not; when nobody knows how many
 * they are, no command can be told from them. */
static void
run_chunk(struct session *session, const struct verb *verb, struct slice argument)
{
	uint64_t size;
	bool last;

	if (!bdat_read(argument, &size, &last))
		session_interrupt(session, REPLY_BAD_CHUNK);
	else if (size == 0 && !last && ++session->idle_commands > SESSION_IDLE_COMMANDS_MAX)
		session_interrupt(session, REPLY_TOO_MANY_COMMANDS);
	else
		session_begin_chunk(session, size, last, check_legal(session, verb, argument));
}

void
command_run(struct session *session, struct slice line)
{
	size_t blank = slice_find_byte(line, ' ', 0);
	size_t verb_size = blank == SLICE_NONE ? line.size : blank;
	const struct verb *verb = find_verb(slice_part(line, 0, verb_size));
	struct slice argument = slice_trim(slice_part(line, verb_size, line.size));
	enum reply reply;

	if (verb == NULL) {
		session_reply(session, REPLY_UNKNOWN_COMMAND);
		return;
	}
	if ((verb->flags & BRINGS_NOTHING) &&
	    ++session->idle_commands > SESSION_IDLE_COMMANDS_MAX) {
		session_interrupt(session, REPLY_TOO_MANY_COMMANDS);
		return;
	}
	if (verb->flags & BRINGS_CHUNK) {
		run_chunk(session, verb, argument);
		return;
	}
	reply = check_legal(session, verb, argument);
	if (reply != REPLY_OK)
		session_reply(session, reply);
	else
		verb->run(session, argument);
}
