/*
 * xtext (RFC 3461 section 4): printable ASCII with "+HH" for what else there may be.  What
 * it stands for is checked, so that nobody who decodes it later meets a control character.
 */
#ifndef INGEST_XTEXT_H
#define INGEST_XTEXT_H

#include <stdbool.h>

#include "base/slice.h"
#include "base/text.h"

/* Decode and append to `text_out`, which may be NULL.  False, with a part appended, when it
 * is not xtext or stands for anything but printable ASCII, blanks and bytes of 0x80 and up. */
bool xtext_decode(struct slice xtext, struct text *text_out);

/* The same without bytes of 0x80 and up. */
bool xtext_is_ascii(struct slice xtext);

#endif
