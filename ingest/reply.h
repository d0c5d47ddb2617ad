/*
 * Every reply that the SMTP server can give, and one of the two tables that
 * translate enum status (the other is the portal's).  Each reply carries an
 * enhanced code (RFC 2034, RFC 3463) except where RFC 2034 section 4 forbids it:
 * greeting, EHLO, HELO and 3yz.
 */
#ifndef INGEST_REPLY_H
#define INGEST_REPLY_H

#include "base/status.h"
#include "base/text.h"

enum reply {
	REPLY_OK,
	REPLY_BYE,
	REPLY_START_TLS,
	REPLY_HELP,
	REPLY_CANNOT_VERIFY,
	REPLY_SENDER_OK,
	REPLY_RECIPIENT_OK,
	REPLY_GO_AHEAD,
	REPLY_SHUTTING_DOWN,
	REPLY_TIMEOUT,
	REPLY_TOO_SLOW,
	REPLY_TOO_MANY_CONNECTIONS,
	REPLY_TOO_MANY_ERRORS,
	REPLY_TOO_MANY_COMMANDS,
	REPLY_TOO_MANY_MESSAGES,
	REPLY_LATER,
	REPLY_BUSY,
	REPLY_FULL,
	REPLY_TOO_MANY_RECIPIENTS,
	REPLY_LINE_TOO_LONG,
	REPLY_BARE_LINE_END,
	REPLY_UNKNOWN_COMMAND,
	REPLY_NO_ARGUMENT_ALLOWED,
	REPLY_ARGUMENT_MISSING,
	REPLY_BAD_HOST,
	REPLY_BAD_SENDER,
	REPLY_BAD_RECIPIENT,
	REPLY_SENDER_NOT_ALLOWED,
	REPLY_RECIPIENT_NOT_ALLOWED,
	REPLY_BAD_PARAMETER,
	REPLY_UNKNOWN_PARAMETER,
	REPLY_NEEDS_UTF8,
	REPLY_NOT_EXPANDED,
	REPLY_NO_TLS,
	REPLY_PLAIN_BEHIND_TLS,
	REPLY_HELLO_FIRST,
	REPLY_MAIL_FIRST,
	REPLY_CHUNKS_BEGUN,
	REPLY_CHUNKS_NEEDED,
	REPLY_BAD_CHUNK,
	REPLY_NESTED_MAIL,
	REPLY_NO_RECIPIENTS,
	REPLY_NOT_ALLOWED,
	REPLY_TLS_NEEDED,
	REPLY_AUTH_NEEDED,
	REPLY_SENDER_DOMAIN,
	REPLY_NOT_SMTP,
	REPLY_TOO_LARGE,
	REPLY_HEADER_TOO_LARGE,
	REPLY_BARE_IN_DATA,
	REPLY_DATA_LINE_TOO_LONG,
	REPLY_TOO_MANY_HOPS,
	REPLY_REFUSED,
	REPLY_COUNT,
};

/* The three-digit code. */
int reply_code(enum reply reply);

/* Append the reply's line with CRLF. */
void reply_write(enum reply reply, struct text *out);

/* SMTP's table of results: what a message that ended with `status` (never STATUS_OK) is told.
 * Whatever is our own fault is 4yz, so that the mail server keeps the message. */
enum reply reply_for_status(enum status status);

#endif
