/*
 * One document from a web server whose name a stranger may have chosen (libcurl): by HTTPS with its
 * certificate checked, within a deadline and a size that are counted here, from public addresses
 * only, without proxies, cookies, or anything that says who asks.  Names are looked up by
 * keys/dns, and the connection goes to the very addresses that were judged.
 *
 * A plain http: URL is taken where the caller says that what comes is signed itself (revocation
 * lists, OCSP).  Knows nothing of what is fetched.
 */
#ifndef KEYS_FETCH_H
#define KEYS_FETCH_H

#include "base/arena.h"
#include "base/status.h"
#include "keys/candidate.h"
#include "keys/dns.h"
#include "keys/outside.h"

#define FETCH_URL_MAX ((size_t)2048)
#define FETCH_TYPE_MAX ((size_t)128)

struct fetch_settings {
	struct dns *dns;
	const char *ca_file; /* certificates that are trusted; "" for the system's */
	/* Networks that may be connected to although they are not public. */
	const struct outside_network *allowed;
	size_t allowed_count;
	/* For tests: stands for ports 443 and 80 on loopback addresses that are allowed; 0: none.
	 */
	unsigned loopback_port;
};

struct fetch_request {
	const char *url;
	bool plain;	       /* http: will do */
	bool is_named;	       /* the operator named the server: it may have any address */
	unsigned redirects;    /* followed at most, and on the same server only */
	struct slice body;     /* sent by POST where body_type says what it is */
	const char *body_type; /* NULL: GET */
	/* Media types that are taken, ends with NULL; an answer without a type is taken too.
	 * NULL: any. */
	const char *const *types;
	size_t limit;	  /* bytes of the answer */
	int64_t deadline; /* clock_monotonic_ms */
};

struct fetch_answer {
	unsigned code;		       /* of HTTP, 200 to 599 */
	struct slice body;	       /* of a 200; otherwise empty */
	char type[FETCH_TYPE_MAX + 1]; /* media type in lower case, without parameters; may be "" */
};

/* The settings outlive all requests.  Any thread; each request has a connection of its own.
 * STATUS_OK: the server answered, whatever code.  STATUS_INVALID: the URL is not to be fetched
 * ("bad-url"), or the answer has another type ("wrong-type") or leads elsewhere ("redirect").
 * STATUS_DENIED: no address that may be connected to ("private-address"), or TLS could not be
 * verified ("tls-untrusted").  STATUS_NOT_FOUND: the server's name does not exist ("no-such-name",
 * "no-address").  STATUS_TOO_LARGE: over the limit ("too-large").  STATUS_UNAVAILABLE: it did not
 * answer, or not in time ("unreachable", "timeout", "http-failed", ...).  Otherwise than with
 * STATUS_OK, *failure_out tells why. */
enum status fetch(const struct fetch_settings *settings, const struct fetch_request *request,
		  struct arena *arena, struct fetch_answer *answer_out,
		  struct look_failure *failure_out) MUST_CHECK;

#endif
