/*
 * Walks an address field by bytes (RFC 5322 section 3.4, groups, routes and
 * comments included) and tells where each mailbox and its parts stand, so that
 * a mark can be cut where it is.  Linear, without recursion, never fails:
 * what is no mailbox is passed over.
 */
#ifndef MAIL_MAILBOX_SCAN_H
#define MAIL_MAILBOX_SCAN_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/slice.h"

struct mailbox_scan {
	struct slice value;
	size_t position;
};

struct mailbox_span {
	struct slice value; /* the field that the places count in */
	size_t from;	    /* the mailbox with its name and comments, trimmed */
	size_t end;
	struct slice name;    /* before the angle bracket, as written; empty when there is none */
	struct slice comment; /* the last comment, without its parentheses */
	size_t local_from;    /* the address with what stands inside it */
	size_t local_end;
	size_t domain_from; /* equal to domain_end when there is no domain in plain bytes */
	size_t domain_end;
};

void mailbox_scan_begin(struct mailbox_scan *scan, struct slice value);
bool mailbox_scan_next(struct mailbox_scan *scan, struct mailbox_span *span);

/* The address without comments and folding, decoded where it is (wrongly) an encoded word, clean;
 * NULL when there is no "@" with something on both sides. */
const char *mailbox_address(const struct mailbox_span *span, struct arena *arena);

#endif
