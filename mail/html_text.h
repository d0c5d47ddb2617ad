/*
 * HTML as plain text that reads well in a text browser and aloud: paragraphs,
 * lists, quotes, tables row by row, links with their address.
 */
#ifndef MAIL_HTML_TEXT_H
#define MAIL_HTML_TEXT_H

#include "base/status.h"
#include "base/text.h"

/* Append the text, LF line ends, clean.  STATUS_TOO_LARGE beyond html_tree.h's bounds; what does
 * not fit into `out` shows in text_ok. */
enum status html_to_text(struct slice html, struct text *out) MUST_CHECK;

#endif
