/*
 * The text of a message as it stands below an answer to it: an attribution, and
 * every line behind "> ".  Without the signature, wrapped to what a small text
 * area shows, and bounded.
 */
#ifndef MAIL_QUOTE_H
#define MAIL_QUOTE_H

#include "base/text.h"

#define QUOTE_MAX ((size_t)16384) /* bytes of a quotation; what is beyond is left out */

/* Append `attribution` (one line, without its end) and the quoted lines of `body`, which is clean
 * UTF-8 with LF line ends.  A line that was quoted already gets one level more.  At QUOTE_MAX it
 * ends with "> [...]".  Nothing is appended when the body has no text. */
void quote_put(const char *attribution, struct slice body, struct text *out);

/* Does a quotation as it came back hold words of its own: a line that is neither empty, nor quoted,
 * nor the first? */
bool quote_has_words(struct slice quote);

#endif
