/*
 * The one closed set of results that functions hand back.  A result is logged
 * once, where it happens; it is translated to an HTTP status in portal/answer.c
 * and to an SMTP reply in ingest/reply.c, and nowhere else.
 */
#ifndef BASE_STATUS_H
#define BASE_STATUS_H

#define MUST_CHECK __attribute__((warn_unused_result))

enum status {
	STATUS_OK = 0,
	STATUS_INVALID,	    /* what came from outside is malformed */
	STATUS_TOO_LARGE,   /* over a configured or built-in bound */
	STATUS_NOT_FOUND,   /* no such thing, or none the caller may know of */
	STATUS_DENIED,	    /* wrong passphrase, code or right */
	STATUS_CONFLICT,    /* the state has moved on meanwhile */
	STATUS_GONE,	    /* expired, recalled, destroyed or replaced */
	STATUS_BUSY,	    /* throttled or saturated: later, please */
	STATUS_UNAVAILABLE, /* database, relay or key away: later, please */
	STATUS_FULL,	    /* no room on disk */
	STATUS_DAMAGED,	    /* an authenticity check failed */
	STATUS_INTERNAL,    /* a broken promise of our own */
};

/* A stable lower-case word for logs, never NULL. */
const char *status_text(enum status status);

#endif
