/*
 * What an element looks like, as far as that means something to who reads words alone: by its
 * name, and by what its own style says.  Style sheets are not looked at.
 */
#ifndef MAIL_HTML_LOOK_H
#define MAIL_HTML_LOOK_H

#include "mail/html_tree.h"

/* How an element parts lines: 2 with an empty line, 1 with a line end, 0 not at all. */
unsigned html_line_ends(const char *name);

/* Characters that only say where a word may break, or joins. */
bool html_is_invisible(uint32_t code);

/* What its writer hides. */
bool html_is_hidden(const GumboNode *element);

/* Struck out: its writer takes it back. */
bool html_is_struck(const GumboNode *element, const char *name);

bool html_is_bold(const GumboNode *element, const char *name);

/* The level of a heading, 1 to 6; 0 for all else. */
unsigned html_heading_level(const char *name);

/* A number in an attribute; `otherwise` where there is none, or one beyond `most`. */
unsigned
html_number(const GumboNode *element, const char *attribute, unsigned most, unsigned otherwise);

#endif
