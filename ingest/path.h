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
	bool utf8;	/* SMTPUTF8 (RFC 6531) */
};

/* REPLY_OK, or why they are refused. */
enum reply path_mail_parameters(struct slice text, struct mail_parameters *parameters_out);

/* RCPT has none yet. */
enum reply path_recipient_parameters(struct slice text);

#endif
