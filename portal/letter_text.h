/*
 * The text of a letter as a page shows it: quotes within quotes, links that can
 * be followed, a signature that stands back.  Knows text and template values only;
 * pages/letter_text.html turns them into HTML.
 *
 * The values are one flat list, in the order of the page.  Each item has one of
 * the flags quote_begin, quote_end, signature_begin, signature_end, lines_begin,
 * lines_end, line_begin, line_end, or `mark` (of a quoted line), or `run` (text), with
 * `url` where it is a link.
 */
#ifndef PORTAL_LETTER_TEXT_H
#define PORTAL_LETTER_TEXT_H

#include "base/template.h"

/* Append clean UTF-8 with LF line ends. */
void letter_text_put(struct template_list *list, struct slice text);

#endif
