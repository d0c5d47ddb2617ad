/*
 * Where the mail servers of a domain are to be found: their addresses, as far as they may be
 * connected to although a stranger chose their names.
 */
#ifndef KEYS_TLS_HOSTS_H
#define KEYS_TLS_HOSTS_H

#include "keys/look.h"
#include "keys/outside.h"

struct tls_addresses {
	char list[DNS_ADDRESSES_MAX][OUTSIDE_TEXT_SIZE];
	size_t count;
};

/* As texts, IPv4 and IPv6, until `deadline` (clock_monotonic_ms).  STATUS_NOT_FOUND: it has none
 * ("no-address", "no-such-name"); STATUS_DENIED: none that is public or listed
 * ("private-address"); STATUS_DAMAGED and STATUS_UNAVAILABLE as dns_ask. */
enum status
tls_hosts_find(const struct look_net *net, const char *host, int64_t deadline, struct arena *arena,
	       struct tls_addresses *addresses_out, struct look_failure *failure_out) MUST_CHECK;

#endif
