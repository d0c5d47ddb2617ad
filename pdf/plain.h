/*
 * A document as plain text, for whoever cannot see its pages: the same words in the
 * same order, UTF-8 with LF line ends.
 */
#ifndef PDF_PLAIN_H
#define PDF_PLAIN_H

#include "pdf/document.h"

/* STATUS_INVALID: that is no document; STATUS_TOO_LARGE: more than the text holds. */
enum status plain_write(struct document_reading *reading, struct text *out) MUST_CHECK;

#endif
