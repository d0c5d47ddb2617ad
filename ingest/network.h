/*
 * Client addresses and the networks that may send.  IPv4 is kept as the
 * IPv4-mapped part of IPv6, so that there is one form only.
 */
#ifndef INGEST_NETWORK_H
#define INGEST_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>

#include "base/status.h"

#define NETWORK_ADDRESS_SIZE 16
#define NETWORK_ADDRESS_TEXT_SIZE 48

struct network_address {
	unsigned char bytes[NETWORK_ADDRESS_SIZE];
};

struct network {
	struct network_address address;
	unsigned bits; /* of the address that count, 1 to 128 */
};

struct network_list {
	struct network *networks;
	size_t count;
};

/* Read texts such as "192.0.2.0/24", "2001:db8::/32", "::1".  STATUS_INVALID after writing each
 * fault to `faults`; a network of all addresses is one: it would make an open relay. */
enum status network_list_parse(const char *const *texts, size_t count, FILE *faults,
			       struct network_list *list_out) MUST_CHECK;
void network_list_clear(struct network_list *list);

bool network_list_holds(const struct network_list *list, const struct network_address *address);

/* The address of a socket's peer; what is neither IPv4 nor IPv6 becomes "::". */
struct network_address network_address_from_socket(const struct sockaddr_storage *socket_address);

/* "192.0.2.1" or "2001:db8::1". */
const char *
network_address_text(const struct network_address *address, char out[NETWORK_ADDRESS_TEXT_SIZE]);

#endif
