/*
 * What the files of keys/tls_policy share.
 */
#ifndef KEYS_TLS_POLICY_PART_H
#define KEYS_TLS_POLICY_PART_H

#include "keys/tls_policy.h"

/* The mail servers of a domain as DNS has them. */
struct tls_policy_servers {
	struct tls_policy_host hosts[TLS_POLICY_HOSTS_MAX];
	size_t count;
	bool secure;
	int64_t seconds;
};

/* MX, or the domain itself where it has none (RFC 5321 section 5.1).  STATUS_NOT_FOUND: it takes no
 * mail.  Names lie in the arena. */
enum status tls_policy_find_servers(struct dns *dns, const char *domain, int64_t deadline,
				    struct arena *arena, struct tls_policy_servers *servers_out,
				    struct look_failure *failure_out) MUST_CHECK;

/* Fill in the TLSA records of all hosts; *usable_out tells whether there are any.  A look-up that
 * fails is a failure of its host only (RFC 7672 section 2.1.1), as is one that takes longer than
 * the host's share of the time: the host is left without. */
void
tls_policy_find_records(struct dns *dns, struct tls_policy_servers *servers, int64_t deadline,
			struct arena *arena, bool *usable_out, struct look_failure *failure_out);

#endif
