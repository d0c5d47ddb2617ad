/*
 * The envelope of a message as it was handed over: kept sealed under the
 * message key, because ingest may not even read back addresses.
 */
#ifndef MESSENGER_ENVELOPE_H
#define MESSENGER_ENVELOPE_H

#include "base/arena.h"
#include "base/slice.h"
#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

#define ENVELOPE_RECIPIENTS_MAX ((size_t)1000)

/* What a sender wants to be told of a recipient (RFC 3461 section 4.1); 0 when it did not say. */
enum envelope_notify {
	NOTIFY_SUCCESS = 1,
	NOTIFY_FAILURE = 2,
	NOTIFY_DELAY = 4,
	NOTIFY_NEVER = 8, /* stands alone */
};

/* How much of the message a report of failure brings back (RFC 3461 section 4.3). */
enum envelope_return { RETURN_UNSAID, RETURN_FULL, RETURN_HEADERS };

struct envelope_recipient {
	const char *address;
	unsigned notify; /* enum envelope_notify */
	const char
	    *original; /* ORCPT as it came, in xtext: "rfc822;fred@example.net"; "" when unsaid */
};

struct envelope {
	const char *sender; /* "" for the null reverse-path */
	const struct envelope_recipient *recipients;
	size_t recipient_count;
	enum envelope_return returns;
	const char *envelope_id;    /* ENVID as it came, in xtext; "" when unsaid */
	const char *user;	    /* who has authenticated; "" for nobody */
	const char *certificate;    /* name of the one it proved to own; "" for none */
	const char *client_name;    /* what it called itself */
	const char *client_address; /* "192.0.2.1" */
	bool tls;
	bool utf8;	/* SMTPUTF8 was asked for */
	bool eight_bit; /* BODY=8BITMIME */
	bool binary;	/* BODY=BINARYMIME (RFC 3030): line ends may be anything */
	int64_t received_at;
};

enum status envelope_write(const struct envelope *envelope, struct arena *arena,
			   struct slice *bytes_out) MUST_CHECK;
enum status
envelope_read(struct slice bytes, struct arena *arena, struct envelope *envelope_out) MUST_CHECK;

#endif
