#include "mail/html_sanitise.h"

#include <string.h>

#include "mail/html_rules.h"
#include "mail/html_tree.h"
#include "mail/utf8.h"

/* Writing a tree anew can change how it reads (a paragraph in a paragraph, say); reading and
 * writing again settles it. */
#define PASSES_MAX 12

struct writer {
	struct text *out;
	const char *(*cid_url)(void *context, const char *id);
	void *context;
};

static const char document_start[] =
    "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"></head><body";
/* No line end behind it: that would be read as part of the body. */
static const char document_end[] = "</body></html>";

static void
append_escaped(struct slice bytes, struct text *out)
{
	for (size_t position = 0; position < bytes.size;) {
		uint32_t code = utf8_next(bytes, &position);

		switch (code) {
		case '&':
			text_append_text(out, "&amp;");
			break;
		case '<':
			text_append_text(out, "&lt;");
			break;
		case '>':
			text_append_text(out, "&gt;");
			break;
		case '"':
			text_append_text(out, "&#34;");
			break;
		case '\'':
			text_append_text(out, "&#39;");
			break;
		case '`':
			text_append_text(out, "&#96;");
			break;
		default:
			if (!utf8_is_unwanted(code))
				utf8_append(out, code);
		}
	}
}

static void
append_attribute(struct text *out, const char *name, struct slice value)
{
	text_append_byte(out, ' ');
	text_append_text(out, name);
	text_append_text(out, "=\"");
	append_escaped(value, out);
	text_append_byte(out, '"');
}

/* Pictures come from the letter itself or not at all; those from elsewhere leave their text. */
static void
append_picture(struct writer *writer, const GumboNode *node)
{
	const char *source = html_attribute(node, "src");
	struct slice id = slice_trim(slice_from_text(source));
	struct text clean;
	const char *url;

	if (!slice_starts_nocase(id, SLICE("cid:")) || id.size > 300)
		return;
	id = slice_part(id, 4, id.size);
	text_init(&clean, 1024);
	for (size_t position = 0; position < id.size;) {
		uint32_t code = utf8_next(id, &position);

		if (code > 0x20 && !utf8_is_unwanted(code))
			utf8_append(&clean, code);
	}
	if (writer->cid_url == NULL) {
		struct text address;

		text_init(&address, 1100);
		text_append_text(&address, "cid:");
		text_append(&address, text_slice(&clean));
		append_attribute(writer->out, "src", text_slice(&address));
		text_clear(&address);
	} else {
		url = writer->cid_url(writer->context, text_string(&clean));
		if (url != NULL)
			append_attribute(writer->out, "src", slice_from_text(url));
	}
	text_clear(&clean);
}

static void
append_attributes(struct writer *writer, const GumboNode *node, const char *element)
{
	const GumboVector *attributes = &node->v.element.attributes;
	bool link = false;

	for (unsigned i = 0; i < attributes->length; i++) {
		const GumboAttribute *attribute = attributes->data[i];
		struct text value;

		if (attribute->attr_namespace != GUMBO_ATTR_NAMESPACE_NONE)
			continue;
		text_init(&value, HTML_SIZE_MAX);
		if (html_attribute_value(element, attribute->name, attribute->value, &value)) {
			append_attribute(writer->out, attribute->name, text_slice(&value));
			link = link || strcmp(attribute->name, "href") == 0;
		}
		text_clear(&value);
	}
	if (strcmp(element, "img") == 0)
		append_picture(writer, node);
	if (link)
		text_append_text(writer->out,
				 " target=\"_blank\" rel=\"noopener noreferrer nofollow\"");
}

static const char *
text_of(const GumboNode *node)
{
	if (node->type == GUMBO_NODE_TEXT || node->type == GUMBO_NODE_WHITESPACE ||
	    node->type == GUMBO_NODE_CDATA)
		return node->v.text.text;
	return NULL;
}

static bool
begins_with_line_end(const GumboNode *node)
{
	const GumboVector *children = &node->v.element.children;
	const char *text = children->length == 0 ? NULL : text_of(children->data[0]);

	return text != NULL && text[0] == '\n';
}

static bool
enter(void *context, const GumboNode *node)
{
	struct writer *writer = context;
	char room[HTML_NAME_SIZE];
	const char *text = text_of(node), *name;
	enum element_rule rule;

	if (node->type == GUMBO_NODE_DOCUMENT)
		return true;
	if (text != NULL) {
		append_escaped(slice_from_text(text), writer->out);
		return false;
	}
	name = html_element_name(node, room);
	if (name[0] == '\0' || node->type != GUMBO_NODE_ELEMENT)
		return false;
	/* The outermost two are written once, by html_sanitise. */
	if (strcmp(name, "html") == 0 || strcmp(name, "body") == 0)
		return true;
	rule = html_rule_of(name);
	if (rule == ELEMENT_DROP)
		return false;
	if (rule == ELEMENT_UNWRAP)
		return true;
	text_append_byte(writer->out, '<');
	text_append_text(writer->out, name);
	append_attributes(writer, node, name);
	text_append_byte(writer->out, '>');
	/* The first line end in <pre> is not read. */
	if (strcmp(name, "pre") == 0 && begins_with_line_end(node))
		text_append_byte(writer->out, '\n');
	return rule == ELEMENT_KEEP;
}

static void
leave(void *context, const GumboNode *node)
{
	struct writer *writer = context;
	char room[HTML_NAME_SIZE];
	const char *name = html_element_name(node, room);

	if (name[0] == '\0' || node->type != GUMBO_NODE_ELEMENT ||
	    html_rule_of(name) != ELEMENT_KEEP)
		return;
	text_append_text(writer->out, "</");
	text_append_text(writer->out, name);
	text_append_byte(writer->out, '>');
}

/* The body element's own looks: colours, direction. */
static void
append_body_attributes(struct writer *writer, const GumboNode *document)
{
	const GumboVector *top = &document->v.document.children;

	for (unsigned i = 0; i < top->length; i++) {
		const GumboNode *html = top->data[i];

		if (html->type != GUMBO_NODE_ELEMENT || html->v.element.tag != GUMBO_TAG_HTML)
			continue;
		for (unsigned j = 0; j < html->v.element.children.length; j++) {
			const GumboNode *body = html->v.element.children.data[j];

			if (body->type == GUMBO_NODE_ELEMENT &&
			    body->v.element.tag == GUMBO_TAG_BODY) {
				append_attributes(writer, body, "body");
				return;
			}
		}
	}
}

static enum status
write_once(struct slice html, struct writer *writer)
{
	const struct html_walker walker = {writer, enter, leave};
	struct html_tree *tree;
	enum status status = html_tree_build(html, &tree);

	if (status != STATUS_OK)
		return status;
	text_append_text(writer->out, document_start);
	append_body_attributes(writer, html_tree_document(tree));
	text_append_byte(writer->out, '>');
	html_tree_walk(html_tree_document(tree), &walker);
	text_append_text(writer->out, document_end);
	html_tree_free(tree);
	return STATUS_OK;
}

enum status
html_sanitise(struct slice html, const char *(*cid_url)(void *context, const char *id),
	      void *context, struct text *out)
{
	struct text passes[2];
	struct writer writer = {NULL, NULL, NULL};
	enum status status;
	unsigned pass = 0;

	text_init(&passes[0], HTML_SIZE_MAX);
	text_init(&passes[1], HTML_SIZE_MAX);
	writer.out = &passes[0];
	status = write_once(html, &writer);
	for (bool settled = false; status == STATUS_OK && !settled;) {
		struct text *last = &passes[pass % 2], *next = &passes[(pass + 1) % 2];

		if (!text_ok(last) || ++pass > PASSES_MAX) {
			status = STATUS_TOO_LARGE;
			break;
		}
		text_reset(next);
		writer.out = next;
		status = write_once(text_slice(last), &writer);
		settled = slice_equal(text_slice(last), text_slice(next));
	}
	if (status == STATUS_OK) {
		writer = (struct writer){out, cid_url, context};
		status = write_once(text_slice(&passes[0]), &writer);
	}
	text_clear(&passes[0]);
	text_clear(&passes[1]);
	return status;
}
