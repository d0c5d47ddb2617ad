/*
 * Addresses of visitors and listeners.  An IPv4 address that came mapped into
 * IPv6 is the IPv4 address.
 */
#ifndef PORTAL_NETWORK_H
#define PORTAL_NETWORK_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/arena.h"
#include "base/slice.h"
#include "base/status.h"

struct network_address {
	size_t size; /* 4 or 16 bytes; 0 when unknown */
	unsigned char bytes[16];
};

struct network_range {
	struct network_address address;
	unsigned bits;
};

/* "192.0.2.1", "2001:db8::1"; STATUS_INVALID for anything else. */
enum status network_parse(struct slice text, struct network_address *address_out) MUST_CHECK;

/* Of a socket; size 0 when it is neither IPv4 nor IPv6. */
struct network_address network_from_socket(const struct sockaddr *address);

/* "192.0.2.0/24", "2001:db8::/32", or one address. */
enum status network_parse_range(struct slice text, struct network_range *range_out) MUST_CHECK;

bool network_contains(const struct network_range *range, const struct network_address *address);
bool network_is_loopback(const struct network_address *address);

/* The network by which tries are counted: "192.0.2.0/24", "2001:db8:1::/48"; "unknown" without
 * an address.  In the arena. */
const char *network_text(const struct network_address *address, struct arena *arena);

/* "127.0.0.1:8443", "[::1]:8443". */
enum status network_parse_listen(const char *text, struct sockaddr_storage *address_out,
				 socklen_t *size_out) MUST_CHECK;

/* Who is really there: the peer, or, when the peer is one of the listed proxies, the last
 * entry of its X-Forwarded-For (what stands before it was written by anybody). */
struct network_address
network_visitor(const struct network_address *peer, struct slice forwarded_for,
		const struct network_range *proxies, size_t proxy_count);

#endif
