/*
 * HTML as the tree that a browser would build (gumbo), with bounds before and
 * while it is built: gumbo takes quadratic time and memory on hostile input
 * and frees its tree by recursion.  The walk over it is flat.
 */
#ifndef MAIL_HTML_TREE_H
#define MAIL_HTML_TREE_H

#include <gumbo.h>

#include "base/stream.h"
#include "base/text.h"
#include "mail/manifest.h"

#define HTML_SIZE_MAX ((size_t)2097152)
#define HTML_TAGS_MAX ((size_t)20000)
#define HTML_OPEN_MAX ((size_t)1000)
#define HTML_ATTRIBUTES_MAX ((size_t)200)

struct html_tree;

/* Build the tree of UTF-8 text, which must outlive it.  STATUS_TOO_LARGE beyond the bounds above,
 * 256 MB of memory or 2 seconds of processor time. */
enum status html_tree_build(struct slice html, struct html_tree **tree_out) MUST_CHECK;
void html_tree_free(struct html_tree *tree);

const GumboNode *html_tree_document(const struct html_tree *tree);

/* A walk meets every node twice, before and behind its children; `enter` tells whether the
 * children are wanted. */
struct html_walker {
	void *context;
	bool (*enter)(void *context, const GumboNode *node);
	void (*leave)(void *context, const GumboNode *node);
};

void html_tree_walk(const GumboNode *root, const struct html_walker *walker);

/* Name of an HTML element in lower case, also of one that gumbo does not know, in `room`; "" for
 * other nodes and for elements of SVG and MathML. */
#define HTML_NAME_SIZE 32
const char *html_element_name(const GumboNode *node, char room[HTML_NAME_SIZE]);

/* An attribute's value, NULL when it is not there. */
const char *html_attribute(const GumboNode *node, const char *name);

/* The decoded HTML of a part as UTF-8, by its label or, without one, by what it says of itself. */
enum status
html_read(const struct source *message, const struct part *part, struct text *html) MUST_CHECK;

#endif
