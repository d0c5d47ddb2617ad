#include "mail/html_look.h"

#include <string.h>

static const struct {
	const char *name;
	unsigned line_ends;
} blocks[] = {
    {"address", 1},   {"article", 2}, {"aside", 2},	 {"blockquote", 2}, {"body", 1},
    {"caption", 1},   {"center", 1},  {"dd", 1},	 {"div", 1},	    {"dl", 2},
    {"dt", 1},	      {"figure", 2},  {"figcaption", 1}, {"footer", 2},	    {"form", 1},
    {"h1", 2},	      {"h2", 2},      {"h3", 2},	 {"h4", 2},	    {"h5", 2},
    {"h6", 2},	      {"header", 2},  {"hr", 1},	 {"legend", 1},	    {"li", 1},
    {"listing", 2},   {"main", 2},    {"nav", 2},	 {"ol", 2},	    {"p", 2},
    {"plaintext", 2}, {"pre", 2},     {"section", 2},	 {"table", 1},	    {"tr", 1},
    {"ul", 2},	      {"xmp", 2},
};

unsigned
html_line_ends(const char *name)
{
	for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++)
		if (strcmp(name, blocks[i].name) == 0)
			return blocks[i].line_ends;
	return 0;
}

bool
html_is_invisible(uint32_t code)
{
	return code == 0xad || code == 0x34f || code == 0x200b || code == 0x2060;
}

/* What the element's own style says of a property, the last time it does; empty: nothing. */
static struct slice
style_of(const GumboNode *element, struct slice property)
{
	struct slice rest = slice_from_text(html_attribute(element, "style"));
	struct slice found = slice_of("", 0);

	while (rest.size > 0) {
		size_t end = slice_find_byte(rest, ';', 0);
		struct slice one = slice_part(rest, 0, end == SLICE_NONE ? rest.size : end);
		size_t colon = slice_find_byte(one, ':', 0);

		rest = slice_part(rest, one.size + 1, rest.size);
		if (colon != SLICE_NONE &&
		    slice_equal_nocase(slice_trim(slice_part(one, 0, colon)), property))
			found = slice_trim(slice_part(one, colon + 1, one.size));
	}
	return found;
}

static bool
is_one_of(const char *name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

bool
html_is_hidden(const GumboNode *element)
{
	return html_attribute(element, "hidden") != NULL ||
	       slice_starts_nocase(style_of(element, SLICE("display")), SLICE("none"));
}

bool
html_is_struck(const GumboNode *element, const char *name)
{
	static const char *const names[] = {"del", "s", "strike"};
	static const struct slice line = SLICE("line-through");

	return is_one_of(name, names, sizeof(names) / sizeof(names[0])) ||
	       slice_find_nocase(style_of(element, SLICE("text-decoration")), line, 0) !=
		   SLICE_NONE ||
	       slice_find_nocase(style_of(element, SLICE("text-decoration-line")), line, 0) !=
		   SLICE_NONE;
}

/* Some programs wrap all they write in a <b> whose style takes that back. */
bool
html_is_bold(const GumboNode *element, const char *name)
{
	static const char *const names[] = {"b", "strong", "th"};
	struct slice weight = style_of(element, SLICE("font-weight"));
	unsigned long long number;

	if (weight.size == 0)
		return is_one_of(name, names, sizeof(names) / sizeof(names[0]));
	if (slice_to_number(weight, &number))
		return number >= 600;
	return slice_starts_nocase(weight, SLICE("bold"));
}

unsigned
html_heading_level(const char *name)
{
	return name[0] == 'h' && name[1] >= '1' && name[1] <= '6' && name[2] == '\0'
		   ? (unsigned)(name[1] - '0')
		   : 0;
}

unsigned
html_number(const GumboNode *element, const char *attribute, unsigned most, unsigned otherwise)
{
	unsigned long long number;

	if (!slice_to_number(slice_trim(slice_from_text(html_attribute(element, attribute))),
			     &number) ||
	    number > most)
		return otherwise;
	return (unsigned)number;
}
