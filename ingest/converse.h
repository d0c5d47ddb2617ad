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

#include "ingest/rates.h"
#include "ingest/rules.h"
#include "ingest/session.h"
#include "messenger/messenger.h"

#define CONVERSE_BUFFER_SIZE ((size_t)65536)

/* What all conversations of a listener share and none changes. */
struct converse_settings {
	const struct messenger *messenger;
	struct session_settings session;
	SSL_CTX *tls;	   /* NULL: STARTTLS is not offered */
	bool implicit_tls; /* from the first byte */
	const struct rules *rules;
	struct rates *rates;
	int64_t timeout_ms;    /* for a command, a reply, and each read of a message */
	int64_t text_grace_ms; /* for the text of a message, whatever comes of it */
	uint64_t text_rate;    /* bytes a second that must come after that */
	int64_t session_ms;    /* for all of it; 0: no bound.  A message in hand is still taken */
	int stop_fd;	       /* readable once the server stops */
};

struct converse_client {
	int fd; /* non-blocking; stays open */
	const struct network_address *address;
	const struct rule *rule; /* by its address alone */

	/* It has shown a certificate or user, and another rule holds: false when
	 * there is no room for one more under that. */
	bool (*change_rule)(void *context, const struct rule *rule);
	void *context;
};

/* Speak with the client until it or the server ends.  `buffer` has CONVERSE_BUFFER_SIZE bytes, and
 * what is in it is wiped. */
void converse(const struct converse_settings *settings, const struct converse_client *client,
	      unsigned char *buffer);

#endif
