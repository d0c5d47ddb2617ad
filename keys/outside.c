#include "keys/outside.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "base/slice.h"

/* IANA's registries of special-purpose addresses, and multicast.  What is not reachable from
 * everywhere is not public, whatever else it is. */
static const struct outside_network special[] = {
    {{0}, AF_INET, 8},			      /* this network */
    {{10}, AF_INET, 8},			      /* private */
    {{100, 64}, AF_INET, 10},		      /* shared by a provider's customers (RFC 6598) */
    {{127}, AF_INET, 8},		      /* loopback */
    {{169, 254}, AF_INET, 16},		      /* link-local; where clouds keep their secrets */
    {{172, 16}, AF_INET, 12},		      /* private */
    {{192, 0, 0}, AF_INET, 24},		      /* protocol assignments */
    {{192, 0, 2}, AF_INET, 24},		      /* documentation */
    {{192, 88, 99}, AF_INET, 24},	      /* 6to4 relays */
    {{192, 168}, AF_INET, 16},		      /* private */
    {{198, 18}, AF_INET, 15},		      /* benchmarks */
    {{198, 51, 100}, AF_INET, 24},	      /* documentation */
    {{203, 0, 113}, AF_INET, 24},	      /* documentation */
    {{224}, AF_INET, 4},		      /* multicast */
    {{240}, AF_INET, 4},		      /* reserved, broadcast */
    {{0x20, 0x01}, AF_INET6, 23},	      /* protocol assignments: Teredo, benchmarks, ORCHID */
    {{0x20, 0x01, 0x0d, 0xb8}, AF_INET6, 32}, /* documentation */
    {{0x20, 0x02}, AF_INET6, 16},	      /* 6to4: an IPv4 address inside */
    {{0x3f, 0xff}, AF_INET6, 20},	      /* documentation (RFC 9637) */
};

/* Of IPv6 only this is given to the public at all; loopback, mapped and NAT64 addresses, unique
 * local and link-local ones and multicast lie beyond it. */
static const struct outside_network unicast = {{0x20}, AF_INET6, 3};

static const unsigned char *
bytes_of(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET)
		return (const unsigned char *)&((const struct sockaddr_in *)(const void *)address)
		    ->sin_addr;
	return (const unsigned char *)&((const struct sockaddr_in6 *)(const void *)address)
	    ->sin6_addr;
}

static bool
holds(const struct outside_network *network, const struct sockaddr *address)
{
	const unsigned char *bytes;
	unsigned whole = network->bits / 8;
	unsigned rest = network->bits % 8;

	if (address->sa_family != network->family)
		return false;
	bytes = bytes_of(address);
	if (memcmp(bytes, network->address, whole) != 0)
		return false;
	return rest == 0 || (bytes[whole] ^ network->address[whole]) >> (8 - rest) == 0;
}

enum status
outside_read_network(const char *text, struct outside_network *network_out)
{
	struct outside_network network = {.family = AF_INET};
	const char *slash = strchr(text, '/');
	size_t size = slash == NULL ? strlen(text) : (size_t)(slash - text);
	char address[INET6_ADDRSTRLEN];
	unsigned long long bits;
	unsigned most = 32;

	if (size >= sizeof(address))
		return STATUS_INVALID;
	memcpy(address, text, size);
	address[size] = '\0';
	if (inet_pton(AF_INET, address, network.address) != 1) {
		network.family = AF_INET6;
		most = 128;
		if (inet_pton(AF_INET6, address, network.address) != 1)
			return STATUS_INVALID;
	}
	bits = most;
	if (slash != NULL && (!slice_to_number(slice_from_text(slash + 1), &bits) || bits > most))
		return STATUS_INVALID;
	network.bits = (unsigned)bits;
	*network_out = network;
	return STATUS_OK;
}

bool
outside_is_public(const struct sockaddr *address)
{
	if (address->sa_family != AF_INET && !holds(&unicast, address))
		return false;
	return !outside_is_listed(special, sizeof(special) / sizeof(special[0]), address);
}

bool
outside_is_listed(const struct outside_network *networks, size_t count,
		  const struct sockaddr *address)
{
	for (size_t i = 0; i < count; i++)
		if (holds(&networks[i], address))
			return true;
	return false;
}

bool
outside_is_loopback(const struct sockaddr *address)
{
	static const struct outside_network loopback[] = {
	    {{127}, AF_INET, 8},
	    {{[15] = 1}, AF_INET6, 128},
	};

	return outside_is_listed(loopback, 2, address);
}

const char *
outside_text(const struct sockaddr *address, char out[OUTSIDE_TEXT_SIZE])
{
	out[0] = '\0';
	if (address->sa_family == AF_INET || address->sa_family == AF_INET6)
		inet_ntop(address->sa_family, bytes_of(address), out, OUTSIDE_TEXT_SIZE);
	return out;
}
