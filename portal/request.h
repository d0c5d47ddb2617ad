/*
 * One request as a page sees it: what was asked, who asks, what was sent.  It
 * knows nothing of the HTTP library and nothing of pages.
 *
 * Everything lives in the request's arena, which outlives the answer.
 */
#ifndef PORTAL_REQUEST_H
#define PORTAL_REQUEST_H

#include "messenger/claimant.h"
#include "messenger/desk.h"
#include "messenger/mailbox.h"
#include "messenger/open.h"
#include "messenger/reply.h"
#include "messenger/sessions.h"
#include "portal/form.h"
#include "portal/site.h"

#define REQUEST_TARGET_MAX ((size_t)4096)
#define REQUEST_FIELD_MAX ((size_t)16384) /* a header field that is kept */

enum request_method { METHOD_GET = 1, METHOD_HEAD = 2, METHOD_POST = 4, METHOD_OTHER = 8 };

/* The fields of a request that matter here; empty when not sent. */
struct request_headers {
	struct slice host;
	struct slice origin;
	struct slice fetch_site;
	struct slice content_type;
	struct slice cookie;
	struct slice range;
	struct slice if_range;
	struct slice if_none_match;
	struct slice accept_language;
	struct slice forwarded_for;
	struct slice user_agent;
	bool expects_continue;
};

struct route;

/* A reply that is arriving. */
struct upload {
	struct reply *reply; /* NULL until the first file */
	bool sendable;	     /* it may be sent; else it can only be kept as a draft */
	bool prepared;	     /* what follows is filled in */
	bool placed;	     /* it is known which delivery it belongs to: */
	struct id delivery;
	struct writing text; /* what was typed, in the arena */
	size_t draft_files;  /* in the draft already */
	uint64_t draft_size; /* bytes of these */
	size_t files;	     /* that came with this form */
	uint64_t size;	     /* bytes of files so far */
	size_t kept;	     /* files of this form that are in the draft now */
	bool saved;	     /* the draft has what came */
	bool too_large;	     /* over the limit: the rest is read and dropped */
	bool too_many;	     /* the same for the number of files */
	bool refused;	     /* not to be kept: neither session nor a form of one */
	enum status opening; /* why there is no session */
	enum status status;  /* the first failure of keeping it */
};

struct request {
	struct arena *arena;
	const struct site *site;
	const struct route *route; /* NULL until found */
	enum request_method method;
	struct request_headers headers;
	const char *network;		 /* of the visitor, for counting tries */
	const struct language *language; /* of the answer */
	int64_t now;

	struct slice link; /* SECRET of the path, canonical */
	bool has_number;
	uint64_t number; /* N of the path */
	bool has_id;
	struct id id;	   /* ID of the path */
	struct slice name; /* NAME of the path, as sent */

	struct slice query;  /* as sent, empty when the route knows none */
	struct slice choice; /* a language chosen by "?language=de"; empty without */
	struct form form;
	struct slice token;		/* of the session's cookie, 32 bytes; empty without one */
	struct opening_tokens opening;	/* that may open the message of the link */
	struct opened *opened;		/* where the route needs a message's session */
	struct desk desk;		/* where it needs that of a signed-in sender */
	struct inbox inbox;		/* where it needs that of a mailbox */
	struct account_session account; /* either, as that of somebody who looks after it */
	struct upload upload;

	/* Why a form is shown again instead of being acted upon. */
	bool stale;   /* its CSRF token does not hold (any more) */
	bool crowded; /* no room for an Argon2id just now */
};

/* Fill in what the path says: "/r/SECRET" and its like, and the cookie that goes with it.  Takes
 * the raw target; a query is kept in request->query for routes that have one.  STATUS_NOT_FOUND: no
 * route; STATUS_CONFLICT: one, but not for this method (request->route stays NULL).  *methods_out
 * tells which the path knows. */
enum status
request_find_route(struct request *request, struct slice target, unsigned *methods_out) MUST_CHECK;

/* Fill in the visitor's network and language from the headers. */
void request_read_headers(struct request *request, const struct network_address *peer);

/* Where a browser tells where a POST comes from, it must be here: Sec-Fetch-Site same-origin or
 * none, Origin our own.  Origin "null" says nothing: Referrer-Policy no-referrer makes browsers
 * send it from our own pages.  Old and text browsers send neither; the token decides. */
bool request_is_own(const struct request *request);

/* A field of the form as text in the arena, "" when missing. */
const char *request_field_text(const struct request *request, const char *name);

/* A checkbox of the form. */
bool request_field_flag(const struct request *request, const char *name);

/* A box that people confirm with: the word "yes", or that of the page's language.  Machines that
 * fill in forms tick boxes, or write something at random. */
bool request_is_sure(const struct request *request);

/* The form's number of days; -1, which no rule allows, for what is no number. */
int request_field_days(const struct request *request, const char *name);

/* "/r/SECRET" or "/s/SECRET" of this request with `behind` added, in the arena; "/" without a link.
 */
const char *request_path(const struct request *request, const char *behind);

/* Where the account of whoever is signed in is looked after: "/desk/account" or "/box/account",
 * with `behind` added. */
const char *request_account_path(const struct request *request, const char *behind);

/* Who acts for the sender, by link or signed in; and where the delivery's pages are: "/s/SECRET" or
 * "/desk/delivery/ID", with `behind` added. */
struct claimant request_claimant(const struct request *request);
const char *request_delivery_path(const struct request *request, const char *behind);

#endif
