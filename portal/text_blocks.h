/*
 * Text from outside on a page.  Text browsers cut preformatted lines that are wider than the
 * screen, so that a long line goes out as a paragraph of its own; all others stay together as they
 * were written.
 */
#ifndef PORTAL_TEXT_BLOCKS_H
#define PORTAL_TEXT_BLOCKS_H

#include "base/template.h"

/* The list `blocks` of `text` and the flag `long`; the text is UTF-8 with LF line ends. */
void text_blocks_put(struct template_values *values, struct slice text);

#endif
