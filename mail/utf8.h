/*
 * UTF-8 from outside, made harmless: no controls, no bidi overrides, no broken
 * sequences.  Knows code points only; charsets are converted in mail/charset.h.
 */
#ifndef MAIL_UTF8_H
#define MAIL_UTF8_H

#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"

#define UTF8_BROKEN 0xfffdU

/* The code point at *position, which moves behind it; UTF8_BROKEN for a broken sequence. */
uint32_t utf8_next(struct slice bytes, size_t *position);

/* Append one code point; surrogates and what lies beyond Unicode become U+FFFD. */
void utf8_append(struct text *text, uint32_t code);

bool utf8_is_valid(struct slice bytes);

/* Controls (C0 without tab and LF, DEL, C1), bidi embeddings, overrides and isolates, byte order
 * marks, noncharacters: what text for people and for headers must not hold. */
bool utf8_is_unwanted(uint32_t code);

/* What a code point becomes on one line: blanks for tabs and line ends, 0 for what is dropped. */
uint32_t utf8_on_one_line(uint32_t code);

/* Length of the longest beginning of at most `limit` bytes that does not cut a character. */
size_t utf8_cut(struct slice bytes, size_t limit);

/* Copy as clean text on one line, at most `limit` bytes, without blanks at its ends. */
const char *utf8_clean_line(struct slice bytes, size_t limit, struct arena *arena);

#endif
