/*
 * The one table of the portal's addresses.  A row says what a request must
 * bring and how it is run; whatever stands in a column is done before the
 * handler and needs no thought in a page.
 */
#ifndef PORTAL_ROUTE_H
#define PORTAL_ROUTE_H

#include "portal/answer.h"
#include "portal/request.h"
#include "portal/session.h"

#define ROUTE_SMALL_BODY ((size_t)65536)
#define ROUTE_TEXT_MAX ((size_t)1048576) /* fields of a streamed form, files not counted */

enum route_body {
	BODY_NONE,
	BODY_SMALL,  /* application/x-www-form-urlencoded, at most ROUTE_SMALL_BODY */
	BODY_UPLOAD, /* the same up to ROUTE_TEXT_MAX, or multipart/form-data, streamed */
	BODY_FILES,  /* either, all of it up to ROUTE_TEXT_MAX; a file is a field like another */
};

/* Whose session a page needs. */
enum route_session {
	SESSION_NONE = 0,
	SESSION_MESSAGE, /* opens the message first; without it the clue is shown */
	SESSION_DESK,	 /* a signed-in sender; without it the form to sign in is shown */
	SESSION_BOX,	 /* the same of a recipient with a mailbox */
};

/* Where a handler runs.  The threads that serve connections must not wait long. */
enum route_place {
	PLACE_LOOP,    /* right there: a few rows, a small page */
	PLACE_STRETCH, /* the pool for Argon2id */
	PLACE_READ,    /* the pool for taking letters apart */
};

typedef void page_handler(struct request *request, struct answer *answer);

struct route {
	unsigned methods; /* METHOD_GET (HEAD comes with it) or METHOD_POST */
	const char *path; /* SECRET, ID, N and NAME stand for what their words say */
	const char *name; /* in logs */
	page_handler *handler;
	page_handler *again; /* shows the form again when it is stale or we are crowded;
			      * NULL: an error page */
	enum csrf_kind csrf; /* which token a POST must carry */
	enum route_body body;
	enum route_session session;
	enum route_place place;
	bool to_set_up;	 /* also for who has to set up a second factor before anything else */
	bool gives_back; /* what was typed is shown again when the message's session is over */
	bool
	    query; /* fields of a GET's query come as those of a form; elsewhere they are dropped */
};

/* All rows; ends with a NULL path. */
extern const struct route routes[];

/* What a path leads to. */
struct route_match {
	const struct route *route; /* for the method; NULL when there is none */
	unsigned methods;	   /* that the path knows; 0: no such path */
	struct slice link;	   /* SECRET as sent: 32 characters of base32, in any case */
	bool has_number;
	uint64_t number;
	bool has_id;
	struct id id;
	struct slice name;
};

/* Look up a raw path (not percent-decoded, without query). */
void route_find(struct slice path, enum request_method method, struct route_match *match_out);

/* "GET, HEAD, POST" for an Allow field. */
const char *route_allow(unsigned methods);

#endif
