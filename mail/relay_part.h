/*
 * What the pieces of the relay share.  Inside of mail/relay only.
 */
#ifndef MAIL_RELAY_PART_H
#define MAIL_RELAY_PART_H

#include <curl/curl.h>

#include "base/secret.h"
#include "base/text.h"
#include "mail/relay.h"
#include "mail/relay_reply.h"

/* What the server offers since its last EHLO. */
struct relay_offers {
	bool pipelining;
	bool eight_bit;
	bool utf8;
	bool size;
	unsigned long long size_limit; /* 0: none told */
};

struct relay {
	struct arena *arena; /* of the settings */
	struct relay_settings settings;
	struct secret password; /* NUL-terminated */
	CURL *curl;		/* NULL while not connected */
	struct relay_offers offers;
	struct text received;  /* read, not parsed yet */
	unsigned long written; /* Maildir files so far, for names in tmp/ */
};

/* One letter on its way. */
struct relay_letter {
	const char *id;
	const char *sender;
	struct relay_recipient *recipients;
	size_t count;
	const struct source *source;
	bool eight_bit;
	struct arena *arena;
};

/* The result of every recipient that has no outcome of its own yet (status is NULL). */
void relay_settle(struct relay_letter *letter, enum relay_outcome outcome, const char *status,
		  const char *reply);

/* No control, blank, bracket or overlong: fit for a command, a header, a path. */
bool relay_address_is_safe(const char *address);

/* Connection: STATUS_UNAVAILABLE with *reason_out (for the log and the recipients) when it fails.
 */
enum status relay_connect(struct relay *relay, const char **reason_out) MUST_CHECK;
void relay_disconnect(struct relay *relay);

/* Send all bytes; read one reply.  Each within the time-out; STATUS_UNAVAILABLE when the connection
 * is gone, slow or speaks no SMTP. */
enum status relay_write(struct relay *relay, struct slice bytes) MUST_CHECK;
enum status
relay_read(struct relay *relay, struct arena *arena, struct relay_reply *reply_out) MUST_CHECK;

enum status relay_smtp_send(struct relay *relay, struct relay_letter *letter) MUST_CHECK;
enum status relay_maildir_send(struct relay *relay, struct relay_letter *letter) MUST_CHECK;

#endif
