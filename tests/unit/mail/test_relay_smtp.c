/* The relay against a server that plays a script: lines it expects, answers it gives, bytes it
 * saw.  TLS with a certificate made for the test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/secret.h"
#include "mail/relay.h"

/* A step: wait for a line that begins so, then answer.  "<data>" waits for the lone dot; "<tls>"
 * begins TLS; an answer of NULL closes the connection, "" says nothing. */
struct step {
	const char *expect;
	const char *answer;
};

struct server {
	int listener;
	unsigned port;
	bool implicit_tls;
	const struct step *const *scripts; /* one per connection, NULL at the end */
	pthread_t thread;
	SSL_CTX *tls;
	char seen[65536]; /* every byte of every connection */
	size_t seen_size;
	char fault[512];
};

struct peer {
	int socket;
	SSL *tls;
	char line[4096];
	size_t size;
};

static char folder[64];
static SSL_CTX *tls_context;

static int
peer_read(struct peer *peer, void *bytes, int size)
{
	return peer->tls != NULL ? SSL_read(peer->tls, bytes, size)
				 : (int)read(peer->socket, bytes, (size_t)size);
}

static void
peer_write(struct peer *peer, const char *text)
{
	if (*text == '\0')
		return;
	if (peer->tls != NULL)
		SSL_write(peer->tls, text, (int)strlen(text));
	else if (write(peer->socket, text, strlen(text)) < 0)
		return;
}

/* One line with its LF; false at the end. */
static bool
peer_line(struct server *server, struct peer *peer)
{
	peer->size = 0;
	while (peer->size < sizeof(peer->line) - 1) {
		char byte;

		if (peer_read(peer, &byte, 1) != 1)
			return false;
		peer->line[peer->size++] = byte;
		if (server->seen_size < sizeof(server->seen) - 1)
			server->seen[server->seen_size++] = byte;
		if (byte == '\n')
			break;
	}
	peer->line[peer->size] = '\0';
	return true;
}

static bool
begin_tls(struct server *server, struct peer *peer)
{
	peer->tls = SSL_new(server->tls);
	SSL_set_fd(peer->tls, peer->socket);
	return SSL_accept(peer->tls) == 1;
}

static void
play(struct server *server, struct peer *peer, const struct step *step)
{
	for (; step->expect != NULL; step++) {
		if (strcmp(step->expect, "<tls>") == 0) {
			if (!begin_tls(server, peer))
				return;
			continue;
		}
		if (strcmp(step->expect, "<data>") == 0) {
			do {
				if (!peer_line(server, peer))
					return;
			} while (strcmp(peer->line, ".\r\n") != 0);
		} else if (*step->expect != '\0') {
			if (!peer_line(server, peer))
				return;
			if (strncmp(peer->line, step->expect, strlen(step->expect)) != 0) {
				snprintf(server->fault, sizeof(server->fault),
					 "wanted %s, got %.200s", step->expect, peer->line);
				return;
			}
		}
		if (step->answer == NULL)
			return;
		peer_write(peer, step->answer);
	}
	/* Until the client leaves. */
	while (peer_line(server, peer))
		;
}

static void *
serve(void *argument)
{
	struct server *server = argument;

	for (const struct step *const *script = server->scripts; *script != NULL; script++) {
		struct peer peer = {.socket = accept(server->listener, NULL, NULL)};

		if (peer.socket < 0)
			break;
		if (!server->implicit_tls || begin_tls(server, &peer))
			play(server, &peer, *script);
		if (peer.tls != NULL)
			SSL_free(peer.tls);
		close(peer.socket);
	}
	return NULL;
}

static void
start(struct server *server, const struct step *const *scripts)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);

	server->scripts = scripts;
	server->tls = tls_context;
	server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(server->listener >= 0);
	assert_int_equal(bind(server->listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(server->listener, 5), 0);
	assert_int_equal(getsockname(server->listener, (struct sockaddr *)&address, &size), 0);
	server->port = ntohs(address.sin_port);
	assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
}

static void
stop(struct server *server)
{
	shutdown(server->listener, SHUT_RDWR);
	pthread_join(server->thread, NULL);
	close(server->listener);
	if (server->fault[0] != '\0')
		fail_msg("server: %s", server->fault);
}

static struct relay_settings
settings_for(const struct server *server)
{
	return (struct relay_settings){.maildir = "",
				       .host = "127.0.0.1",
				       .port = server->port,
				       .tls = RELAY_TLS_NEVER,
				       .ca_file = "",
				       .name = "",
				       .user = "",
				       .password_file = "",
				       .helo_name = "portal.example.com",
				       .timeout_seconds = 5};
}

#define GREET                                                                                      \
	{                                                                                          \
		"", "220 there ESMTP\r\n"                                                          \
	}
#define HELLO(offers)                                                                              \
	{                                                                                          \
		"EHLO portal.example.com\r\n", "250-there\r\n" offers "250 HELP\r\n"               \
	}
#define END                                                                                        \
	{                                                                                          \
		NULL, NULL                                                                         \
	}

static enum status
send_letter(struct relay *relay, const char *sender, struct relay_recipient *recipients,
	    size_t count, struct slice bytes, struct arena *arena)
{
	struct source source = source_from_slice(&bytes);

	struct relay_letter letter = {.id = "letter-1",
				      .sender = sender,
				      .recipients = recipients,
				      .count = count,
				      .source = &source};

	return relay_send(relay, &letter, arena);
}

/* One letter from ann to fred over one script. */
static enum status
send_one(const struct step *script, void (*change)(struct relay_settings *settings),
	 const char *address, struct slice bytes, struct arena *arena,
	 struct relay_recipient *recipient, struct server *server)
{
	const struct step *const scripts[] = {script, NULL};
	struct relay_settings settings;
	struct relay *relay;
	enum status status;

	start(server, scripts);
	settings = settings_for(server);
	if (change != NULL)
		change(&settings);
	*recipient = (struct relay_recipient){.address = address};
	assert_int_equal(relay_open(&settings, &relay), STATUS_OK);
	status = send_letter(relay, "ann@example.com", recipient, 1, bytes, arena);
	relay_close(relay);
	stop(server);
	return status;
}

static void
tells_recipients_apart(void **state)
{
	static const struct step script[] = {
	    GREET,
	    HELLO("250-PIPELINING\r\n250-SIZE 1000\r\n250-8BITMIME\r\n"),
	    {"MAIL FROM:<ann@example.com> SIZE=25\r\n", ""},
	    {"RCPT TO:<a@example.net>\r\n", ""},
	    {"RCPT TO:<b@example.net>\r\n", ""},
	    {"RCPT TO:<c@example.net>\r\n", ""},
	    {"DATA\r\n", "250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n550-5.1.1 No such\r\n550 5.1.1 user\r\n"
			 "451 4.3.0 Later\r\n354 Go\r\n"},
	    {"Subject: x\r\n", ""},
	    {"\r\n", ""},
	    {"..\r\n", ""},
	    {"..a\r\n", ""},
	    {"b.\r\n", ""},
	    {".\r\n", "250 2.0.0 queued as 1\r\n"},
	    END,
	};
	static const struct step *const scripts[] = {script, NULL};
	struct relay_recipient recipients[] = {{.address = "a@example.net"},
					       {.address = "b@example.net"},
					       {.address = "c@example.net"}};
	struct arena *arena = arena_new();
	struct server server = {0};
	struct relay_settings settings;
	struct relay *relay;

	(void)state;
	start(&server, scripts);
	settings = settings_for(&server);
	assert_int_equal(relay_open(&settings, &relay), STATUS_OK);
	assert_int_equal(send_letter(relay, "ann@example.com", recipients, 3,
				     SLICE("Subject: x\r\n\r\n.\r\n.a\r\nb.\r\n"), arena),
			 STATUS_OK);
	relay_close(relay);
	stop(&server);
	assert_int_equal(recipients[0].outcome, RELAY_SENT);
	assert_string_equal(recipients[0].reply, "250 2.0.0 queued as 1");
	assert_int_equal(recipients[1].outcome, RELAY_REFUSED);
	assert_string_equal(recipients[1].status, "5.1.1");
	assert_string_equal(recipients[1].reply, "550 5.1.1 No such user");
	assert_int_equal(recipients[2].outcome, RELAY_LATER);
	assert_string_equal(recipients[2].status, "4.3.0");
	arena_free(arena);
}

/* Makes a body in three pieces, or breaks off behind the second. */
struct maker {
	bool breaks;
	size_t calls;
};

static enum status
make_body(void *context, const struct sink *sink)
{
	struct maker *maker = context;
	enum status status;

	maker->calls++;
	status = sink_write(sink, SLICE("first\r\n."));
	if (status == STATUS_OK)
		status = sink_write(sink, SLICE("second\r\n"));
	if (status == STATUS_OK && maker->breaks)
		return STATUS_INTERNAL;
	return status == STATUS_OK ? sink_write(sink, SLICE(".third")) : status;
}

/* One letter whose body is made while it is sent. */
static enum status
send_made(const struct step *script, struct maker *maker, struct relay_recipient *recipient,
	  struct arena *arena)
{
	const struct step *const scripts[] = {script, NULL};
	struct slice header = SLICE("Subject: x\r\n\r\n");
	struct source source = source_from_slice(&header);
	struct relay_making making = {make_body, maker, 1000};
	struct relay_letter letter = {.id = "letter",
				      .sender = "ann@example.com",
				      .recipients = recipient,
				      .count = 1,
				      .source = &source,
				      .making = &making};
	struct server server = {0};
	struct relay_settings settings;
	struct relay *relay;
	enum status status;

	start(&server, scripts);
	settings = settings_for(&server);
	assert_int_equal(relay_open(&settings, &relay), STATUS_OK);
	status = relay_send(relay, &letter, arena);
	relay_close(relay);
	stop(&server);
	return status;
}

static void
makes_a_body_while_it_is_sent(void **state)
{
	static const struct step script[] = {
	    GREET,
	    HELLO("250-SIZE 1100\r\n"),
	    {"MAIL FROM:<ann@example.com> SIZE=1014\r\n", "250 Ok\r\n"},
	    {"RCPT", "250 Ok\r\n"},
	    {"DATA\r\n", "354 Go\r\n"},
	    {"Subject: x\r\n", ""},
	    {"\r\n", ""},
	    {"first\r\n", ""},
	    {"..second\r\n", ""},
	    {"..third\r\n", ""},
	    {".\r\n", "250 Ok\r\n"},
	    END,
	};
	struct relay_recipient recipient = {.address = "fred@example.net"};
	struct arena *arena = arena_new();
	struct maker maker = {0};

	(void)state;
	assert_int_equal(send_made(script, &maker, &recipient, arena), STATUS_OK);
	assert_int_equal(recipient.outcome, RELAY_SENT);
	assert_int_equal(maker.calls, 1);
	arena_free(arena);
}

static void
does_not_make_what_the_server_would_not_take(void **state)
{
	static const struct step script[] = {GREET, HELLO("250-SIZE 500\r\n"), END};
	struct relay_recipient recipient = {.address = "fred@example.net"};
	struct arena *arena = arena_new();
	struct maker maker = {0};

	(void)state;
	assert_int_equal(send_made(script, &maker, &recipient, arena), STATUS_OK);
	assert_int_equal(recipient.outcome, RELAY_REFUSED);
	assert_string_equal(recipient.status, "5.3.4");
	assert_int_equal(maker.calls, 0);
	arena_free(arena);
}

/* Half a letter must never look like a whole one. */
static void
does_not_end_a_letter_that_could_not_be_made(void **state)
{
	static const struct step script[] = {
	    GREET,
	    HELLO(""),
	    {"MAIL", "250 Ok\r\n"},
	    {"RCPT", "250 Ok\r\n"},
	    {"DATA\r\n", "354 Go\r\n"},
	    {"Subject: x\r\n", ""},
	    {"\r\n", ""},
	    {"first\r\n", ""},
	    {"..second\r\n", ""},
	    END,
	};
	struct relay_recipient recipient = {.address = "fred@example.net"};
	struct arena *arena = arena_new();
	struct maker maker = {.breaks = true};

	(void)state;
	assert_int_equal(send_made(script, &maker, &recipient, arena), STATUS_INTERNAL);
	assert_int_equal(recipient.outcome, RELAY_LATER);
	arena_free(arena);
}

static const struct {
	const char *claim;
	struct step script[12];
	const char *address;
	const char *bytes;
	enum status status;
	enum relay_outcome outcome;
	const char *code;
} stories[] = {
    {"without pipelining",
     {GREET,
      HELLO(""),
      {"MAIL FROM:<ann@example.com>\r\n", "250 Ok\r\n"},
      {"RCPT TO:<fred@example.net>\r\n", "250 Ok\r\n"},
      {"DATA\r\n", "354 Go\r\n"},
      {"<data>", "250 Ok\r\n"}},
     "fred@example.net",
     "x\r\n",
     STATUS_OK,
     RELAY_SENT,
     "2.0.0"},
    {"a letter without a last line end gets one",
     {GREET,
      HELLO(""),
      {"MAIL", "250 Ok\r\n"},
      {"RCPT", "250 Ok\r\n"},
      {"DATA\r\n", "354 Go\r\n"},
      {"x\r\n", ""},
      {".\r\n", "250 Ok\r\n"}},
     "fred@example.net",
     "x",
     STATUS_OK,
     RELAY_SENT,
     "2.0.0"},
    {"8 bits are announced",
     {GREET,
      HELLO("250-8BITMIME\r\n"),
      {"MAIL FROM:<ann@example.com> BODY=8BITMIME\r\n", "250 Ok\r\n"},
      {"RCPT", "250 Ok\r\n"},
      {"DATA\r\n", "354 Go\r\n"},
      {"<data>", "250 Ok\r\n"}},
     "fred@example.net",
     "\xc3\xa4\r\n",
     STATUS_OK,
     RELAY_SENT,
     "2.0.0"},
    {"8 bits go without the offer",
     {GREET,
      HELLO(""),
      {"MAIL FROM:<ann@example.com>\r\n", "250 Ok\r\n"},
      {"RCPT", "250 Ok\r\n"},
      {"DATA\r\n", "354 Go\r\n"},
      {"\xc3\xa4\r\n", ""},
      {".\r\n", "250 Ok\r\n"}},
     "fred@example.net",
     "\xc3\xa4\r\n",
     STATUS_OK,
     RELAY_SENT,
     "2.0.0"},
    {"UTF-8 addresses where offered",
     {GREET,
      HELLO("250-SMTPUTF8\r\n"),
      {"MAIL FROM:<ann@example.com> SMTPUTF8\r\n", "250 Ok\r\n"},
      {"RCPT TO:<j\xc3\xbcrgen@example.net>\r\n", "250 Ok\r\n"},
      {"DATA\r\n", "354 Go\r\n"},
      {"<data>", "250 Ok\r\n"}},
     "j\xc3\xbcrgen@example.net",
     "x\r\n",
     STATUS_OK,
     RELAY_SENT,
     "2.0.0"},
    {"UTF-8 addresses elsewhere",
     {GREET, HELLO("")},
     "j\xc3\xbcrgen@example.net",
     "x\r\n",
     STATUS_OK,
     RELAY_REFUSED,
     "5.6.7"},
    {"larger than the limit",
     {GREET, HELLO("250-SIZE 4\r\n")},
     "fred@example.net",
     "xxx\r\n",
     STATUS_OK,
     RELAY_REFUSED,
     "5.3.4"},
    {"no limit told",
     {GREET, HELLO("250-SIZE 0\r\n"), {"MAIL", "550 5.7.1 Go away\r\n"}},
     "fred@example.net",
     "xxx\r\n",
     STATUS_OK,
     RELAY_REFUSED,
     "5.7.1"},
    {"MAIL put off",
     {GREET, HELLO(""), {"MAIL", "451 4.7.1 Greylisted\r\n"}},
     "fred@example.net",
     "x\r\n",
     STATUS_OK,
     RELAY_LATER,
     "4.7.1"},
    {"MAIL refused with everything sent already",
     {GREET,
      HELLO("250-PIPELINING\r\n"),
      {"MAIL", ""},
      {"RCPT", ""},
      {"DATA", "550 5.7.1 No\r\n503 5.5.1 What\r\n503 5.5.1 What\r\n"}},
     "fred@example.net",
     "x\r\n",
     STATUS_OK,
     RELAY_REFUSED,
     "5.7.1"},
    {"all refused but DATA taken",
     {GREET,
      HELLO("250-PIPELINING\r\n"),
      {"MAIL", ""},
      {"RCPT", ""},
      {"DATA", "250 Ok\r\n550 5.1.1 No\r\n354 Go\r\n"},
      {".\r\n", "554 5.5.1 None\r\n"}},
     "fred@example.net",
     "x\r\n",
     STATUS_OK,
     RELAY_REFUSED,
     "5.1.1"},
    {"DATA refused",
     {GREET,
      HELLO(""),
      {"MAIL", "250 Ok\r\n"},
      {"RCPT", "250 Ok\r\n"},
      {"DATA", "554 5.7.1 No\r\n"}},
     "fred@example.net",
     "x\r\n",
     STATUS_OK,
     RELAY_REFUSED,
     "5.7.1"},
    {"content refused",
     {GREET,
      HELLO(""),
      {"MAIL", "250 Ok\r\n"},
      {"RCPT", "250 Ok\r\n"},
      {"DATA", "354 Go\r\n"},
      {"<data>", "554 5.7.1 Spam\r\n"}},
     "fred@example.net",
     "x\r\n",
     STATUS_OK,
     RELAY_REFUSED,
     "5.7.1"},
    {"421 at RCPT",
     {GREET,
      HELLO(""),
      {"MAIL", "250 Ok\r\n"},
      {"RCPT", "421 4.3.2 Shutting down\r\n"},
      {"", NULL}},
     "fred@example.net",
     "x\r\n",
     STATUS_OK,
     RELAY_LATER,
     "4.3.2"},
    {"drop before the dot",
     {GREET, HELLO(""), {"MAIL", "250 Ok\r\n"}, {"RCPT", "250 Ok\r\n"}, {"DATA", NULL}},
     "fred@example.net",
     "x\r\n",
     STATUS_UNAVAILABLE,
     RELAY_LATER,
     "4.4.2"},
    {"drop behind the dot",
     {GREET,
      HELLO(""),
      {"MAIL", "250 Ok\r\n"},
      {"RCPT", "250 Ok\r\n"},
      {"DATA", "354 Go\r\n"},
      {"<data>", NULL}},
     "fred@example.net",
     "x\r\n",
     STATUS_UNAVAILABLE,
     RELAY_LATER,
     "4.4.2"},
    {"a promise without having seen the letter",
     {GREET, HELLO(""), {"MAIL", "250 Ok\r\n"}, {"RCPT", "250 Ok\r\n"}, {"DATA", "250 Ok\r\n"}},
     "fred@example.net",
     "x\r\n",
     STATUS_UNAVAILABLE,
     RELAY_LATER,
     "4.4.2"},
    {"no SMTP at all",
     {GREET, HELLO(""), {"MAIL", "HTTP/1.1 200 OK\r\n"}},
     "fred@example.net",
     "x\r\n",
     STATUS_UNAVAILABLE,
     RELAY_LATER,
     "4.4.2"},
    {"greeted by 554",
     {{"", "554 No service\r\n"}},
     "fred@example.net",
     "x\r\n",
     STATUS_UNAVAILABLE,
     RELAY_LATER,
     "4.4.1"},
};

static void
tells_each_story(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		struct arena *arena = arena_new();
		struct server server = {0};
		struct relay_recipient recipient;
		enum status status =
		    send_one(stories[i].script, NULL, stories[i].address,
			     slice_from_text(stories[i].bytes), arena, &recipient, &server);

		if (status != stories[i].status || recipient.outcome != stories[i].outcome ||
		    strcmp(recipient.status, stories[i].code) != 0)
			fail_msg("%s: %s, outcome %d, %s %s", stories[i].claim, status_text(status),
				 recipient.outcome, recipient.status, recipient.reply);
		arena_free(arena);
	}
}

#define LETTER                                                                                     \
	{"MAIL", "250 Ok\r\n"}, {"RCPT", "250 Ok\r\n"}, {"DATA", "354 Go\r\n"},                    \
	{                                                                                          \
		"<data>", "250 Ok\r\n"                                                             \
	}

static void
keeps_the_connection(void **state)
{
	static const struct step first[] = {GREET, HELLO(""), LETTER, LETTER, {"MAIL", NULL}};
	static const struct step second[] = {GREET, HELLO(""), LETTER, END};
	static const struct step *const scripts[] = {first, second, NULL};
	struct relay_recipient recipient = {.address = "fred@example.net"};
	struct arena *arena = arena_new();
	struct server server = {0};
	struct relay_settings settings;
	struct relay *relay;

	(void)state;
	start(&server, scripts);
	settings = settings_for(&server);
	assert_int_equal(relay_open(&settings, &relay), STATUS_OK);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(send_letter(relay, "", &recipient, 1, SLICE("x\r\n"), arena),
				 STATUS_OK);
		assert_int_equal(recipient.outcome, RELAY_SENT);
	}
	relay_close(relay);
	stop(&server);
	assert_non_null(strstr(server.seen, "MAIL FROM:<>\r\n"));
	arena_free(arena);
}

static void
pipelines_many_recipients(void **state)
{
	enum { COUNT = 120 };
	static struct step script[COUNT + 6];
	static const struct step *const scripts[] = {script, NULL};
	struct relay_recipient recipients[COUNT];
	struct arena *arena = arena_new();
	struct server server = {0};
	struct relay_settings settings;
	struct relay *relay;
	size_t at = 0;

	(void)state;
	script[at++] = (struct step)GREET;
	script[at++] = (struct step)HELLO("250-PIPELINING\r\n");
	script[at++] = (struct step){"MAIL", "250 Ok\r\n"};
	for (int i = 0; i < COUNT; i++) {
		recipients[i] = (struct relay_recipient){
		    .address = arena_printf(arena, "user-%d@example.net", i)};
		script[at++] =
		    (struct step){arena_printf(arena, "RCPT TO:<user-%d@example.net>\r\n", i),
				  i % 2 == 0 ? "250 Ok\r\n" : "550 5.1.1 No\r\n"};
	}
	script[at++] = (struct step){"DATA", "354 Go\r\n"};
	script[at++] = (struct step){"<data>", "250 Ok\r\n"};
	start(&server, scripts);
	settings = settings_for(&server);
	assert_int_equal(relay_open(&settings, &relay), STATUS_OK);
	assert_int_equal(send_letter(relay, "", recipients, COUNT, SLICE("x\r\n"), arena),
			 STATUS_OK);
	relay_close(relay);
	stop(&server);
	for (int i = 0; i < COUNT; i++)
		assert_int_equal(recipients[i].outcome, i % 2 == 0 ? RELAY_SENT : RELAY_REFUSED);
	arena_free(arena);
}

static void
write_file(const char *name, const char *text)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static char ca_path[128];
static char password_path[128];

static void
demand_tls(struct relay_settings *settings)
{
	settings->tls = RELAY_TLS_ENCRYPT;
}

static void
allow_tls(struct relay_settings *settings)
{
	settings->tls = RELAY_TLS_MAY;
}

static void
verify_tls(struct relay_settings *settings)
{
	settings->tls = RELAY_TLS_VERIFY;
	settings->ca_file = ca_path;
}

static void
verify_by_others(struct relay_settings *settings)
{
	settings->tls = RELAY_TLS_VERIFY;
}

static void
verify_other_name(struct relay_settings *settings)
{
	verify_tls(settings);
	settings->host = "localhost"; /* the certificate says 127.0.0.1 */
}

/* The other way round: what it is called elsewhere, and what its certificate says. */
static void
verify_given_name(struct relay_settings *settings)
{
	verify_other_name(settings);
	settings->name = "127.0.0.1";
}

/* SHA-256 of the certificate and of its public key, as made for the test. */
static char fingerprints[2][96];
static const char *pinned[2] = {NULL, NULL};

static void
pin(struct relay_settings *settings, const char *one, const char *other)
{
	pinned[0] = one;
	pinned[1] = other;
	settings->tls = RELAY_TLS_FINGERPRINT;
	settings->fingerprints = pinned;
	settings->fingerprint_count = 2;
}

#define OTHER_PRINT "0000000000000000000000000000000000000000000000000000000000000000"

static void
pin_certificate(struct relay_settings *settings)
{
	pin(settings, OTHER_PRINT, fingerprints[0]);
}

static void
pin_key(struct relay_settings *settings)
{
	pin(settings, fingerprints[1], OTHER_PRINT);
}

static void
pin_other(struct relay_settings *settings)
{
	pin(settings, OTHER_PRINT, OTHER_PRINT);
}

static void
implicit_tls(struct relay_settings *settings)
{
	verify_tls(settings);
	settings->implicit_tls = true;
}

static void
with_password(struct relay_settings *settings)
{
	settings->tls = RELAY_TLS_MAY;
	settings->user = "postern";
	settings->password_file = password_path;
}

#define STARTTLS                                                                                   \
	{"STARTTLS\r\n", "220 Go\r\n"},                                                            \
	{                                                                                          \
		"<tls>", ""                                                                        \
	}

static const struct {
	const char *claim;
	void (*change)(struct relay_settings *settings);
	bool implicit;
	struct step script[14];
	enum status status;
	enum relay_outcome outcome;
	const char *must_not_be_seen;
} tls_stories[] = {
    {"TLS demanded and offered",
     demand_tls,
     false,
     {GREET, HELLO("250-STARTTLS\r\n"), STARTTLS, HELLO(""), LETTER},
     STATUS_OK,
     RELAY_SENT,
     ""},
    {"TLS demanded, not offered",
     demand_tls,
     false,
     {GREET, HELLO("")},
     STATUS_UNAVAILABLE,
     RELAY_LATER,
     "MAIL"},
    {"TLS demanded, refused",
     demand_tls,
     false,
     {GREET, HELLO("250-STARTTLS\r\n"), {"STARTTLS", "454 4.7.0 Not now\r\n"}},
     STATUS_UNAVAILABLE,
     RELAY_LATER,
     "MAIL"},
    {"TLS taken where offered",
     allow_tls,
     false,
     {GREET, HELLO("250-STARTTLS\r\n"), STARTTLS, HELLO(""), LETTER},
     STATUS_OK,
     RELAY_SENT,
     ""},
    {"and left where not", allow_tls, false, {GREET, HELLO(""), LETTER}, STATUS_OK, RELAY_SENT, ""},
    {"a known certificate",
     verify_tls,
     false,
     {GREET, HELLO("250-STARTTLS\r\n"), STARTTLS, HELLO(""), LETTER},
     STATUS_OK,
     RELAY_SENT,
     ""},
    {"an unknown certificate",
     verify_by_others,
     false,
     {GREET, HELLO("250-STARTTLS\r\n"), STARTTLS, HELLO(""), LETTER},
     STATUS_UNAVAILABLE,
     RELAY_LATER,
     "MAIL"},
    {"a certificate of another host",
     verify_other_name,
     false,
     {GREET, HELLO("250-STARTTLS\r\n"), STARTTLS, HELLO(""), LETTER},
     STATUS_UNAVAILABLE,
     RELAY_LATER,
     "MAIL"},
    {"a certificate of the name that is given",
     verify_given_name,
     false,
     {GREET, HELLO("250-STARTTLS\r\n"), STARTTLS, HELLO(""), LETTER},
     STATUS_OK,
     RELAY_SENT,
     ""},
    {"a certificate that is known by its fingerprint",
     pin_certificate,
     false,
     {GREET, HELLO("250-STARTTLS\r\n"), STARTTLS, HELLO(""), LETTER},
     STATUS_OK,
     RELAY_SENT,
     ""},
    {"a key that is known by its fingerprint",
     pin_key,
     false,
     {GREET, HELLO("250-STARTTLS\r\n"), STARTTLS, HELLO(""), LETTER},
     STATUS_OK,
     RELAY_SENT,
     ""},
    {"another fingerprint",
     pin_other,
     false,
     {GREET, HELLO("250-STARTTLS\r\n"), STARTTLS, HELLO(""), LETTER},
     STATUS_UNAVAILABLE,
     RELAY_LATER,
     "MAIL"},
    {"a fingerprint, and no TLS",
     pin_certificate,
     false,
     {GREET, HELLO(""), LETTER},
     STATUS_UNAVAILABLE,
     RELAY_LATER,
     "MAIL"},
    {"TLS from the beginning",
     implicit_tls,
     true,
     {GREET, HELLO(""), LETTER},
     STATUS_OK,
     RELAY_SENT,
     ""},
    {"a password over TLS",
     with_password,
     false,
     {GREET,
      HELLO("250-STARTTLS\r\n"),
      STARTTLS,
      HELLO("250-AUTH PLAIN\r\n"),
      {"AUTH PLAIN", "334 \r\n"},
      {"AHBvc3Rlcm4Ac2VjcmV0IHdvcmQ=\r\n", "235 2.7.0 Ok\r\n"},
      LETTER},
     STATUS_OK,
     RELAY_SENT,
     ""},
    {"no password in clear",
     with_password,
     false,
     {GREET, HELLO("250-AUTH PLAIN\r\n")},
     STATUS_UNAVAILABLE,
     RELAY_LATER,
     "AUTH"},
    {"a wrong password",
     with_password,
     false,
     {GREET,
      HELLO("250-STARTTLS\r\n"),
      STARTTLS,
      HELLO("250-AUTH PLAIN\r\n"),
      {"AUTH PLAIN", "334 \r\n"},
      {"", "535 5.7.8 No\r\n"}},
     STATUS_UNAVAILABLE,
     RELAY_LATER,
     "MAIL"},
    {"what was offered before TLS is void",
     demand_tls,
     false,
     {GREET, HELLO("250-SIZE 1\r\n250-STARTTLS\r\n"), STARTTLS, HELLO(""), LETTER},
     STATUS_OK,
     RELAY_SENT,
     "SIZE="},
};

static void
never_falls_back_to_clear_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(tls_stories) / sizeof(tls_stories[0]); i++) {
		struct arena *arena = arena_new();
		struct server server = {.implicit_tls = tls_stories[i].implicit};
		struct relay_recipient recipient;
		enum status status =
		    send_one(tls_stories[i].script, tls_stories[i].change, "fred@example.net",
			     SLICE("x\r\n"), arena, &recipient, &server);

		if (status != tls_stories[i].status || recipient.outcome != tls_stories[i].outcome)
			fail_msg("%s: %s, outcome %d, %s", tls_stories[i].claim,
				 status_text(status), recipient.outcome, recipient.reply);
		if (*tls_stories[i].must_not_be_seen != '\0' &&
		    strstr(server.seen, tls_stories[i].must_not_be_seen) != NULL)
			fail_msg("%s: %s", tls_stories[i].claim, server.seen);
		arena_free(arena);
	}
}

/* A handshake that fails: with MAY a new connection in clear, never the same one; else nothing. */
static void
goes_in_clear_on_a_new_connection_only(void **state)
{
	static const struct step broken[] = {
	    GREET, HELLO("250-STARTTLS\r\n"), {"STARTTLS\r\n", "220 Go\r\n"}, {"", NULL}};
	static const struct step clear[] = {GREET, HELLO("250-STARTTLS\r\n"), LETTER, END};
	static const struct step *const scripts[] = {broken, clear, NULL};
	static const struct {
		void (*change)(struct relay_settings *settings);
		enum status status;
	} cases[] = {{allow_tls, STATUS_OK},
		     {demand_tls, STATUS_UNAVAILABLE},
		     {with_password, STATUS_UNAVAILABLE}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct relay_recipient recipient = {.address = "fred@example.net"};
		struct arena *arena = arena_new();
		struct server server = {0};
		struct relay_settings settings;
		struct relay *relay;

		start(&server, scripts);
		settings = settings_for(&server);
		cases[i].change(&settings);
		assert_int_equal(relay_open(&settings, &relay), STATUS_OK);
		assert_int_equal(send_letter(relay, "", &recipient, 1, SLICE("x\r\n"), arena),
				 cases[i].status);
		assert_int_equal(relay_may_go_elsewhere(relay), cases[i].status != STATUS_OK);
		relay_close(relay);
		stop(&server);
		arena_free(arena);
	}
}

/* What can be better later is told apart from a server that has no TLS, or shows somebody else. */
static void
tells_whether_it_was_about_tls(void **state)
{
	static const struct {
		const char *claim;
		void (*change)(struct relay_settings *settings);
		struct step script[6];
		bool unverified;
	} rows[] = {
	    {"no TLS", verify_tls, {GREET, HELLO("")}, true},
	    {"TLS put off",
	     verify_tls,
	     {GREET, HELLO("250-STARTTLS\r\n"), {"STARTTLS\r\n", "454 4.7.0 Not now\r\n"}},
	     false},
	    {"TLS put off, and gone",
	     demand_tls,
	     {GREET,
	      HELLO("250-STARTTLS\r\n"),
	      {"STARTTLS\r\n", "421 4.3.2 Going down\r\n"},
	      {"", NULL}},
	     false},
	    {"TLS refused",
	     verify_tls,
	     {GREET, HELLO("250-STARTTLS\r\n"), {"STARTTLS\r\n", "554 5.7.0 No\r\n"}},
	     true},
	    {"a handshake that breaks",
	     verify_tls,
	     {GREET, HELLO("250-STARTTLS\r\n"), {"STARTTLS\r\n", "220 Go\r\n"}, {"", NULL}},
	     true},
	    {"another certificate",
	     verify_by_others,
	     {GREET, HELLO("250-STARTTLS\r\n"), STARTTLS},
	     true},
	    {"a greeting that puts off", verify_tls, {{"", "421 4.3.2 Busy\r\n"}}, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct step *const scripts[] = {rows[i].script, NULL};
		struct relay_recipient recipient = {.address = "fred@example.net"};
		struct arena *arena = arena_new();
		struct server server = {0};
		struct relay_settings settings;
		struct relay *relay;

		start(&server, scripts);
		settings = settings_for(&server);
		rows[i].change(&settings);
		assert_int_equal(relay_open(&settings, &relay), STATUS_OK);
		assert_int_equal(send_letter(relay, "", &recipient, 1, SLICE("x\r\n"), arena),
				 STATUS_UNAVAILABLE);
		if (relay_is_unverified(relay) != rows[i].unverified)
			fail_msg("%s", rows[i].claim);
		assert_true(relay_may_go_elsewhere(relay));
		relay_close(relay);
		stop(&server);
		arena_free(arena);
	}
}

#define DSN_OFFERS "250-DSN\r\n250-CHUNKING\r\n250-BINARYMIME\r\n"

/* What was asked for is handed on where it is offered, and only there. */
static const struct {
	const char *claim;
	struct relay_letter letter;
	struct relay_recipient recipient;
	const char *bytes;
	struct step script[8];
	enum relay_outcome outcome;
	const char *code;
	bool told;
} wishes[] = {
    {"all of DSN",
     {.id = "x",
      .sender = "ann@example.com",
      .returns = RELAY_RETURN_HEADERS,
      .envelope_id = "a+2Bb"},
     {.address = "fred@example.net",
      .notify = RELAY_NOTIFY_SUCCESS | RELAY_NOTIFY_DELAY,
      .original = "rfc822;Fred+2Bx@example.net"},
     "x\r\n",
     {GREET,
      HELLO(DSN_OFFERS),
      {"MAIL FROM:<ann@example.com> RET=HDRS ENVID=a+2Bb\r\n", "250 Ok\r\n"},
      {"RCPT TO:<fred@example.net> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;Fred+2Bx@example.net\r\n",
       "250 Ok\r\n"},
      {"DATA\r\n", "354 Go\r\n"},
      {"<data>", "250 Ok\r\n"}},
     RELAY_SENT,
     "2.0.0",
     true},
    {"nothing without the offer",
     {.id = "x", .sender = "ann@example.com", .returns = RELAY_RETURN_FULL, .envelope_id = "a"},
     {.address = "fred@example.net", .notify = RELAY_NOTIFY_NEVER, .original = "rfc822;x"},
     "x\r\n",
     {GREET,
      HELLO(""),
      {"MAIL FROM:<ann@example.com>\r\n", "250 Ok\r\n"},
      {"RCPT TO:<fred@example.net>\r\n", "250 Ok\r\n"},
      {"DATA\r\n", "354 Go\r\n"},
      {"<data>", "250 Ok\r\n"}},
     RELAY_SENT,
     "2.0.0",
     false},
    {"nothing that could end a command",
     {.id = "x", .sender = "ann@example.com", .envelope_id = "a\r\nRSET"},
     {.address = "fred@example.net", .notify = RELAY_NOTIFY_NEVER, .original = "x y"},
     "x\r\n",
     {GREET,
      HELLO(DSN_OFFERS),
      {"MAIL FROM:<ann@example.com>\r\n", "250 Ok\r\n"},
      {"RCPT TO:<fred@example.net> NOTIFY=NEVER\r\n", "250 Ok\r\n"},
      {"DATA\r\n", "354 Go\r\n"},
      {"<data>", "250 Ok\r\n"}},
     RELAY_SENT,
     "2.0.0",
     true},
    {"a binary letter goes by BDAT, dots and all",
     {.id = "x", .sender = "ann@example.com", .binary = true},
     {.address = "fred@example.net"},
     "a\n.\r\n",
     {GREET,
      HELLO(DSN_OFFERS),
      {"MAIL FROM:<ann@example.com> BODY=BINARYMIME\r\n", "250 Ok\r\n"},
      {"RCPT TO:<fred@example.net>\r\n", "250 Ok\r\n"},
      {"BDAT 5 LAST\r\n", ""},
      {"a\n", ""},
      {".\r\n", "250 Ok\r\n"}},
     RELAY_SENT,
     "2.0.0",
     true},
    {"or not at all",
     {.id = "x", .sender = "ann@example.com", .binary = true},
     {.address = "fred@example.net"},
     "a\r\n",
     {GREET, HELLO("250-CHUNKING\r\n")},
     RELAY_REFUSED,
     "5.6.3",
     false},
    {"a header of 8 bits, as it was announced",
     {.id = "x", .sender = "ann@example.com", .utf8 = true},
     {.address = "fred@example.net"},
     "Subject: \xc3\xbc\r\n\r\nx\r\n",
     {GREET, HELLO("250-8BITMIME\r\n")},
     RELAY_REFUSED,
     "5.6.7",
     false},
    {"a body of 8 bits needs no SMTPUTF8",
     {.id = "x", .sender = "ann@example.com", .utf8 = true},
     {.address = "fred@example.net"},
     "Subject: u\r\n\r\n\xc3\xbc\r\n",
     {GREET,
      HELLO("250-8BITMIME\r\n250-SMTPUTF8\r\n"),
      {"MAIL FROM:<ann@example.com> BODY=8BITMIME\r\n", "250 Ok\r\n"},
      {"RCPT", "250 Ok\r\n"},
      {"DATA\r\n", "354 Go\r\n"},
      {"<data>", "250 Ok\r\n"}},
     RELAY_SENT,
     "2.0.0",
     false},
};

static void
hands_on_what_is_offered(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++) {
		const struct step *const scripts[] = {wishes[i].script, NULL};
		struct slice bytes = slice_from_text(wishes[i].bytes);
		struct source source = source_from_slice(&bytes);
		struct relay_recipient recipient = wishes[i].recipient;
		struct relay_letter letter = wishes[i].letter;
		struct arena *arena = arena_new();
		struct server server = {0};
		struct relay_settings settings;
		struct relay *relay;

		start(&server, scripts);
		settings = settings_for(&server);
		letter.recipients = &recipient;
		letter.count = 1;
		letter.source = &source;
		assert_int_equal(relay_open(&settings, &relay), STATUS_OK);
		assert_int_equal(relay_send(relay, &letter, arena), STATUS_OK);
		relay_close(relay);
		stop(&server);
		if (recipient.outcome != wishes[i].outcome || recipient.told != wishes[i].told ||
		    strcmp(recipient.status, wishes[i].code) != 0)
			fail_msg("%s: outcome %d, %s", wishes[i].claim, recipient.outcome,
				 recipient.reply);
		arena_free(arena);
	}
}

static void
comes_back_when_nobody_answers(void **state)
{
	struct relay_recipient recipient = {.address = "fred@example.net"};
	struct arena *arena = arena_new();
	struct server server = {0};
	struct relay_settings settings;
	struct relay *relay;
	static const struct step *const none[] = {NULL};

	(void)state;
	/* A port where nobody listens any more. */
	start(&server, none);
	settings = settings_for(&server);
	stop(&server);
	assert_int_equal(relay_open(&settings, &relay), STATUS_OK);
	assert_int_equal(send_letter(relay, "", &recipient, 1, SLICE("x\r\n"), arena),
			 STATUS_UNAVAILABLE);
	assert_int_equal(recipient.outcome, RELAY_LATER);
	assert_string_equal(recipient.status, "4.4.1");
	relay_close(relay);
	arena_free(arena);
}

static void
impatient(struct relay_settings *settings)
{
	settings->timeout_seconds = 1;
}

static void
does_not_wait_for_ever(void **state)
{
	static const struct step script[] = {GREET, HELLO(""), {"MAIL", "250-One\r\n250-"}, END};
	struct relay_recipient recipient;
	struct arena *arena = arena_new();
	struct server server = {0};

	(void)state;
	assert_int_equal(send_one(script, impatient, "fred@example.net", SLICE("x\r\n"), arena,
				  &recipient, &server),
			 STATUS_UNAVAILABLE);
	assert_int_equal(recipient.outcome, RELAY_LATER);
	arena_free(arena);
}

static void
refuses_settings_without_sense(void **state)
{
	static const char *const short_print[] = {"12:34"};
	struct relay_settings settings = {
	    .host = "a/b", .port = 25, .name = "", .helo_name = "x", .timeout_seconds = 1};
	struct relay *relay;

	(void)state;
	assert_int_equal(relay_open(&settings, &relay), STATUS_INVALID);
	settings.host = "there";
	settings.helo_name = "x\r\nMAIL";
	assert_int_equal(relay_open(&settings, &relay), STATUS_INVALID);
	settings.helo_name = "x";
	settings.tls = RELAY_TLS_FINGERPRINT;
	assert_int_equal(relay_open(&settings, &relay), STATUS_INVALID);
	settings.fingerprints = short_print;
	settings.fingerprint_count = 1;
	assert_int_equal(relay_open(&settings, &relay), STATUS_INVALID);
	settings.tls = RELAY_TLS_MAY;
	settings.user = "x";
	settings.password_file = "/nowhere";
	assert_int_equal(relay_open(&settings, &relay), STATUS_INVALID);
}

/* The first with colons and capitals, as people copy it; the second without. */
static void
note_fingerprints(X509 *certificate)
{
	unsigned char digest[2][EVP_MAX_MD_SIZE], *key = NULL;
	int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &key);

	assert_int_equal(X509_digest(certificate, EVP_sha256(), digest[0], NULL), 1);
	assert_int_equal(EVP_Digest(key, (size_t)size, digest[1], NULL, EVP_sha256(), NULL), 1);
	OPENSSL_free(key);
	for (size_t i = 0; i < 32; i++) {
		snprintf(fingerprints[0] + i * 3, 4, i == 31 ? "%02X" : "%02X:", digest[0][i]);
		snprintf(fingerprints[1] + i * 2, 3, "%02x", digest[1][i]);
	}
}

/* A self-signed certificate for 127.0.0.1, good for an hour around now. */
static void
make_certificate(void)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *certificate = X509_new();
	X509_NAME *name = X509_get_subject_name(certificate);
	X509_EXTENSION *names =
	    X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "IP:127.0.0.1");
	FILE *file;

	X509_set_version(certificate, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
	X509_gmtime_adj(X509_getm_notBefore(certificate), -1800);
	X509_gmtime_adj(X509_getm_notAfter(certificate), 1800);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"test", -1, -1,
				   0);
	X509_set_issuer_name(certificate, name);
	X509_set_pubkey(certificate, key);
	X509_add_ext(certificate, names, -1);
	assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
	snprintf(ca_path, sizeof(ca_path), "%s/ca.pem", folder);
	file = fopen(ca_path, "w");
	assert_non_null(file);
	assert_int_equal(PEM_write_X509(file, certificate), 1);
	fclose(file);
	tls_context = SSL_CTX_new(TLS_server_method());
	assert_int_equal(SSL_CTX_use_certificate(tls_context, certificate), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(tls_context, key), 1);
	note_fingerprints(certificate);
	X509_EXTENSION_free(names);
	X509_free(certificate);
	EVP_PKEY_free(key);
}

static int
set_up(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	secret_prepare_process();
	snprintf(folder, sizeof(folder), "/tmp/relay-XXXXXX");
	if (mkdtemp(folder) == NULL)
		return 1;
	make_certificate();
	write_file("password", "secret word\n");
	snprintf(password_path, sizeof(password_path), "%s/password", folder);
	return 0;
}

static int
tear_down(void **state)
{
	char command[128];

	(void)state;
	SSL_CTX_free(tls_context);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tells_recipients_apart),
	    cmocka_unit_test(makes_a_body_while_it_is_sent),
	    cmocka_unit_test(does_not_make_what_the_server_would_not_take),
	    cmocka_unit_test(does_not_end_a_letter_that_could_not_be_made),
	    cmocka_unit_test(tells_each_story),
	    cmocka_unit_test(keeps_the_connection),
	    cmocka_unit_test(pipelines_many_recipients),
	    cmocka_unit_test(never_falls_back_to_clear_text),
	    cmocka_unit_test(goes_in_clear_on_a_new_connection_only),
	    cmocka_unit_test(tells_whether_it_was_about_tls),
	    cmocka_unit_test(hands_on_what_is_offered),
	    cmocka_unit_test(comes_back_when_nobody_answers),
	    cmocka_unit_test(does_not_wait_for_ever),
	    cmocka_unit_test(refuses_settings_without_sense),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
