/*
 * Client addresses and networks of clients.  IPv4 is kept as the
 * IPv4-mapped part of IPv6, so that there is one form only.
 */
#ifndef INGEST_NETWORK_H
#define INGEST_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#define NETWORK_ADDRESS_SIZE 16
#define NETWORK_ADDRESS_TEXT_SIZE 48
#define NETWORK_BITS_MOST 128u

struct network_address {
	unsigned char bytes[NETWORK_ADDRESS_SIZE];
};

struct network {
	struct network_address address;
	unsigned bits; /* of the address that count, 0 to 128 */
};

/* Read a text such as "192.0.2.0/24", "2001:db8::/32", "::1".  NULL, or what is wrong with it. */
const char *network_from_text(const char *text, struct network *network_out);

bool network_holds(const struct network *network, const struct network_address *address);

/* It holds so much of the Internet that it can only stand for everybody: nobody has as much.
 * Whoever lets such a network send has made an open relay. */
bool network_is_everybody(const struct network *network);

/* What rates are counted for: an IPv4 address, or the /64 of an IPv6 address, of which a client can
 * have any. */
struct network_address network_of_client(const struct network_address *address);

/* The address of a socket's peer; what is neither IPv4 nor IPv6 becomes "::". */
struct network_address network_address_from_socket(const struct sockaddr_storage *socket_address);

/* "192.0.2.1" or "2001:db8::1". */
const char *
network_address_text(const struct network_address *address, char out[NETWORK_ADDRESS_TEXT_SIZE]);

#endif
