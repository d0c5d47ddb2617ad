/*
 * The declarations of a style attribute that can only change how a text looks:
 * a list of properties, and values without functions, escapes or addresses.
 */
#ifndef MAIL_CSS_FILTER_H
#define MAIL_CSS_FILTER_H

#include "base/text.h"

/* Append the declarations that may stay as "property: value; property: value".  The result passes
 * unchanged when filtered again. */
void css_filter(struct slice style, struct text *out);

#endif
