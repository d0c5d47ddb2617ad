#include "ingest/network.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "base/slice.h"

#define MAPPED_BITS                                                                                \
	96 /* of an IPv4 address in IPv6 form, before its own (RFC 4291 section 2.5.5.2) */

/* No organisation has a network with a shorter prefix. */
#define LEAST_BITS_IPV4 4
#define LEAST_BITS_IPV6 6 /* fc00::/7, which is private, has 7 */

#define CLIENT_BYTES_IPV6 8

static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static struct network_address
from_ipv4(const struct in_addr *ipv4)
{
	struct network_address address;

	memcpy(address.bytes, mapped, sizeof(mapped));
	memcpy(address.bytes + sizeof(mapped), ipv4, sizeof(*ipv4));
	return address;
}

static struct network_address
from_ipv6(const struct in6_addr *ipv6)
{
	struct network_address address;

	memcpy(address.bytes, ipv6, sizeof(address.bytes));
	return address;
}

const char *
network_from_text(const char *text, struct network *network_out)
{
	const char *slash = strchrnul(text, '/');
	char host[NETWORK_ADDRESS_TEXT_SIZE];
	struct in_addr ipv4;
	struct in6_addr ipv6;
	unsigned long long bits;
	unsigned first = 0;

	if ((size_t)(slash - text) >= sizeof(host))
		return "is no network";
	memcpy(host, text, (size_t)(slash - text));
	host[slash - text] = '\0';
	if (inet_pton(AF_INET, host, &ipv4) == 1) {
		network_out->address = from_ipv4(&ipv4);
		first = MAPPED_BITS;
	} else if (inet_pton(AF_INET6, host, &ipv6) == 1) {
		network_out->address = from_ipv6(&ipv6);
	} else {
		return "is no network";
	}
	bits = 128 - first;
	if (*slash != '\0' &&
	    (!slice_to_number(slice_from_text(slash + 1), &bits) || bits > 128 - first))
		return "has a bad prefix length";
	network_out->bits = first + (unsigned)bits;
	return NULL;
}

bool
network_holds(const struct network *network, const struct network_address *address)
{
	unsigned whole = network->bits / 8;
	unsigned rest = network->bits % 8;

	if (memcmp(network->address.bytes, address->bytes, whole) != 0)
		return false;
	return rest == 0 ||
	       (network->address.bytes[whole] ^ address->bytes[whole]) >> (8 - rest) == 0;
}

bool
network_is_everybody(const struct network *network)
{
	static const struct network_address ipv4 = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}};

	if (memcmp(network->address.bytes, mapped, sizeof(mapped)) == 0 &&
	    network->bits >= MAPPED_BITS)
		return network->bits < MAPPED_BITS + LEAST_BITS_IPV4;
	return network->bits < LEAST_BITS_IPV6 || network_holds(network, &ipv4);
}

struct network_address
network_of_client(const struct network_address *address)
{
	struct network_address network = *address;

	if (memcmp(address->bytes, mapped, sizeof(mapped)) != 0)
		memset(network.bytes + CLIENT_BYTES_IPV6, 0,
		       sizeof(network.bytes) - CLIENT_BYTES_IPV6);
	return network;
}

struct network_address
network_address_from_socket(const struct sockaddr_storage *socket_address)
{
	struct sockaddr_in ipv4;
	struct sockaddr_in6 ipv6;

	switch (socket_address->ss_family) {
	case AF_INET:
		memcpy(&ipv4, socket_address, sizeof(ipv4));
		return from_ipv4(&ipv4.sin_addr);
	case AF_INET6:
		memcpy(&ipv6, socket_address, sizeof(ipv6));
		return from_ipv6(&ipv6.sin6_addr);
	default:
		return (struct network_address){.bytes = {0}};
	}
}

const char *
network_address_text(const struct network_address *address, char out[NETWORK_ADDRESS_TEXT_SIZE])
{
	bool is_ipv4 = memcmp(address->bytes, mapped, sizeof(mapped)) == 0;

	if (is_ipv4)
		inet_ntop(AF_INET, address->bytes + sizeof(mapped), out, NETWORK_ADDRESS_TEXT_SIZE);
	else
		inet_ntop(AF_INET6, address->bytes, out, NETWORK_ADDRESS_TEXT_SIZE);
	return out;
}
