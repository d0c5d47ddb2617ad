/*
 * From the charset that a letter claims to UTF-8, in pieces.  Never fails:
 * unknown labels are read as UTF-8 and broken bytes become U+FFFD.  ICU does
 * the tables; its data are in the library, so no file is opened at run time.
 */
#ifndef MAIL_CHARSET_H
#define MAIL_CHARSET_H

#include "base/arena.h"
#include "base/text.h"

struct charset;

/* A converter for the charset named `label` ("" and unknown ones: UTF-8), closed with the arena. */
struct charset *charset_open(const char *label, struct arena *arena);

/* Convert the next bytes and append UTF-8; `last` flushes what is incomplete. */
void charset_convert(struct charset *charset, struct slice bytes, bool last, struct text *out);

/* One byte of windows-1252 as a code point: what unlabelled 8-bit text most often is. */
unsigned charset_guess_byte(unsigned char byte);

#endif
