/*
 * Which way a message goes to one recipient, and why: a pure function of what
 * was found in it and what the organisation has decided.
 */
#ifndef MESSENGER_DECIDE_H
#define MESSENGER_DECIDE_H

#include "mail/marks.h"
#include "messenger/policy.h"
#include "store/delivery.h"

struct decision {
	const char *recipient; /* without the mark */
	enum delivery_route route;
	bool must_ask;	    /* a near miss: held even when a template would fit */
	const char *reason; /* stable words, shown to the sender in the page's own words */
};

/* `sender` is the envelope sender ("" for null), `address_marked` tells whether any recipient of
 * the message carried the address mark (for mark_scope = message). */
struct decision
decide_route(const struct policy *policy, const char *sender, const char *recipient,
	     const struct mark_findings *findings, bool address_marked, struct arena *arena);

#endif
