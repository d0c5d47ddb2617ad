#include "mail/html_raised.h"

#include <unicode/uchar.h>

#include "mail/html_look.h"
#include "mail/html_rules.h"
#include "mail/utf8.h"

/* Longer ones are small print. */
#define RAISED_MAX ((size_t)60)

static const struct {
	uint32_t code;
	uint32_t above;
	uint32_t below;
} characters[] = {
    {'0', 0x2070, 0x2080}, {'1', 0xb9, 0x2081},	  {'2', 0xb2, 0x2082},	 {'3', 0xb3, 0x2083},
    {'4', 0x2074, 0x2084}, {'5', 0x2075, 0x2085}, {'6', 0x2076, 0x2086}, {'7', 0x2077, 0x2087},
    {'8', 0x2078, 0x2088}, {'9', 0x2079, 0x2089}, {'+', 0x207a, 0x208a}, {'-', 0x207b, 0x208b},
    {'=', 0x207c, 0x208c}, {'(', 0x207d, 0x208d}, {')', 0x207e, 0x208e}, {0x2212, 0x207b, 0x208b},
    {'n', 0x207f, 0},	   {'i', 0x2071, 0},	  {' ', ' ', ' '},
};

uint32_t
html_raised_character(uint32_t code, bool above)
{
	for (size_t i = 0; i < sizeof(characters) / sizeof(characters[0]); i++)
		if (characters[i].code == code)
			return above ? characters[i].above : characters[i].below;
	return 0;
}

/* The words of an element; more than the bound of `text` does not matter. */
static bool
gather(void *context, const GumboNode *node)
{
	struct text *text = context;
	char room[HTML_NAME_SIZE];

	if (node->type == GUMBO_NODE_TEXT || node->type == GUMBO_NODE_CDATA)
		text_append_text(text, node->v.text.text);
	return text_ok(text) && (node->type != GUMBO_NODE_ELEMENT ||
				 (html_rule_of(html_element_name(node, room)) != ELEMENT_DROP &&
				  !html_is_hidden(node)));
}

static void
pass(void *context, const GumboNode *node)
{
	(void)context;
	(void)node;
}

/* 1st, 2nd, 3rd, 4th, 1er. */
static bool
is_ordinal(struct slice words, uint32_t before)
{
	static const char *const endings[] = {"st", "nd", "rd", "th", "er"};

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		if (slice_equal_nocase(words, slice_from_text(endings[i])))
			return before >= '0' && before <= '9';
	return false;
}

static enum raised_form
form_of(struct slice words, bool above, uint32_t before)
{
	bool all = true, any = false;
	size_t count = 0;

	for (size_t at = 0; at < words.size; count++) {
		uint32_t code = utf8_next(words, &at);

		all = all && html_raised_character(code, above) != 0;
		any = any || u_isalnum((UChar32)code);
	}
	if (!any || (above && is_ordinal(words, before)))
		return RAISED_AS_IT_IS;
	if (all)
		return RAISED_CHARACTERS;
	return count == 1 ? RAISED_SIGN : RAISED_BRACKETS;
}

enum raised_form
html_raised_form(const GumboNode *element, bool above, uint32_t before)
{
	struct text text;
	const struct html_walker walker = {&text, gather, pass};
	enum raised_form form = RAISED_AS_IT_IS;

	text_init(&text, RAISED_MAX);
	html_tree_walk(element, &walker);
	if (text_ok(&text))
		form = form_of(slice_trim(text_slice(&text)), above, before);
	text_clear(&text);
	return form;
}
