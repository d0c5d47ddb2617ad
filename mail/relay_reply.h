/*
 * Replies of an SMTP server (RFC 5321 section 4.2, RFC 2034), from bytes that
 * may be hostile.
 */
#ifndef MAIL_RELAY_REPLY_H
#define MAIL_RELAY_REPLY_H

#include "base/arena.h"

#define REPLY_SIZE_MAX ((size_t)65536)
#define REPLY_TEXT_MAX ((size_t)500)

struct relay_reply {
	unsigned code;	    /* 200 to 599 */
	const char *status; /* enhanced code, or "2.0.0", "4.0.0", "5.0.0" by the code */
	const char *text;   /* all lines on one, clean, without the codes */
};

enum reply_progress { REPLY_MORE, REPLY_DONE, REPLY_BROKEN };

/* Look for one whole reply at the beginning of `bytes`.  REPLY_DONE: it is in *reply_out and took
 * *used_out bytes.  REPLY_BROKEN: this is no SMTP, or over REPLY_SIZE_MAX. */
enum reply_progress relay_reply_read(struct slice bytes, struct arena *arena,
				     struct relay_reply *reply_out, size_t *used_out);

#endif
