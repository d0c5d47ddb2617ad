/*
 * One conversation: the SMTP machine, a client's socket and the store of messages brought
 * together in straight-line, blocking code.
 */
#ifndef INGEST_CONVERSE_H
#define INGEST_CONVERSE_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ingest/session.h"
#include "messenger/messenger.h"

#define CONVERSE_BUFFER_SIZE ((size_t)65536)

/* What all conversations share and none changes. */
struct converse_settings {
	const struct messenger *messenger;
	struct session_settings session;
	SSL_CTX *tls;	    /* NULL: STARTTLS is not offered */
	int64_t timeout_ms; /* for a command, a reply, and each read of a message */
	int stop_fd;	    /* readable once the server stops */
};

struct converse_client {
	int fd; /* non-blocking; stays open */
	const char *address;
	const struct session_rules *rules;
};

/* Speak with the client until it or the server ends.  `buffer` has CONVERSE_BUFFER_SIZE bytes, and
 * what is in it is wiped. */
void converse(const struct converse_settings *settings, const struct converse_client *client,
	      unsigned char *buffer);

#endif
