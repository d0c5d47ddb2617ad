/*
 * A validating resolver (libunbound, a thread of its own) that many threads ask.  It knows nothing
 * of what records mean; it tells whether an answer is secure: signed from the trust anchor down.
 *
 * Every question has a deadline, since libunbound has none: what is not answered by then is
 * cancelled.
 */
#ifndef KEYS_DNS_H
#define KEYS_DNS_H

#include <netinet/in.h>

#include "base/arena.h"
#include "base/status.h"
#include "keys/candidate.h"

#define DNS_RECORDS_MAX ((size_t)32)
#define DNS_SIZE_MAX ((size_t)64 * 1024)
#define DNS_ADDRESSES_MAX ((size_t)8)

enum dns_type {
	DNS_A = 1,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AAAA = 28,
	DNS_TLSA = 52,
	DNS_SMIMEA = 53,
	DNS_OPENPGPKEY = 61,
};

struct dns_settings {
	/* "192.0.2.53" or "192.0.2.53@5353": resolvers that are asked, which must hand on
	 * signatures.  None: those of /etc/resolv.conf; only "root": the servers of each zone,
	 * from the root down. */
	const char *const *servers;
	size_t server_count;
	const char *anchor; /* file with trust anchors, such as root.key */
};

struct dns_answer {
	bool secure;
	bool exists;	  /* the name is there, with these or other records */
	const char *name; /* to which aliases lead, however spelled; without a dot at the end */
	struct slice *records; /* RDATA */
	size_t count;	       /* 0: none of this type */
	int64_t seconds;       /* how long it holds */
};

struct dns_addresses {
	bool secure;
	struct sockaddr_storage list[DNS_ADDRESSES_MAX]; /* port 0 */
	size_t count;
};

struct dns;

/* STATUS_INVALID: a server or the anchor is none, which is logged.  Free with dns_free, when nobody
 * asks any more. */
enum status dns_new(const struct dns_settings *settings, struct dns **dns_out) MUST_CHECK;
void dns_free(struct dns *dns);

/* Ask, until `deadline` (clock_monotonic_ms).  STATUS_OK also for a name that does not exist.
 * STATUS_DAMAGED: signatures are false, missing or expired ("bogus").  STATUS_UNAVAILABLE: no
 * answer ("timeout", "server-failed").  STATUS_TOO_LARGE: over the bounds above.  Otherwise than
 * with STATUS_OK, *failure_out tells why. */
enum status dns_ask(struct dns *dns, const char *name, enum dns_type type, int64_t deadline,
		    struct arena *arena, struct dns_answer *answer_out,
		    struct look_failure *failure_out) MUST_CHECK;

/* IPv4 and IPv6 addresses of a host, both asked at once; secure where both answers are.
 * STATUS_NOT_FOUND: it has none ("no-address", "no-such-name"). */
enum status
dns_ask_addresses(struct dns *dns, const char *host, int64_t deadline, struct arena *arena,
		  struct dns_addresses *addresses_out, struct look_failure *failure_out) MUST_CHECK;

#endif
