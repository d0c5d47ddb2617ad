/*
 * The arguments of MAIL and RCPT (RFC 5321 sections 4.1.1.2, 4.1.1.3 and 4.1.2):
 * a path in angle brackets, then parameters.  What a path holds is data: it is
 * checked, never interpreted.
 */
#ifndef INGEST_PATH_H
#define INGEST_PATH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "ingest/reply.h"
#include "messenger/envelope.h"

#define PATH_ENVELOPE_ID_MAX ((size_t)100) /* RFC 3461 section 4.4 */
#define PATH_ORIGINAL_MAX ((size_t)500)	   /* section 4.2 */

/* Take `keyword` ("FROM:", any case), optional blanks and a path off the front of *argument; what
 * is left are the parameters with the blank before them.  The mailbox lies between
 * the brackets, without a source route (which RFC 5321 section 3.6.1 says to
 * ignore), and is not checked otherwise; it may be empty.  False when that is no path. */
bool path_take(const char *keyword, struct slice *argument, struct slice *mailbox_out);

/* The parameters of MAIL. */
struct mail_parameters {
	bool has_size;
	uint64_t size; /* RFC 1870; UINT64_MAX stands for anything that does not fit */
	bool has_body;
	bool eight_bit; /* BODY=8BITMIME (RFC 6152) */
	bool binary;	/* BODY=BINARYMIME (RFC 3030) */
	bool utf8;	/* SMTPUTF8 (RFC 6531) */
	bool has_auth; /* AUTH (RFC 4954 section 5); whose message it is said to be tells nothing */
	bool has_return;
	enum envelope_return returns; /* RET (RFC 3461 section 4.3) */
	bool has_envelope_id;
	struct slice envelope_id; /* ENVID, in xtext; borrows the line */
};

/* REPLY_OK, or why they are refused. */
enum reply path_mail_parameters(struct slice text, struct mail_parameters *parameters_out);

/* The parameters of RCPT (RFC 3461 sections 4.1 and 4.2). */
struct recipient_parameters {
	bool has_notify;
	unsigned notify; /* enum envelope_notify */
	bool has_original;
	struct slice original; /* ORCPT: type and xtext; borrows the line */
};

/* REPLY_OK, or why they are refused.  `utf8`: the transaction is one with SMTPUTF8. */
enum reply path_recipient_parameters(struct slice text, bool utf8,
				     struct recipient_parameters *parameters_out);

#endif
