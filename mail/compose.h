/*
 * Letters that Postern writes.  Every string handed in is made harmless before
 * it meets a header; lines end in CRLF, nothing is longer than 998 bytes.
 */
#ifndef MAIL_COMPOSE_H
#define MAIL_COMPOSE_H

#include "base/text.h"
#include "mail/address.h"
#include "mail/manifest.h"

/* Headers of a letter; empty strings are left out. */
struct letter {
	struct mailbox from;
	struct mailbox to;
	struct mailbox reply_to;
	const char *subject;
	const char *message_id; /* with angle brackets */
	const char *in_reply_to;
	const char *references;
	int64_t date;
	bool automatic; /* Auto-Submitted: auto-generated, X-Auto-Response-Suppress: All */
	const char
	    *auto_submitted; /* "auto-replied" for receipts and bounces; NULL for the default */
};

/* A text/plain letter (UTF-8, quoted-printable or 7bit) from a body with LF line ends. */
enum status
compose_text(const struct letter *letter, struct slice body, struct text *out) MUST_CHECK;

/* One recipient of a delivery status notification (RFC 3464 section 2.3). */
struct failure {
	const char *recipient;
	const char *action;	/* "failed", "delayed", "relayed" */
	const char *status;	/* "5.7.1" */
	const char *diagnostic; /* reply text of the other server, "" when none */
};

/* multipart/report; report-type=delivery-status: the body for people, the report, and the
 * original's header block (text/rfc822-headers; "" leaves it out). */
enum status
compose_bounce(const struct letter *letter, struct slice body, const char *reporting_host,
	       const struct failure *failures, size_t failure_count, const char *original_headers,
	       struct text *out) MUST_CHECK;

/* What a receipt tells.  RFC 8098 section 3.2.6 knows "displayed" and "deleted"; the rest is said
 * in an extension field (section 3.3) beside "displayed", which is true of each. */
enum receipt_kind { RECEIPT_OPENED = 1, RECEIPT_TAKEN, RECEIPT_REPLIED, RECEIPT_EXPIRED };

/* multipart/report; report-type=disposition-notification (RFC 8098). */
enum status
compose_receipt(const struct letter *letter, struct slice body, const char *reporting_host,
		const char *final_recipient, const char *original_message_id,
		enum receipt_kind kind, struct text *out) MUST_CHECK;

/* A reply written in the portal, streamed: open, body once, each file begun, written in pieces of
 * any size and ended, close.  multipart/mixed when `has_files` says that files follow, else
 * text/plain alone.  Body: UTF-8, format=flowed (space-stuffed), any line ends.  Files are base64.
 */
struct reply_writer;

enum status reply_open(const struct letter *letter, bool has_files, const struct sink *sink,
		       struct arena *arena, struct reply_writer **writer_out) MUST_CHECK;
enum status reply_body(struct reply_writer *writer, struct slice body) MUST_CHECK;
enum status
reply_file_begin(struct reply_writer *writer, const char *name, const char *type) MUST_CHECK;
enum status reply_file_write(struct reply_writer *writer, struct slice bytes) MUST_CHECK;
enum status reply_file_end(struct reply_writer *writer) MUST_CHECK;
enum status reply_close(struct reply_writer *writer) MUST_CHECK;

#endif
