/*
 * What stands above or below the line, kept apart from the line's own characters:
 * 10² and H₂O where there are characters for it, x^(a/b) where not.
 */
#ifndef MAIL_HTML_RAISED_H
#define MAIL_HTML_RAISED_H

#include "mail/html_tree.h"

enum raised_form {
	RAISED_AS_IT_IS, /* nothing to be mistaken: a sign, an ordinal, or small print */
	RAISED_CHARACTERS,
	RAISED_SIGN,	/* ^ or _ before the one character */
	RAISED_BRACKETS /* and around several */
};

/* How to write a <sup> or <sub> that follows this character. */
enum raised_form html_raised_form(const GumboNode *element, bool above, uint32_t before);

/* The character above or below the line; 0 where there is none. */
uint32_t html_raised_character(uint32_t code, bool above);

#endif
