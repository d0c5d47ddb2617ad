#include "ingest/forward.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/xtext.h"
#include "mail/utf8.h"

static bool
is_any(struct slice value)
{
	return utf8_is_valid(value);
}

static bool
is_address(struct slice value)
{
	unsigned char address[16];
	char text[INET6_ADDRSTRLEN];
	int family = AF_INET;

	if (slice_starts_nocase(value, SLICE("IPv6:"))) {
		value = slice_part(value, 5, value.size);
		family = AF_INET6;
	}
	if (value.size == 0 || value.size >= sizeof(text))
		return false;
	memcpy(text, value.data, value.size);
	text[value.size] = '\0';
	return strlen(text) == value.size && inet_pton(family, text, address) == 1;
}

static bool
is_port(struct slice value)
{
	unsigned long long port;

	return value.size <= 5 && slice_to_number(value, &port) && port <= 65535;
}

static bool
is_protocol(struct slice value)
{
	for (size_t i = 0; i < value.size; i++) {
		unsigned char byte = slice_lower(value.data[i]);

		if (!(byte >= 'a' && byte <= 'z') && !(byte >= '0' && byte <= '9'))
			return false;
	}
	return value.size <= 64;
}

static bool
is_source(struct slice value)
{
	return slice_equal_nocase(value, SLICE("LOCAL")) ||
	       slice_equal_nocase(value, SLICE("REMOTE"));
}

static const struct {
	const char *name;
	const char *label; /* in the log */
	bool (*good)(struct slice value);
} attributes[FORWARD_COUNT] = {
    {"NAME", "name", is_any},	     {"ADDR", "addr", is_address}, {"PORT", "port", is_port},
    {"PROTO", "proto", is_protocol}, {"HELO", "helo", is_any},	   {"IDENT", "ident", is_any},
    {"SOURCE", "source", is_source},
};

/* "[UNAVAILABLE]" and "[TEMPUNAVAIL]" are values that are not known. */
static bool
is_unknown(struct slice value)
{
	return slice_equal_nocase(value, SLICE("[UNAVAILABLE]")) ||
	       slice_equal_nocase(value, SLICE("[TEMPUNAVAIL]"));
}

static bool
take_value(struct forward *forward, int attribute, struct slice xtext)
{
	struct text value;
	bool good;

	text_init(&value, 3 * FORWARD_VALUE_MAX);
	good = xtext.size > 0 && xtext.size <= FORWARD_VALUE_MAX && xtext_decode(xtext, &value);
	if (good && is_unknown(text_slice(&value))) {
		free(forward->values[attribute]);
		forward->values[attribute] = NULL;
	} else if (good && attributes[attribute].good(text_slice(&value))) {
		free(forward->values[attribute]);
		forward->values[attribute] = strdup(text_string(&value));
		if (forward->values[attribute] == NULL)
			abort();
	} else {
		good = false;
	}
	text_clear(&value);
	return good;
}

static int
find_attribute(struct slice name)
{
	for (int i = 0; i < FORWARD_COUNT; i++)
		if (slice_equal_nocase(name, slice_from_text(attributes[i].name)))
			return i;
	return -1;
}

static bool
take_all(struct forward *forward, struct slice rest)
{
	while (rest.size > 0) {
		size_t blank = slice_find_byte(rest, ' ', 0);
		struct slice word = slice_part(rest, 0, blank);
		size_t equals = slice_find_byte(word, '=', 0);
		int attribute = find_attribute(slice_part(word, 0, equals));

		if (equals == SLICE_NONE || attribute < 0 ||
		    !take_value(forward, attribute, slice_part(word, equals + 1, word.size)))
			return false;
		rest = slice_trim(slice_part(rest, word.size, rest.size));
	}
	return true;
}

bool
forward_read(struct forward *forward, struct slice argument)
{
	struct forward copy = {{NULL}};
	bool good;

	for (int i = 0; i < FORWARD_COUNT; i++) {
		if (forward->values[i] == NULL)
			continue;
		copy.values[i] = strdup(forward->values[i]);
		if (copy.values[i] == NULL)
			abort();
	}
	good = take_all(&copy, slice_trim(argument));
	if (!good) {
		forward_clear(&copy);
		return false;
	}
	forward_clear(forward);
	*forward = copy;
	return true;
}

const char *
forward_text(const struct forward *forward, struct arena *arena)
{
	const char *all = "";

	for (int i = 0; i < FORWARD_COUNT; i++) {
		struct slice value = slice_from_text(forward->values[i]);

		if (forward->values[i] != NULL)
			all = arena_printf(arena, "%s%s%s=%s", all, *all == '\0' ? "" : " ",
					   attributes[i].label,
					   utf8_clean_line(value, FORWARD_VALUE_MAX, arena));
	}
	return all;
}

void
forward_clear(struct forward *forward)
{
	for (int i = 0; i < FORWARD_COUNT; i++) {
		free(forward->values[i]);
		forward->values[i] = NULL;
	}
}
