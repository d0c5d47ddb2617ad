#include "mail/transport.h"

#include <string.h>

#include "mail/address.h"

#define HOST_MAX ((size_t)255)

static bool
is_domain_byte(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
	       (byte >= '0' && byte <= '9') || byte == '-' || byte == '.' ||
	       (unsigned char)byte >= 0x80;
}

bool
transport_is_pattern(const char *text)
{
	size_t size = strlen(text);

	if (strcmp(text, "*") == 0)
		return true;
	for (size_t i = 0; i < size; i++)
		if (!is_domain_byte(text[i]))
			return false;
	return size > 0 && size <= HOST_MAX && strcmp(text, ".") != 0;
}

bool
transport_fits(const char *pattern, struct slice domain)
{
	struct slice wanted = slice_from_text(pattern);

	if (strcmp(pattern, "*") == 0)
		return true;
	if (*pattern != '.')
		return slice_equal_nocase(domain, wanted);
	return domain.size > wanted.size &&
	       slice_equal_nocase(slice_part(domain, domain.size - wanted.size, domain.size),
				  wanted);
}

bool
transport_are_patterns(const char *const *domains, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!transport_is_pattern(domains[i]))
			return false;
	return count > 0;
}

bool
transport_fits_any(const char *const *domains, size_t count, struct slice domain)
{
	for (size_t i = 0; i < count; i++)
		if (transport_fits(domains[i], domain))
			return true;
	return false;
}

size_t
transport_find(const struct transport_table *table, const char *address)
{
	struct slice domain = address_domain(slice_from_text(address));

	for (size_t i = 0; i < table->count; i++)
		if (transport_fits_any(table->rows[i].domains, table->rows[i].domain_count, domain))
			return i;
	return table->count - 1;
}

static bool
is_host(struct slice host)
{
	for (size_t i = 0; i < host.size; i++)
		if (!is_domain_byte((char)host.data[i]) && host.data[i] != ':' &&
		    host.data[i] != '_')
			return false;
	return host.size > 0 && host.size <= HOST_MAX;
}

bool
transport_parse_host(const char *text, struct arena *arena, const char **host_out,
		     unsigned *port_out)
{
	struct slice all = slice_from_text(text), host = all, rest = {NULL, 0};
	unsigned long long port = *port_out;
	size_t end;

	if (*text == '[') {
		end = slice_find_byte(all, ']', 0);
		if (end == SLICE_NONE)
			return false;
		host = slice_part(all, 1, end);
		rest = slice_part(all, end + 1, all.size);
	} else if ((end = slice_find_byte(all, ':', 0)) != SLICE_NONE) {
		host = slice_part(all, 0, end);
		rest = slice_part(all, end, all.size);
	}
	if (rest.size > 0 &&
	    (rest.data[0] != ':' || !slice_to_number(slice_part(rest, 1, rest.size), &port)))
		return false;
	if (!is_host(host) || port == 0 || port > 65535)
		return false;
	*host_out = arena_text_from(arena, host);
	*port_out = (unsigned)port;
	return true;
}

void
transport_order(const struct transport *transport, unsigned turn, size_t *order)
{
	size_t count = transport->host_count;

	/* By insertion: there are few, and equal ones stay in order. */
	for (size_t i = 0; i < count; i++) {
		size_t at = i;

		for (; at > 0 &&
		       transport->hosts[order[at - 1]].priority > transport->hosts[i].priority;
		     at--)
			order[at] = order[at - 1];
		order[at] = i;
	}
	for (size_t from = 0; from < count;) {
		size_t to = from + 1, size;
		size_t first = order[from];

		while (to < count &&
		       transport->hosts[order[to]].priority == transport->hosts[first].priority)
			to++;
		size = to - from;
		for (size_t step = turn % size; step > 0; step--) {
			size_t moved = order[from];

			memmove(&order[from], &order[from + 1], (size - 1) * sizeof(*order));
			order[to - 1] = moved;
		}
		from = to;
	}
}
