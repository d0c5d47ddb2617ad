#include "keys/ldap_filter.h"

#include <string.h>

#include "base/text.h"

static const char *const places[] = {"{address}", "{local}", "{domain}"};

enum place { PLACE_ADDRESS, PLACE_LOCAL, PLACE_DOMAIN, PLACES };

/* Which place begins at `text`; PLACES for none. */
static enum place
find_place(const char *text)
{
	unsigned place = 0;

	while (place < PLACES && strncmp(text, places[place], strlen(places[place])) != 0)
		place++;
	return (enum place)place;
}

bool
ldap_filter_is_pattern(const char *pattern)
{
	bool found[PLACES] = {false};

	if (*pattern != '(')
		return false;
	while (*pattern != '\0') {
		enum place place = find_place(pattern);

		if (place == PLACES) {
			if (*pattern == '{' || *pattern == '}')
				return false;
			pattern++;
			continue;
		}
		found[place] = true;
		pattern += strlen(places[place]);
	}
	return found[PLACE_ADDRESS] || (found[PLACE_LOCAL] && found[PLACE_DOMAIN]);
}

/* RFC 4515 section 3: what is not a plain letter, digit or one of a few marks is written in hex. */
static void
append_escaped(struct text *filter, struct slice value)
{
	for (size_t i = 0; i < value.size; i++) {
		unsigned char byte = value.data[i];
		bool is_plain = (slice_lower(byte) >= 'a' && slice_lower(byte) <= 'z') ||
				(byte >= '0' && byte <= '9') || byte == '.' || byte == '-' ||
				byte == '_' || byte == '+' || byte == '@';

		if (is_plain)
			text_append_byte(filter, byte);
		else
			text_printf(filter, "\\%02x", byte);
	}
}

static void
append_place(struct text *filter, enum place place, struct slice local, struct slice domain)
{
	if (place == PLACE_ADDRESS || place == PLACE_LOCAL)
		append_escaped(filter, local);
	if (place == PLACE_ADDRESS)
		text_append_byte(filter, '@');
	if (place == PLACE_ADDRESS || place == PLACE_DOMAIN)
		append_escaped(filter, domain);
}

enum status
ldap_filter_make(const char *pattern, struct slice local, struct slice domain, struct arena *arena,
		 const char **filter_out)
{
	struct text *filter = arena_alloc(arena, sizeof(*filter));

	text_init_in(filter, arena, LDAP_FILTER_MAX);
	while (*pattern != '\0') {
		enum place place = find_place(pattern);

		if (place == PLACES) {
			text_append_byte(filter, (unsigned char)*pattern++);
			continue;
		}
		append_place(filter, place, local, domain);
		pattern += strlen(places[place]);
	}
	if (!text_ok(filter))
		return STATUS_TOO_LARGE;
	*filter_out = text_string(filter);
	return STATUS_OK;
}
