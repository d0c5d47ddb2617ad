#include "mail/html_text.h"

#include <string.h>

#include "mail/html_rules.h"
#include "mail/html_tree.h"
#include "mail/utf8.h"

#define NESTING_MAX 32

struct list {
	bool ordered;
	unsigned number;
};

struct writer {
	struct text *out;
	unsigned line_ends; /* wanted before the next character */
	bool blank;	    /* a blank is wanted there */
	bool cell;	    /* a cell begins there */
	bool item;	    /* a list item begins there */
	bool some;	    /* anything is written */
	size_t quote, line_quote;
	size_t pre;
	struct list lists[NESTING_MAX];
	size_t list_depth;
	size_t link_start; /* where the text of the open link begins */
};

/* How an element parts lines: 2 with an empty line, 1 with a line end, 0 not at all. */
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

static unsigned
line_ends_of(const char *name)
{
	for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++)
		if (strcmp(name, blocks[i].name) == 0)
			return blocks[i].line_ends;
	return 0;
}

static void
want_line_ends(struct writer *writer, unsigned count)
{
	if (writer->line_ends < count)
		writer->line_ends = count;
	writer->blank = writer->cell = false;
}

static void
write_line_start(struct writer *writer)
{
	size_t between = writer->quote < writer->line_quote ? writer->quote : writer->line_quote;

	for (unsigned i = 0; writer->some && i < writer->line_ends; i++) {
		text_append_byte(writer->out, '\n');
		/* An empty line within a quote is part of it. */
		for (size_t j = 0; i + 1 < writer->line_ends && j < between; j++)
			text_append_byte(writer->out, '>');
	}
	for (size_t i = 0; i < writer->quote; i++)
		text_append_byte(writer->out, '>');
	if (writer->quote > 0)
		text_append_byte(writer->out, ' ');
	for (size_t i = 1; i < writer->list_depth; i++)
		text_append_text(writer->out, "  ");
	if (writer->list_depth > 0 && !writer->item)
		text_append_text(writer->out, "   ");
	writer->line_quote = writer->quote;
	writer->line_ends = 0;
	writer->blank = writer->cell = false;
}

static void
write_item(struct writer *writer)
{
	struct list *list = &writer->lists[writer->list_depth - 1];

	if (list->ordered)
		text_printf(writer->out, "%2u. ", list->number);
	else
		text_append_text(writer->out, " * ");
	writer->item = false;
}

/* Whatever is wanted before the next character, then the character. */
static void
write_code(struct writer *writer, uint32_t code)
{
	if (!writer->some || writer->line_ends > 0)
		write_line_start(writer);
	if (writer->item && writer->list_depth > 0)
		write_item(writer);
	if (writer->cell)
		text_append_text(writer->out, " | ");
	else if (writer->blank)
		text_append_byte(writer->out, ' ');
	writer->blank = writer->cell = false;
	writer->some = true;
	utf8_append(writer->out, code);
}

static bool
is_invisible(uint32_t code)
{
	return code == 0xad || code == 0x34f || code == 0x200b || code == 0x2060;
}

static void
write_text(struct writer *writer, const char *string)
{
	struct slice text = slice_from_text(string);

	for (size_t position = 0; position < text.size && text_ok(writer->out);) {
		uint32_t code = utf8_next(text, &position);

		if (writer->pre > 0 && code == '\n') {
			writer->line_ends++;
			writer->blank = false;
		} else if (code == ' ' || code == '\t' || code == '\n' || code == '\r' ||
			   code == '\f' || code == 0xa0) {
			if (writer->pre > 0 && code != '\r')
				write_code(writer, code == '\t' ? '\t' : ' ');
			else if (writer->line_ends == 0 && writer->some)
				writer->blank = true;
		} else if (!utf8_is_unwanted(code) && !is_invisible(code)) {
			write_code(writer, code == 0x2028 || code == 0x2029 ? ' ' : code);
		}
	}
}

/* What its writer hides is not read to anybody. */
static bool
is_hidden(const GumboNode *node)
{
	struct slice style = slice_from_text(html_attribute(node, "style"));
	size_t at = slice_find_nocase(style, SLICE("display"), 0);

	if (html_attribute(node, "hidden") != NULL)
		return true;
	if (at == SLICE_NONE)
		return false;
	for (at += 7; at < style.size && (style.data[at] == ' ' || style.data[at] == ':');)
		at++;
	return slice_starts_nocase(slice_part(style, at, style.size), SLICE("none"));
}

static void
enter_list(struct writer *writer, const GumboNode *node, bool ordered)
{
	unsigned long long start = 1;
	const char *value = html_attribute(node, "start");

	if (writer->list_depth == NESTING_MAX)
		return;
	if (value != NULL && (!slice_to_number(slice_from_text(value), &start) || start > 1000000))
		start = 1;
	writer->lists[writer->list_depth++] = (struct list){ordered, (unsigned)start - 1};
}

static void
enter_picture(struct writer *writer, const GumboNode *node)
{
	const char *alt = html_attribute(node, "alt");

	if (alt == NULL || slice_trim(slice_from_text(alt)).size == 0)
		return;
	write_code(writer, '[');
	write_text(writer, alt);
	writer->blank = false;
	write_code(writer, ']');
}

static void
enter_element(struct writer *writer, const GumboNode *node, const char *name)
{
	unsigned line_ends = line_ends_of(name);

	/* A list in a list needs no empty line. */
	if (writer->list_depth > 0 && line_ends > 1)
		line_ends = 1;
	want_line_ends(writer, writer->line_ends > line_ends ? writer->line_ends : line_ends);
	if (strcmp(name, "blockquote") == 0)
		writer->quote += writer->quote < NESTING_MAX ? 1 : 0;
	else if (strcmp(name, "pre") == 0)
		writer->pre++;
	else if (strcmp(name, "ul") == 0 || strcmp(name, "ol") == 0)
		enter_list(writer, node, name[0] == 'o');
	else if (strcmp(name, "hr") == 0)
		write_text(writer, "----------");
	if (strcmp(name, "li") == 0 && writer->list_depth > 0) {
		writer->lists[writer->list_depth - 1].number++;
		writer->item = true;
	}
}

static bool
enter(void *context, const GumboNode *node)
{
	struct writer *writer = context;
	char room[HTML_NAME_SIZE];
	const char *name;

	if (node->type == GUMBO_NODE_DOCUMENT)
		return true;
	if (node->type == GUMBO_NODE_TEXT || node->type == GUMBO_NODE_WHITESPACE ||
	    node->type == GUMBO_NODE_CDATA) {
		write_text(writer, node->v.text.text);
		return false;
	}
	name = html_element_name(node, room);
	if (name[0] == '\0' || node->type != GUMBO_NODE_ELEMENT ||
	    html_rule_of(name) == ELEMENT_DROP || is_hidden(node))
		return false;
	if (strcmp(name, "br") == 0) {
		writer->line_ends += writer->some && writer->line_ends < 3 ? 1 : 0;
		writer->blank = writer->cell = false;
	} else if (strcmp(name, "img") == 0) {
		enter_picture(writer, node);
	} else if (strcmp(name, "td") == 0 || strcmp(name, "th") == 0) {
		writer->blank = false;
		writer->cell = writer->some && writer->line_ends == 0;
	} else if (strcmp(name, "a") == 0) {
		writer->link_start = writer->out->size;
	} else if (line_ends_of(name) > 0) {
		enter_element(writer, node, name);
	}
	return true;
}

/* "text <url>", where the text is not the address itself. */
static void
leave_link(struct writer *writer, const GumboNode *node)
{
	const char *href = html_attribute(node, "href");
	struct slice shown, address;
	struct text url;

	text_init(&url, 8192);
	if (href == NULL || !html_link(href, &url)) {
		text_clear(&url);
		return;
	}
	address = text_slice(&url);
	if (slice_starts_nocase(address, SLICE("mailto:")))
		address = slice_part(address, 7, slice_find_byte(address, '?', 0));
	else if (slice_starts_nocase(address, SLICE("tel:")))
		address = slice_part(address, 4, address.size);
	shown =
	    slice_trim(slice_part(text_slice(writer->out), writer->link_start, writer->out->size));
	if (shown.size > 0 && slice_find(shown, address, 0) == SLICE_NONE) {
		writer->blank = writer->blank || writer->line_ends == 0;
		write_code(writer, '<');
		text_append(writer->out, address);
		text_append_byte(writer->out, '>');
	}
	text_clear(&url);
}

static void
leave(void *context, const GumboNode *node)
{
	struct writer *writer = context;
	char room[HTML_NAME_SIZE];
	const char *name = html_element_name(node, room);
	unsigned line_ends;

	if (name[0] == '\0' || node->type != GUMBO_NODE_ELEMENT ||
	    html_rule_of(name) == ELEMENT_DROP || is_hidden(node))
		return;
	if (strcmp(name, "a") == 0) {
		leave_link(writer, node);
		return;
	}
	line_ends = line_ends_of(name);
	if (line_ends == 0)
		return;
	if (strcmp(name, "blockquote") == 0)
		writer->quote -= writer->quote > 0 ? 1 : 0;
	else if (strcmp(name, "pre") == 0)
		writer->pre--;
	else if ((strcmp(name, "ul") == 0 || strcmp(name, "ol") == 0) && writer->list_depth > 0)
		writer->list_depth--;
	if (strcmp(name, "li") == 0)
		writer->item = false;
	want_line_ends(writer, writer->list_depth > 0 && line_ends > 1 ? 1 : line_ends);
}

enum status
html_to_text(struct slice html, struct text *out)
{
	struct writer writer = {.out = out};
	const struct html_walker walker = {&writer, enter, leave};
	struct html_tree *tree;
	enum status status = html_tree_build(html, &tree);

	if (status != STATUS_OK)
		return status;
	html_tree_walk(html_tree_document(tree), &walker);
	html_tree_free(tree);
	if (writer.some)
		text_append_byte(out, '\n');
	return STATUS_OK;
}
