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
	const struct mailbox *cc;
	size_t cc_count;
	struct mailbox reply_to;
	const char *subject;
	const char *message_id; /* with angle brackets */
	const char *in_reply_to;
	const char *references;
	const char *language; /* Content-Language (RFC 3282); NULL: not said */
	int64_t date;
	bool eight_bit; /* a part of it holds bytes above 127 as they are */
	bool automatic; /* Auto-Submitted: auto-generated, X-Auto-Response-Suppress: All */
	const char
	    *auto_submitted; /* "auto-replied" for receipts and bounces; NULL for the default */
};

/* A text/plain letter (UTF-8, quoted-printable or 7bit) from a body with LF line ends. */
enum status
compose_text(const struct letter *letter, struct slice body, struct text *out) MUST_CHECK;

/* The same with a file behind it (multipart/mixed), of which nothing is copied: `base64` is its
 * bytes in lines that end in CRLF, as crypto/cms.h gives them, and is borrowed.  What comes out
 * lives in the arena, and knows its size. */
enum status compose_file(const struct letter *letter, struct slice body, const char *name,
			 const char *type, const struct source *base64, struct arena *arena,
			 struct source *source_out) MUST_CHECK;

/* One recipient of a delivery status notification (RFC 3464 section 2.3).  Texts that are not known
 * are "" or NULL, times 0. */
struct failure {
	const char *recipient;
	const char *original;	/* ORCPT as it came, in xtext */
	const char *action;	/* "failed", "delayed", "relayed" */
	const char *status;	/* "5.7.1" */
	const char *diagnostic; /* reply text of the other server */
	const char *host;	/* its name or address */
	int64_t tried_at;
	int64_t retry_until;
};

struct report {
	const char *host;	 /* who reports */
	const char *envelope_id; /* ENVID as it came, in xtext */
	int64_t arrived_at;
	bool utf8; /* its reader knows RFC 6533: addresses beyond ASCII stand as they are */
	const struct failure *failures;
	size_t failure_count;
	const char *original_header; /* text/rfc822-headers; "" or NULL leaves it out */
	struct slice original;	     /* the whole message instead, as it is; empty leaves it out */
};

/* multipart/report; report-type=delivery-status: the body for people, the report
 * (message/delivery-status, or message/global-delivery-status where it holds UTF-8), and what is
 * brought back of the original. */
enum status compose_report(const struct letter *letter, struct slice body,
			   const struct report *report, struct text *out) MUST_CHECK;

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

/* How a whole message can stand in a reply. */
enum reply_carriage {
	REPLY_SEVEN_BIT, /* message/rfc822, as it is */
	REPLY_EIGHT_BIT, /* the same; the letter must say eight_bit */
	REPLY_ENCODED,	 /* a file in base64: RFC 2046 section 5.2.1 allows a message no encoding */
};
/* Reads all of it: header and lines tell which it is. */
enum status
reply_message_carriage(const struct source *message, enum reply_carriage *carriage_out) MUST_CHECK;
/* The message as a part, byte for byte. */
enum status reply_message(struct reply_writer *writer, const char *name,
			  const struct source *message, enum reply_carriage carriage) MUST_CHECK;

/* Without header and body: files alone, of which each is to be put into a reply later. */
void
reply_open_files(const struct sink *sink, struct arena *arena, struct reply_writer **writer_out);
/* A file that was begun here, from what another writer wrote between begin and end of it. */
enum status reply_file_copy(struct reply_writer *writer, const struct source *written,
			    uint64_t from, uint64_t to) MUST_CHECK;
/* A file's name as it is written: never a path, never empty. */
const char *reply_file_name(const char *name, struct arena *arena);
enum status reply_close(struct reply_writer *writer) MUST_CHECK;

#endif
