/*
 * What stands in the text of a letter besides words: marks of quotation at the front of its lines,
 * and addresses that a reader may follow.  Pure.
 */
#ifndef MAIL_QUOTED_H
#define MAIL_QUOTED_H

#include "base/slice.h"

/* Deeper quotes keep their marks. */
#define QUOTED_DEPTH_MAX 8

/* A line without the marks of quotes at its front, with or without blanks between; *depth_out of
 * them, at most QUOTED_DEPTH_MAX. */
struct slice quoted_line(struct slice line, size_t *depth_out);

/* Where the next address stands in text that a reader may follow: http, https and mailto, whole and
 * without what ends a sentence.  False when there is none at or behind `from`. */
bool quoted_find_link(struct slice text, size_t from, size_t *begin_out, size_t *end_out);

#endif
