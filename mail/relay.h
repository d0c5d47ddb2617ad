/*
 * Letters out: to a smarthost by SMTP (libcurl opens, this speaks), or into a
 * Maildir for demonstrations and tests.  One result per recipient.
 *
 * Letters leave as they are: a letter with a bare CR or LF is refused (5.6.0), since
 * the next server could see another end of it.  8-bit letters are announced by
 * BODY=8BITMIME where that is offered and sent all the same where it is not.
 * An address beyond ASCII is refused (5.6.7) where SMTPUTF8 is not offered.
 *
 * A Maildir lies below settings->maildir for each recipient, in a folder named by
 * the address ("/", controls and a leading dot become "_").  The file is named by the
 * letter; two lines come before its bytes, "Return-Path: <sender>" and
 * "Delivered-To: recipient", and line ends stay CRLF.
 *
 * A relay belongs to one thread at a time.  The process ignores SIGPIPE.
 */
#ifndef MAIL_RELAY_H
#define MAIL_RELAY_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/stream.h"

/* MAY takes TLS where it is offered, whoever answers; ENCRYPT demands TLS; VERIFY also a
 * certificate of that host.  With a user, MAY is ENCRYPT: a password leaves in clear only where
 * NEVER says so. */
enum relay_tls { RELAY_TLS_NEVER, RELAY_TLS_MAY, RELAY_TLS_ENCRYPT, RELAY_TLS_VERIFY };

struct relay_settings {
	const char *maildir; /* not empty: letters go to files below this folder, nothing is sent */
	const char *host;
	unsigned port;
	bool implicit_tls;
	enum relay_tls tls;
	const char *ca_file; /* for VERIFY; "" for the system's */
	const char *user;    /* AUTH when not empty */
	const char *password_file;
	const char *helo_name;
	unsigned timeout_seconds; /* for the connection and for each reply */
};

enum relay_outcome { RELAY_SENT, RELAY_LATER, RELAY_REFUSED };

struct relay_recipient {
	const char *address;
	enum relay_outcome outcome; /* out */
	const char
	    *status;	   /* out: enhanced code, "2.0.0" when the server gave none; in the arena */
	const char *reply; /* out: the server's text, clean, one line; in the arena */
};

struct relay;

/* Nothing is connected yet.  The settings are copied; STATUS_INVALID when they make no sense or the
 * password file cannot be read. */
enum status relay_open(const struct relay_settings *settings, struct relay **relay_out) MUST_CHECK;
void relay_close(struct relay *relay);

/* Send one letter.  `sender` may be "" (null reverse-path).  `letter_id` is a stable name of this
 * letter: a Maildir holds each letter at most once per recipient, whatever is tried again.
 * (letters, digits, "-", "_", "."; STATUS_INVALID otherwise).  STATUS_OK: every recipient has its
 * outcome.  STATUS_UNAVAILABLE: the relay could not be reached or broke off before the final reply,
 * all recipients RELAY_LATER; so it is with any other status, which the letter's source gave.  The
 * connection is kept for the next letter. */
enum status relay_send(struct relay *relay, const char *letter_id, const char *sender,
		       struct relay_recipient *recipients, size_t count,
		       const struct source *letter, struct arena *arena) MUST_CHECK;

#endif
