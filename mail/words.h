/*
 * Encoded words (RFC 2047) both ways.  The reader is as lenient as mail
 * programs are, so that a mark cannot hide in what only others decode, and
 * tells for each byte of the decoded text where in the field it came from.
 */
#ifndef MAIL_WORDS_H
#define MAIL_WORDS_H

#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"

struct words {
	struct slice text;	      /* clean UTF-8 on one line, NUL-terminated */
	const uint32_t *from;	      /* per byte of text: its place in the value */
	const unsigned char *encoded; /* per byte of text: 1 when from an encoded word */
};

/* Unfold and decode a field's value.  Encoded words are seen wherever they stand, blanks
 * in them and split characters included; bytes that are no UTF-8 are read as windows-1252. */
void words_decode(struct slice value, struct arena *arena, struct words *words_out);

/* The clean text alone, trimmed, at most `limit` bytes, cut at a character. */
const char *words_text(struct slice value, size_t limit, struct arena *arena);

/* Append clean UTF-8 as a field's value, folded with CRLF and a blank: as it is where it
 * is ASCII and short, else as encoded words.  `column` is where the value starts on its line. */
void words_encode(struct slice text, size_t column, struct text *out);

#endif
