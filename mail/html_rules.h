/*
 * The lists of what may stay of HTML: elements, attributes, schemes.
 */
#ifndef MAIL_HTML_RULES_H
#define MAIL_HTML_RULES_H

#include "base/text.h"

enum element_rule {
	ELEMENT_UNWRAP, /* the tag goes, its content stays */
	ELEMENT_KEEP,
	ELEMENT_VOID, /* kept, has no content and no end tag */
	ELEMENT_DROP, /* goes with its content */
};

enum element_rule html_rule_of(const char *name);

/* Append the harmless form of an attribute's value; false when the attribute may not stay.  `src`
 * of pictures is not decided here. */
bool html_attribute_value(const char *element, const char *attribute, const char *value,
			  struct text *out);

/* An address that a reader may follow: http, https, mailto, tel; cleaned of what browsers pass
 * over. */
bool html_link(const char *value, struct text *out);

#endif
