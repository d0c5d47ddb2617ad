/*
 * A whole SMTP session: what a client sends, as one piece and in pieces, must
 * have the same replies and the same messages, each reply must be well formed,
 * a message must begin before it has content and end at most once, and come from nobody who may
 * not send.
 */
#include <sodium.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "ingest/session.h"

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define OUTPUT_MAX ((size_t)67108864)

/* The first byte of an input. */
enum {
	WITH_TLS = 1,
	NOT_ALLOWED = 2,
	STORE_FAILS = 4,
	SMALL_PIECES = 8,
	MAY_FORWARD = 16,
	WITH_USERS = 32, /* and in TLS from the beginning */
	NEEDS_AUTH = 64,
	CERTIFIED = 128,
};

/* Passwords "wonderland" and "builder", cheap ones, with the salt and the nonce of the transcripts
 * that the seeds come from. */
static const struct {
	const char *name, *password, *domains;
} people[] = {{"alice", "wonderland", ":corp.example,other.example"}, {"bob", "builder", ""}};

struct client {
	struct session *session;
	unsigned flags;
	bool in_message;
	bool ran_full; /* the store gave up in the middle of a message */
	struct text replies;
	struct text messages;
	struct text content;
};

static void
check(bool good)
{
	if (!good)
		abort();
}

/* "ddd text" or "ddd-text", printable, CRLF, with an enhanced code where there has to be one. */
static void
check_line(struct slice line)
{
	check(line.size >= 6 && line.size < 512);
	check(line.data[0] >= '2' && line.data[0] <= '5');
	check(line.data[3] == ' ' || line.data[3] == '-');
	for (size_t i = 0; i < line.size - 2; i++)
		check(line.data[i] >= ' ' && line.data[i] < 0x7f);
	check(line.data[0] < '4' || (line.data[4] == line.data[0] && line.data[5] == '.'));
}

static void
take_replies(struct client *client)
{
	struct slice replies = session_replies(client->session);

	text_append(&client->replies, replies);
	for (size_t from = 0; from < replies.size;) {
		size_t to = slice_find(replies, SLICE("\r\n"), from);

		check(to != SLICE_NONE);
		check_line(slice_part(replies, from, to + 2));
		from = to + 2;
	}
	session_replies_sent(client->session);
}

/* A store that fails may do so in the middle. */
static void
take_content(struct client *client, struct slice content)
{
	check(client->in_message && content.size > 0);
	text_append(&client->content, content);
	if (client->flags & STORE_FAILS && client->content.size > 200) {
		session_refuse(client->session, STATUS_FULL);
		client->in_message = false;
		client->ran_full = true;
	}
}

static void
take_login(const struct client *client)
{
	const struct session *session = client->session;

	check(session->tls && client->flags & WITH_USERS);
	if (session->login == SESSION_LOGIN_PASSED)
		check(*session->user != '\0' && session->account != NULL);
	else
		check(session->login == SESSION_LOGIN_FAILED && *session->user == '\0');
}

static void
check_rights(const struct client *client)
{
	bool known = *client->session->user != '\0' || client->session->certified;

	check(known || !(client->flags & (NOT_ALLOWED | NEEDS_AUTH)));
}

static void
end_message(struct client *client)
{
	const struct envelope *envelope = &client->session->transaction->envelope;
	enum status status = client->flags & STORE_FAILS ? STATUS_UNAVAILABLE : STATUS_OK;

	check(client->in_message);
	check_rights(client);
	check(client->content.size == client->session->transaction->size);
	check(envelope->recipient_count > 0 && envelope->recipient_count <= 3);
	check(client->content.size <= 300 + 2 && envelope->client_name != NULL);
	text_printf(&client->messages, "<%s>%zu:", envelope->sender, envelope->recipient_count);
	text_append(&client->messages, text_slice(&client->content));
	session_stored(client->session, status, (struct id){.bytes = {1}});
	client->in_message = false;
}

/* True when the session goes on. */
static bool
play(struct client *client, struct slice input)
{
	struct slice content = {NULL, 0};

	for (;;) {
		switch (session_step(client->session, &input, &content)) {
		case SESSION_READ:
			take_replies(client);
			if (input.size == 0)
				return true;
			break;
		case SESSION_BEGIN:
			check(!client->in_message);
			client->in_message = true;
			text_reset(&client->content);
			session_begun(client->session, STATUS_OK);
			break;
		case SESSION_CONTENT:
			take_content(client, content);
			break;
		case SESSION_END:
			end_message(client);
			break;
		case SESSION_GIVE_UP:
			check(client->in_message);
			client->in_message = false;
			break;
		case SESSION_LOGIN:
			take_login(client);
			break;
		case SESSION_START_TLS:
			check(client->flags & WITH_TLS && input.size == 0 && !client->session->tls);
			take_replies(client);
			session_tls_started(client->session);
			check(client->session->transaction == NULL);
			break;
		case SESSION_CLOSE:
			take_replies(client);
			return false;
		}
	}
}

/* The settings are borrowed by the session. */
static void
open_client(struct client *client, const struct session_settings *settings,
	    const struct session_rules *rules, unsigned flags)
{
	*client = (struct client){
	    .session = session_new(settings, rules, "192.0.2.1"),
	    .flags = flags,
	};
	client->session->certified = (flags & CERTIFIED) != 0;
	client->session->tls = (flags & WITH_USERS) != 0;
	text_init(&client->replies, OUTPUT_MAX);
	text_init(&client->messages, OUTPUT_MAX);
	text_init(&client->content, OUTPUT_MAX);
}

static void
close_client(struct client *client)
{
	check(text_ok(&client->replies) && text_ok(&client->messages));
	session_free(client->session);
	text_clear(&client->replies);
	text_clear(&client->messages);
	text_clear(&client->content);
}

int
LLVMFuzzerInitialize(int *count, char ***arguments)
{
	(void)count;
	(void)arguments;
	return sodium_init() < 0 ? 1 : 0;
}

static void
count_bytes(unsigned char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		bytes[i] = (unsigned char)(i + 1);
}

static const struct users *
make_users(void)
{
	static struct users *users;
	struct text file;
	size_t line;

	if (users != NULL)
		return users;
	text_init(&file, 4096);
	for (size_t i = 0; i < sizeof(people) / sizeof(people[0]); i++) {
		struct scram_verifier verifier;

		check(scram_verifier_make(slice_from_text(people[i].password),
					  SLICE("salt of sixteen!"), SCRAM_ITERATIONS_LEAST,
					  &verifier) == STATUS_OK);
		text_printf(&file, "%s:", people[i].name);
		scram_verifier_write(&verifier, &file);
		text_printf(&file, "%s\n", people[i].domains);
	}
	check(users_parse(text_slice(&file), &users, &line) == STATUS_OK);
	text_clear(&file);
	return users;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned flags = size == 0 ? 0 : data[0];
	struct session_settings settings = {
	    .host_name = "mx.example.org",
	    .offer_tls = (flags & WITH_TLS) != 0,
	    .users = flags & WITH_USERS ? make_users() : NULL,
	    .fill_random = count_bytes,
	};
	struct session_rules rules = {
	    .may_send = !(flags & NOT_ALLOWED),
	    .needs_auth = (flags & NEEDS_AUTH) != 0,
	    .may_forward = (flags & MAY_FORWARD) != 0,
	    .message_size = 300,
	    .recipients = 3,
	};
	size_t most = flags & SMALL_PIECES ? 1 : 1 + size % 16;
	struct client whole;
	struct client cut;
	struct slice input;

	if (size == 0)
		return 0;
	input = slice_of(data + 1, size - 1);
	open_client(&whole, &settings, &rules, flags);
	open_client(&cut, &settings, &rules, flags);
	(void)play(&whole, input);
	(void)play(&cut, slice_part(input, 0, 0));
	for (size_t at = 0; at < input.size; at += most) {
		if (!play(&cut, slice_part(input, at, at + most)))
			break;
	}
	/* What stands behind STARTTLS in one piece ends the session; cut, it is taken for what
	 * comes after the handshake.  Whether a store is full or a message too large is found out
	 * by which comes first. */
	if ((!settings.offer_tls || flags & WITH_USERS) && !whole.ran_full && !cut.ran_full) {
		check(slice_equal(text_slice(&whole.replies), text_slice(&cut.replies)));
		check(slice_equal(text_slice(&whole.messages), text_slice(&cut.messages)));
	}
	close_client(&whole);
	close_client(&cut);
	return 0;
}
