#include "portal/network.h"

#include <arpa/inet.h>
#include <string.h>

static struct network_address
from_ipv6(const unsigned char bytes[16])
{
	static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
	struct network_address address = {.size = 16};

	if (memcmp(bytes, mapped, sizeof(mapped)) == 0) {
		address.size = 4;
		memcpy(address.bytes, bytes + 12, 4);
	} else {
		memcpy(address.bytes, bytes, 16);
	}
	return address;
}

enum status
network_parse(struct slice text, struct network_address *address_out)
{
	char copy[INET6_ADDRSTRLEN];
	unsigned char bytes[16];

	if (text.size == 0 || text.size >= sizeof(copy))
		return STATUS_INVALID;
	memcpy(copy, text.data, text.size);
	copy[text.size] = '\0';
	if (inet_pton(AF_INET, copy, bytes) == 1) {
		*address_out = (struct network_address){.size = 4};
		memcpy(address_out->bytes, bytes, 4);
		return STATUS_OK;
	}
	if (inet_pton(AF_INET6, copy, bytes) == 1) {
		*address_out = from_ipv6(bytes);
		return STATUS_OK;
	}
	return STATUS_INVALID;
}

struct network_address
network_from_socket(const struct sockaddr *address)
{
	struct network_address result = {.size = 0};

	if (address == NULL)
		return result;
	if (address->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)address;

		result.size = 4;
		memcpy(result.bytes, &in->sin_addr, 4);
	} else if (address->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const void *)address;

		result = from_ipv6(in6->sin6_addr.s6_addr);
	}
	return result;
}

enum status
network_parse_range(struct slice text, struct network_range *range_out)
{
	size_t slash = slice_find_byte(text, '/', 0);
	struct network_range range;
	unsigned long long bits;
	enum status status = network_parse(
	    slice_part(text, 0, slash == SLICE_NONE ? text.size : slash), &range.address);

	if (status != STATUS_OK)
		return status;
	bits = range.address.size * 8;
	if (slash != SLICE_NONE &&
	    (!slice_to_number(slice_part(text, slash + 1, text.size), &bits) ||
	     bits > range.address.size * 8))
		return STATUS_INVALID;
	range.bits = (unsigned)bits;
	*range_out = range;
	return STATUS_OK;
}

/* The first `bits` bits, the rest zero. */
static struct network_address
cut(const struct network_address *address, unsigned bits)
{
	struct network_address result = *address;

	for (unsigned i = 0; i < result.size; i++) {
		if (bits >= (i + 1) * 8)
			continue;
		result.bytes[i] &=
		    bits <= i * 8 ? 0 : (unsigned char)(0xff << (8 - (bits - i * 8)));
	}
	return result;
}

bool
network_contains(const struct network_range *range, const struct network_address *address)
{
	struct network_address a = cut(&range->address, range->bits);
	struct network_address b = cut(address, range->bits);

	return a.size == b.size && memcmp(a.bytes, b.bytes, a.size) == 0;
}

bool
network_is_loopback(const struct network_address *address)
{
	if (address->size == 4)
		return address->bytes[0] == 127;
	return address->size == 16 && memcmp(address->bytes, &in6addr_loopback, 16) == 0;
}

const char *
network_text(const struct network_address *address, struct arena *arena)
{
	unsigned bits = address->size == 4 ? 24 : 48;
	struct network_address network = cut(address, bits);
	char text[INET6_ADDRSTRLEN];

	if (address->size == 0 || inet_ntop(address->size == 4 ? AF_INET : AF_INET6, network.bytes,
					    text, sizeof(text)) == NULL)
		return "unknown";
	return arena_printf(arena, "%s/%u", text, bits);
}

enum status
network_parse_listen(const char *text, struct sockaddr_storage *address_out, socklen_t *size_out)
{
	struct slice whole = slice_from_text(text);
	const char *colon = strrchr(text, ':');
	struct network_address address;
	struct slice host;
	unsigned long long port;

	if (colon == NULL || !slice_to_number(slice_from_text(colon + 1), &port) || port > 65535)
		return STATUS_INVALID;
	host = slice_part(whole, 0, (size_t)(colon - text));
	if (host.size > 2 && host.data[0] == '[' && host.data[host.size - 1] == ']')
		host = slice_part(host, 1, host.size - 1);
	else if (slice_find_byte(host, ':', 0) != SLICE_NONE)
		return STATUS_INVALID;
	if (network_parse(host, &address) != STATUS_OK)
		return STATUS_INVALID;
	memset(address_out, 0, sizeof(*address_out));
	if (address.size == 4) {
		struct sockaddr_in *in = (void *)address_out;

		in->sin_family = AF_INET;
		in->sin_port = htons((uint16_t)port);
		memcpy(&in->sin_addr, address.bytes, 4);
		*size_out = sizeof(*in);
	} else {
		struct sockaddr_in6 *in6 = (void *)address_out;

		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons((uint16_t)port);
		memcpy(&in6->sin6_addr, address.bytes, 16);
		*size_out = sizeof(*in6);
	}
	return STATUS_OK;
}

struct network_address
network_visitor(const struct network_address *peer, struct slice forwarded_for,
		const struct network_range *proxies, size_t proxy_count)
{
	struct network_address visitor;
	size_t from = 0;
	size_t comma;

	for (size_t i = 0; i < proxy_count; i++) {
		if (!network_contains(&proxies[i], peer))
			continue;
		while ((comma = slice_find_byte(forwarded_for, ',', from)) != SLICE_NONE)
			from = comma + 1;
		if (network_parse(slice_trim(slice_part(forwarded_for, from, forwarded_for.size)),
				  &visitor) == STATUS_OK)
			return visitor;
	}
	return *peer;
}
