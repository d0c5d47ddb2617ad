#include "mail/html_limits.h"

#include <string.h>

#include "mail/html_tree.h"

/* Longer names are no elements; the bound keeps the count linear. */
#define NAME_LONGEST ((size_t)256)

static bool
is_letter(unsigned char byte)
{
	byte = slice_lower(byte);
	return byte >= 'a' && byte <= 'z';
}

static bool
is_blank(unsigned char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r' || byte == '\f';
}

/* Elements that do not stay open: void ones, and those that their like or the end of a parent
 * closes. Letters leave them open by the thousand. */
static bool
closes_itself(struct slice name)
{
	static const char *const names[] = {
	    "area",  "base", "body",  "br", "col",   "dd",   "dt",     "embed", "head",	 "hr",
	    "html",  "img",  "input", "li", "link",  "meta", "option", "p",	"param", "source",
	    "tbody", "td",   "tfoot", "th", "thead", "tr",   "track",  "wbr",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (slice_equal_nocase(name, slice_from_text(names[i])))
			return true;
	return false;
}

/* Attributes of the tag whose name ends at `at` (HTML standard, section 13.2.5.32 on).  *end_out is
 * behind the tag. */
static size_t
count_attributes(struct slice html, size_t at, size_t *end_out)
{
	size_t count = 0;

	while (at < html.size && html.data[at] != '>' && count <= HTML_ATTRIBUTES_MAX) {
		if (is_blank(html.data[at]) || html.data[at] == '/') {
			at++;
			continue;
		}
		count++;
		at++; /* a "=" at the start is part of the name */
		while (at < html.size && !is_blank(html.data[at]) &&
		       strchr("/>=", html.data[at]) == NULL)
			at++;
		while (at < html.size && is_blank(html.data[at]))
			at++;
		if (at == html.size || html.data[at] != '=')
			continue;
		at++;
		while (at < html.size && is_blank(html.data[at]))
			at++;
		if (at < html.size && (html.data[at] == '"' || html.data[at] == '\'')) {
			size_t end = slice_find_byte(html, html.data[at], at + 1);

			at = end == SLICE_NONE ? html.size : end + 1;
		} else {
			while (at < html.size && !is_blank(html.data[at]) && html.data[at] != '>')
				at++;
		}
	}
	*end_out = at;
	return count;
}

bool
html_within_limits(struct slice html)
{
	size_t tags = 0, open = 0;

	if (html.size > HTML_SIZE_MAX)
		return false;
	for (size_t at = slice_find_byte(html, '<', 0); at != SLICE_NONE;
	     at = slice_find_byte(html, '<', at + 1)) {
		bool end_tag = at + 1 < html.size && html.data[at + 1] == '/';
		size_t name = at + (end_tag ? 2 : 1), name_end = name, end;

		if (++tags > HTML_TAGS_MAX)
			return false;
		if (name >= html.size || !is_letter(html.data[name]))
			continue;
		while (name_end < html.size && !is_blank(html.data[name_end]) &&
		       html.data[name_end] != '/' && html.data[name_end] != '>')
			name_end++;
		if (name_end - name > NAME_LONGEST)
			return false;
		/* The tag's inside is looked at again for "<": where a tag begins depends on what
		 * came before, and a wrong guess must not hide the rest. */
		if (count_attributes(html, name_end, &end) > HTML_ATTRIBUTES_MAX)
			return false;
		if (end_tag)
			open -= open > 0 ? 1 : 0;
		else if (!closes_itself(slice_part(html, name, name_end)) && ++open > HTML_OPEN_MAX)
			return false;
	}
	return true;
}
