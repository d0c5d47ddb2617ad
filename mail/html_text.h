/*
 * HTML as plain text that reads well in a text browser and aloud: paragraphs,
 * lists, quotes, tables row by row, links with their address; empty cells,
 * what is struck out (between ~~) and what is raised keep what they mean.
 */
#ifndef MAIL_HTML_TEXT_H
#define MAIL_HTML_TEXT_H

#include "base/status.h"
#include "base/text.h"

/* Append the text, LF line ends, clean; to `spans`, where that is not NULL, what stretches of it
 * are (mail/spans.h), as many as there is room for.  STATUS_TOO_LARGE beyond html_tree.h's bounds;
 * what does not fit into `out`, which is empty before, shows in text_ok. */
enum status html_to_text(struct slice html, struct text *out, struct text *spans) MUST_CHECK;

#endif
