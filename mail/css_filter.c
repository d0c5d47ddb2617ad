#include "mail/css_filter.h"

#include <string.h>

#define VALUE_LONGEST ((size_t)300)

static const char *const properties[] = {
    "background",
    "background-color",
    "border",
    "border-bottom",
    "border-bottom-color",
    "border-bottom-left-radius",
    "border-bottom-right-radius",
    "border-bottom-style",
    "border-bottom-width",
    "border-collapse",
    "border-color",
    "border-left",
    "border-left-color",
    "border-left-style",
    "border-left-width",
    "border-radius",
    "border-right",
    "border-right-color",
    "border-right-style",
    "border-right-width",
    "border-spacing",
    "border-style",
    "border-top",
    "border-top-color",
    "border-top-left-radius",
    "border-top-right-radius",
    "border-top-style",
    "border-top-width",
    "border-width",
    "caption-side",
    "clear",
    "color",
    "direction",
    "display",
    "empty-cells",
    "float",
    "font",
    "font-family",
    "font-size",
    "font-style",
    "font-variant",
    "font-weight",
    "height",
    "letter-spacing",
    "line-height",
    "list-style",
    "list-style-position",
    "list-style-type",
    "margin",
    "margin-bottom",
    "margin-left",
    "margin-right",
    "margin-top",
    "max-width",
    "min-width",
    "padding",
    "padding-bottom",
    "padding-left",
    "padding-right",
    "padding-top",
    "table-layout",
    "text-align",
    "text-decoration",
    "text-indent",
    "text-transform",
    "vertical-align",
    "white-space",
    "width",
    "word-break",
    "word-spacing",
    "word-wrap",
};

static bool
is_alnum(unsigned char byte)
{
	byte = slice_lower(byte);
	return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
}

static bool
is_one_of(unsigned char byte, struct slice bytes)
{
	return slice_find_byte(bytes, byte, 0) != SLICE_NONE;
}

static bool
is_blank(unsigned char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r' || byte == '\f';
}

static const char *
known_property(struct slice name)
{
	for (size_t i = 0; i < sizeof(properties) / sizeof(properties[0]); i++)
		if (slice_equal_nocase(name, slice_from_text(properties[i])))
			return properties[i];
	return NULL;
}

/* The word before the bracket at `at` names a function that only makes a colour. */
static bool
is_colour_function(struct slice value, size_t at)
{
	static const char *const names[] = {"rgb", "rgba", "hsl", "hsla"};
	size_t from = at;

	while (from > 0 && (is_alnum(value.data[from - 1]) || value.data[from - 1] == '-'))
		from--;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (slice_equal_nocase(slice_part(value, from, at), slice_from_text(names[i])))
			return true;
	return false;
}

/* Nothing can be said with what passes here but words, numbers, colours and quoted names. */
static bool
is_harmless_value(struct slice value)
{
	size_t brackets = 0;
	unsigned char quote = 0;

	if (value.size == 0 || value.size > VALUE_LONGEST)
		return false;
	for (size_t i = 0; i < value.size; i++) {
		unsigned char byte = value.data[i];

		if (quote != 0) {
			if (byte == quote)
				quote = 0;
			else if (!is_alnum(byte) && !is_one_of(byte, SLICE(" -_.,")))
				return false;
			continue;
		}
		if (byte == '"' || byte == '\'')
			quote = byte;
		else if ((byte == '(' && (brackets++ > 0 || !is_colour_function(value, i))) ||
			 (byte == ')' && brackets-- == 0) ||
			 /* Negative lengths move things over others. */
			 (byte == '-' && (i == 0 || !is_alnum(value.data[i - 1]))) ||
			 (!is_alnum(byte) && !is_one_of(byte, SLICE(" #%.,()!-/"))))
			return false;
	}
	return quote == 0 && brackets == 0;
}

/* "display" can also make boxes that float, overlap or are replaced; these cannot. */
static bool
is_harmless_display(struct slice value)
{
	static const char *const names[] = {"block",	  "inline",    "inline-block",
					    "list-item",  "none",      "table",
					    "table-cell", "table-row", "inline-table"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (slice_starts_nocase(value, slice_from_text(names[i])))
			return true;
	return false;
}

/* The value with runs of blanks as one, at most one byte beyond what may pass. */
static struct slice
collapse(struct slice value, unsigned char room[VALUE_LONGEST + 1])
{
	size_t size = 0;

	value = slice_trim(value);
	for (size_t i = 0; i < value.size && size <= VALUE_LONGEST; i++) {
		if (!is_blank(value.data[i]))
			room[size++] = value.data[i];
		else if (size > 0 && room[size - 1] != ' ')
			room[size++] = ' ';
	}
	return slice_trim(slice_of(room, size));
}

static void
filter_declaration(struct slice declaration, struct text *out)
{
	unsigned char room[VALUE_LONGEST + 1];
	size_t colon = slice_find_byte(declaration, ':', 0);
	const char *property;
	struct slice value;

	if (colon == SLICE_NONE)
		return;
	property = known_property(slice_trim(slice_part(declaration, 0, colon)));
	if (property == NULL)
		return;
	value = collapse(slice_part(declaration, colon + 1, declaration.size), room);
	if (!is_harmless_value(value) ||
	    (strcmp(property, "display") == 0 && !is_harmless_display(value)))
		return;
	if (out->size > 0)
		text_append_text(out, "; ");
	text_append_text(out, property);
	text_append_text(out, ": ");
	text_append(out, value);
}

void
css_filter(struct slice style, struct text *out)
{
	size_t from = 0, depth = 0;
	unsigned char quote = 0;

	for (size_t i = 0; i <= style.size; i++) {
		unsigned char byte = i < style.size ? style.data[i] : ';';

		/* What ends a declaration for a browser ends it here; where quotes or brackets are
		 * left open, the rest is one value and fails as a whole. */
		if (i < style.size && quote != 0) {
			if (byte == '\\')
				i++;
			else if (byte == quote)
				quote = 0;
			continue;
		}
		if (byte == '"' || byte == '\'')
			quote = byte;
		else if (byte == '(')
			depth++;
		else if (byte == ')' && depth > 0)
			depth--;
		else if (byte == ';' && (depth == 0 || i == style.size)) {
			filter_declaration(slice_part(style, from, i), out);
			from = i + 1;
		}
	}
	if (from < style.size)
		filter_declaration(slice_part(style, from, style.size), out);
}
