/*
 * Which way a message goes to one recipient, and why: a pure function of what
 * was found in it and what the organisation has decided.
 */
#ifndef MESSENGER_DECIDE_H
#define MESSENGER_DECIDE_H

#include "mail/marks.h"
#include "messenger/policy.h"
#include "store/delivery.h"

struct known_key;
struct found_keys;

struct decision {
	const char *recipient; /* without the mark */
	enum delivery_route route;
	bool must_ask;	    /* a near miss, or an answer: held even when a template would fit */
	const char *reason; /* stable words, shown to the sender in the page's own words */
	const struct known_key *key; /* of ROUTE_SMIME and ROUTE_OPENPGP */
	const char *tls; /* of ROUTE_TLS: what its servers are verified by, as in found_keys */
};

/* What is known of the whole message. */
struct decision_facts {
	const char *sender; /* envelope; "" for null */
	const struct mark_findings *findings;
	bool address_marked; /* any recipient bore the address mark (for mark_scope = message) */
	bool in_thread;	     /* one of our own answers a message of a secured conversation */
	bool unread;	     /* its header cannot be read, so that nobody knows what it bears */
};

struct decision decide_route(const struct policy *policy, const struct decision_facts *facts,
			     const char *recipient, struct arena *arena);

/* Whether a key, or a verified connection, would be used: the message is to be secured, and there
 * is nothing to ask its sender before. */
bool decide_wants_key(const struct policy *policy, const struct decision *decision);

/* Whether one that comes to the portal is to leave as PDF where nothing is settled for its
 * recipient. */
bool decide_pdf(const struct policy *policy, const struct decision *decision);

/* A reply that goes out as ordinary mail in any case: encrypted, by the first of the reader's rungs
 * that there is a key for. */
void decide_reply(const struct policy *policy, const struct found_keys *found,
		  struct decision *decision);

/* The rung for a decision that wants a key, by what was found. */
void
decide_rung(const struct policy *policy, const struct found_keys *found, struct decision *decision);

/* The same below ROUTE_TLS, for one whose servers could not be verified. */
void
decide_fall(const struct policy *policy, const struct found_keys *found, struct decision *decision);

#endif
