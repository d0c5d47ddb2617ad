/*
 * Deadlines of connections.  The HTTP library's own time-out starts anew with
 * every byte, so a client that sends one now and then would hold a connection for ever;
 * here a sweeper cuts whoever is too slow on the whole.
 *
 * A deadline belongs to one connection; any thread may call.
 */
#ifndef PORTAL_DEADLINE_H
#define PORTAL_DEADLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

#define DEADLINE_HEADER_MS 10000  /* from the connection's begin, or from the request line */
#define DEADLINE_IDLE_MS 30000	  /* between requests */
#define DEADLINE_GRACE_MS 30000	  /* before the least rate holds */
#define DEADLINE_RATE 500	  /* bytes in a second */
#define DEADLINE_BODY_MS 3600000  /* for a whole request, but for one that comes steadily: */
#define DEADLINE_BODY_RATE 65536  /* bytes in a second, from then on */
#define DEADLINE_LONG_MS 72000000 /* at most: what an upload leaves behind is swept after a day */
#define DEADLINE_PAGE_MS 120000	  /* for taking a page */

enum deadline_phase {
	DEADLINE_CONNECTED, /* TLS handshake and first header */
	DEADLINE_HEADER,    /* the request line is there */
	DEADLINE_BODY,	    /* the client sends: counted */
	DEADLINE_WORK,	    /* we work: its time does not run */
	DEADLINE_PAGE,	    /* the client takes an answer from memory */
	DEADLINE_STREAM,    /* the client takes a stream: counted */
	DEADLINE_KEPT,	    /* waiting for the next request */
};

/* Is it over?  `bytes` were counted in this phase, which has lasted `elapsed` milliseconds. */
bool deadline_is_over(enum deadline_phase phase, int64_t elapsed, uint64_t bytes);

struct deadlines;
struct deadline;

/* A list with its sweeper thread. */
enum status deadlines_new(struct deadlines **deadlines_out) MUST_CHECK;

/* Stops the thread; all deadlines must have been removed. */
void deadlines_free(struct deadlines *deadlines);

/* Watch a socket from now on; it is shut down (not closed) when its time is over. */
struct deadline *deadline_add(struct deadlines *deadlines, int fd);

/* Before the socket is closed. */
void deadline_remove(struct deadlines *deadlines, struct deadline *deadline);

/* The next phase begins now. */
void deadline_enter(struct deadline *deadline, enum deadline_phase phase);
void deadline_count(struct deadline *deadline, size_t bytes);

#endif
