/*
 * Whether HTML may be parsed at all: counts that need no parser.
 */
#ifndef MAIL_HTML_LIMITS_H
#define MAIL_HTML_LIMITS_H

#include <stdbool.h>

#include "base/slice.h"

/* Size, number of "<", open elements and attributes of a tag are within what html_tree.h says.
 * Counted without regard to comments and raw text, so rather too many than too few. */
bool html_within_limits(struct slice html);

#endif
