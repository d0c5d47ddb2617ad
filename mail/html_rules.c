#include "mail/html_rules.h"

#include <string.h>

#include "mail/css_filter.h"
#include "mail/utf8.h"

#define STYLE_MAX ((size_t)16384)
#define VALUE_MAX ((size_t)2048)

static const struct {
	const char *name;
	enum element_rule rule;
} elements[] = {
    {"a", ELEMENT_KEEP},	{"abbr", ELEMENT_KEEP},	    {"acronym", ELEMENT_KEEP},
    {"address", ELEMENT_KEEP},	{"article", ELEMENT_KEEP},  {"aside", ELEMENT_KEEP},
    {"b", ELEMENT_KEEP},	{"big", ELEMENT_KEEP},	    {"blockquote", ELEMENT_KEEP},
    {"br", ELEMENT_VOID},	{"caption", ELEMENT_KEEP},  {"center", ELEMENT_KEEP},
    {"cite", ELEMENT_KEEP},	{"code", ELEMENT_KEEP},	    {"col", ELEMENT_VOID},
    {"colgroup", ELEMENT_KEEP}, {"dd", ELEMENT_KEEP},	    {"del", ELEMENT_KEEP},
    {"dfn", ELEMENT_KEEP},	{"div", ELEMENT_KEEP},	    {"dl", ELEMENT_KEEP},
    {"dt", ELEMENT_KEEP},	{"em", ELEMENT_KEEP},	    {"figcaption", ELEMENT_KEEP},
    {"figure", ELEMENT_KEEP},	{"font", ELEMENT_KEEP},	    {"footer", ELEMENT_KEEP},
    {"h1", ELEMENT_KEEP},	{"h2", ELEMENT_KEEP},	    {"h3", ELEMENT_KEEP},
    {"h4", ELEMENT_KEEP},	{"h5", ELEMENT_KEEP},	    {"h6", ELEMENT_KEEP},
    {"header", ELEMENT_KEEP},	{"hr", ELEMENT_VOID},	    {"i", ELEMENT_KEEP},
    {"img", ELEMENT_VOID},	{"ins", ELEMENT_KEEP},	    {"kbd", ELEMENT_KEEP},
    {"li", ELEMENT_KEEP},	{"main", ELEMENT_KEEP},	    {"mark", ELEMENT_KEEP},
    {"nav", ELEMENT_KEEP},	{"ol", ELEMENT_KEEP},	    {"p", ELEMENT_KEEP},
    {"pre", ELEMENT_KEEP},	{"q", ELEMENT_KEEP},	    {"s", ELEMENT_KEEP},
    {"samp", ELEMENT_KEEP},	{"section", ELEMENT_KEEP},  {"small", ELEMENT_KEEP},
    {"span", ELEMENT_KEEP},	{"strike", ELEMENT_KEEP},   {"strong", ELEMENT_KEEP},
    {"sub", ELEMENT_KEEP},	{"sup", ELEMENT_KEEP},	    {"table", ELEMENT_KEEP},
    {"tbody", ELEMENT_KEEP},	{"td", ELEMENT_KEEP},	    {"tfoot", ELEMENT_KEEP},
    {"th", ELEMENT_KEEP},	{"thead", ELEMENT_KEEP},    {"time", ELEMENT_KEEP},
    {"tr", ELEMENT_KEEP},	{"tt", ELEMENT_KEEP},	    {"u", ELEMENT_KEEP},
    {"ul", ELEMENT_KEEP},	{"var", ELEMENT_KEEP},	    {"wbr", ELEMENT_VOID},
    {"applet", ELEMENT_DROP},	{"area", ELEMENT_DROP},	    {"audio", ELEMENT_DROP},
    {"base", ELEMENT_DROP},	{"basefont", ELEMENT_DROP}, {"bgsound", ELEMENT_DROP},
    {"canvas", ELEMENT_DROP},	{"datalist", ELEMENT_DROP}, {"embed", ELEMENT_DROP},
    {"frame", ELEMENT_DROP},	{"frameset", ELEMENT_DROP}, {"head", ELEMENT_DROP},
    {"iframe", ELEMENT_DROP},	{"image", ELEMENT_DROP},    {"input", ELEMENT_DROP},
    {"isindex", ELEMENT_DROP},	{"keygen", ELEMENT_DROP},   {"link", ELEMENT_DROP},
    {"map", ELEMENT_DROP},	{"math", ELEMENT_DROP},	    {"meta", ELEMENT_DROP},
    {"noembed", ELEMENT_DROP},	{"noframes", ELEMENT_DROP}, {"noscript", ELEMENT_DROP},
    {"object", ELEMENT_DROP},	{"optgroup", ELEMENT_DROP}, {"option", ELEMENT_DROP},
    {"param", ELEMENT_DROP},	{"script", ELEMENT_DROP},   {"select", ELEMENT_DROP},
    {"source", ELEMENT_DROP},	{"style", ELEMENT_DROP},    {"svg", ELEMENT_DROP},
    {"template", ELEMENT_DROP}, {"textarea", ELEMENT_DROP}, {"title", ELEMENT_DROP},
    {"track", ELEMENT_DROP},	{"video", ELEMENT_DROP},    {"xml", ELEMENT_DROP},
};

/* What a value may be made of. */
enum kind { KIND_TEXT, KIND_WORD, KIND_LENGTH, KIND_COLOUR, KIND_STYLE, KIND_LINK };

static const struct {
	const char *name;
	enum kind kind;
	const char *elements; /* between blanks; NULL for all */
} attributes[] = {
    {"abbr", KIND_TEXT, " td th "},
    {"align", KIND_WORD, NULL},
    {"alt", KIND_TEXT, " img "},
    {"bgcolor", KIND_COLOUR, " body table tbody td tfoot th thead tr "},
    {"border", KIND_LENGTH, " img table "},
    {"cellpadding", KIND_LENGTH, " table "},
    {"cellspacing", KIND_LENGTH, " table "},
    {"color", KIND_COLOUR, " font hr "},
    {"colspan", KIND_LENGTH, " td th "},
    {"datetime", KIND_TEXT, " del ins time "},
    {"dir", KIND_WORD, NULL},
    {"face", KIND_TEXT, " font "},
    {"height", KIND_LENGTH, " img table td th tr "},
    {"href", KIND_LINK, " a "},
    {"hspace", KIND_LENGTH, " img "},
    {"lang", KIND_WORD, NULL},
    {"link", KIND_COLOUR, " body "},
    {"nowrap", KIND_WORD, " td th "},
    {"noshade", KIND_WORD, " hr "},
    {"reversed", KIND_WORD, " ol "},
    {"rowspan", KIND_LENGTH, " td th "},
    {"scope", KIND_WORD, " td th "},
    {"size", KIND_LENGTH, " font hr "},
    {"span", KIND_LENGTH, " col colgroup "},
    {"start", KIND_LENGTH, " ol "},
    {"style", KIND_STYLE, NULL},
    {"summary", KIND_TEXT, " table "},
    {"text", KIND_COLOUR, " body "},
    {"title", KIND_TEXT, NULL},
    {"type", KIND_WORD, " li ol ul "},
    {"valign", KIND_WORD, " col colgroup tbody td tfoot th thead tr "},
    {"value", KIND_LENGTH, " li "},
    {"vlink", KIND_COLOUR, " body "},
    {"vspace", KIND_LENGTH, " img "},
    {"width", KIND_LENGTH, " col colgroup hr img table td th "},
};

enum element_rule
html_rule_of(const char *name)
{
	for (size_t i = 0; i < sizeof(elements) / sizeof(elements[0]); i++)
		if (strcmp(name, elements[i].name) == 0)
			return elements[i].rule;
	return ELEMENT_UNWRAP;
}

static bool
is_for(const char *list, const char *element)
{
	size_t size = strlen(element);

	for (const char *hit = list == NULL ? NULL : strstr(list, element); hit != NULL;
	     hit = strstr(hit + 1, element))
		if (hit[-1] == ' ' && hit[size] == ' ')
			return true;
	return list == NULL;
}

static bool
is_made_of(struct slice value, const char *others, size_t longest)
{
	if (value.size > longest)
		return false;
	for (size_t i = 0; i < value.size; i++) {
		unsigned char byte = slice_lower(value.data[i]);

		if (!(byte >= 'a' && byte <= 'z') && !(byte >= '0' && byte <= '9') &&
		    (byte == '\0' || strchr(others, byte) == NULL))
			return false;
	}
	return true;
}

static void
clean_text(struct slice value, struct text *out)
{
	value.size = utf8_cut(value, VALUE_MAX);
	for (size_t position = 0; position < value.size;) {
		uint32_t code = utf8_on_one_line(utf8_next(value, &position));

		if (code != 0)
			utf8_append(out, code);
	}
}

bool
html_link(const char *value, struct text *out)
{
	static const char *const schemes[] = {"http://", "https://", "mailto:", "tel:"};
	struct slice bytes = slice_from_text(value);
	struct text clean;
	bool good = false;

	/* Browsers pass over blanks at the ends, and over tabs and line ends anywhere. */
	text_init(&clean, VALUE_MAX * 4);
	for (size_t position = 0; position < bytes.size && text_ok(&clean);) {
		uint32_t code = utf8_next(bytes, &position);

		if (code > 0x20 && !utf8_is_unwanted(code))
			utf8_append(&clean, code);
		else if (code == ' ' && clean.size > 0)
			text_append_text(&clean, "%20");
	}
	bytes = text_slice(&clean);
	while (bytes.size >= 3 &&
	       slice_equal(slice_part(bytes, bytes.size - 3, bytes.size), SLICE("%20")))
		bytes.size -= 3;
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		struct slice scheme = slice_from_text(schemes[i]);

		good = good || (bytes.size > scheme.size && slice_starts_nocase(bytes, scheme));
	}
	good = good && text_ok(&clean);
	if (good)
		text_append(out, bytes);
	text_clear(&clean);
	return good;
}

static bool
append_style(const char *value, struct text *out)
{
	struct text style;
	bool some;

	text_init(&style, STYLE_MAX);
	css_filter(slice_from_text(value), &style);
	some = style.size > 0 && text_ok(&style);
	if (some)
		text_append(out, text_slice(&style));
	text_clear(&style);
	return some;
}

bool
html_attribute_value(const char *element, const char *attribute, const char *value,
		     struct text *out)
{
	struct slice bytes = slice_trim(slice_from_text(value));

	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
		if (strcmp(attribute, attributes[i].name) != 0 ||
		    !is_for(attributes[i].elements, element))
			continue;
		switch (attributes[i].kind) {
		case KIND_LINK:
			return html_link(value, out);
		case KIND_STYLE:
			return append_style(value, out);
		case KIND_TEXT:
			clean_text(bytes, out);
			return true;
		case KIND_WORD:
			if (!is_made_of(bytes, "-", 40))
				return false;
			break;
		case KIND_LENGTH:
			if (bytes.size == 0 || !is_made_of(bytes, "%.+-", 12) ||
			    bytes.data[0] == '-')
				return false;
			break;
		case KIND_COLOUR:
			if (!is_made_of(bytes, "#", 40))
				return false;
			break;
		}
		text_append(out, bytes);
		return true;
	}
	return false;
}
