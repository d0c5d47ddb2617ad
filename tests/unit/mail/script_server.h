/*
 * A mail server that plays a script, for tests of the relay: lines it expects, answers it gives,
 * bytes it saw.
 */
#ifndef TESTS_MAIL_SCRIPT_SERVER_H
#define TESTS_MAIL_SCRIPT_SERVER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

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
	SSL_CTX *tls;	  /* NULL: it has none */
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

static inline int
peer_read(struct peer *peer, void *bytes, int size)
{
	return peer->tls != NULL ? SSL_read(peer->tls, bytes, size)
				 : (int)read(peer->socket, bytes, (size_t)size);
}

static inline void
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
static inline bool
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

static inline bool
begin_tls(struct server *server, struct peer *peer)
{
	peer->tls = SSL_new(server->tls);
	SSL_set_fd(peer->tls, peer->socket);
	return SSL_accept(peer->tls) == 1;
}

static inline void
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

static inline void *
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

static inline void
start(struct server *server, const struct step *const *scripts)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);

	server->scripts = scripts;
	server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(server->listener >= 0);
	assert_int_equal(bind(server->listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(server->listener, 5), 0);
	assert_int_equal(getsockname(server->listener, (struct sockaddr *)&address, &size), 0);
	server->port = ntohs(address.sin_port);
	assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
}

static inline void
stop(struct server *server)
{
	shutdown(server->listener, SHUT_RDWR);
	pthread_join(server->thread, NULL);
	close(server->listener);
	if (server->fault[0] != '\0')
		fail_msg("server: %s", server->fault);
}

static inline struct relay_settings
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

#define LETTER                                                                                     \
	{"MAIL", "250 Ok\r\n"}, {"RCPT", "250 Ok\r\n"}, {"DATA", "354 Go\r\n"},                    \
	{                                                                                          \
		"<data>", "250 Ok\r\n"                                                             \
	}

/* A server that plays these scripts, and a relay to it. */
static inline struct relay *
begin(struct server *server, const struct step *const *scripts,
      void (*change)(struct relay_settings *settings))
{
	struct relay_settings settings;
	struct relay *relay;

	start(server, scripts);
	settings = settings_for(server);
	if (change != NULL)
		change(&settings);
	assert_int_equal(relay_open(&settings, &relay), STATUS_OK);
	return relay;
}

static inline void
end(struct server *server, struct relay *relay)
{
	relay_close(relay);
	stop(server);
}

static inline enum status
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
static inline enum status
send_one(const struct step *script, void (*change)(struct relay_settings *settings),
	 const char *address, struct slice bytes, struct arena *arena,
	 struct relay_recipient *recipient, struct server *server)
{
	const struct step *const scripts[] = {script, NULL};
	struct relay *relay = begin(server, scripts, change);
	enum status status;

	*recipient = (struct relay_recipient){.address = address};
	status = send_letter(relay, "ann@example.com", recipient, 1, bytes, arena);
	end(server, relay);
	return status;
}

#endif
