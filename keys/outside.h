/*
 * Which addresses on the network may be connected to when a stranger chose the name: those of the
 * public Internet, and of the rest only what the operator listed.  Otherwise an address of a
 * recipient would let anybody reach what stands behind the firewall.
 */
#ifndef KEYS_OUTSIDE_H
#define KEYS_OUTSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "base/status.h"

#define OUTSIDE_TEXT_SIZE 46

struct outside_network {
	unsigned char address[16]; /* IPv4 in the first four */
	int family;		   /* AF_INET or AF_INET6 */
	unsigned bits;
};

/* "10.0.0.0/8", "fd00::/8", "192.0.2.1".  STATUS_INVALID for anything else. */
enum status outside_read_network(const char *text, struct outside_network *network_out) MUST_CHECK;

/* An address that IANA has given to the public: no private, loopback, link-local, shared,
 * multicast, documentation or reserved one, and none that hides an IPv4 address inside (mapped,
 * NAT64, 6to4, Teredo). */
bool outside_is_public(const struct sockaddr *address);

/* Whether one of the networks holds it. */
bool outside_is_listed(const struct outside_network *networks, size_t count,
		       const struct sockaddr *address);

bool outside_is_loopback(const struct sockaddr *address);

/* "192.0.2.1", "2001:db8::1"; "" for another family. */
const char *outside_text(const struct sockaddr *address, char out[OUTSIDE_TEXT_SIZE]);

#endif
