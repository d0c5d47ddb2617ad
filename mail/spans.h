/*
 * What stretches of a text are besides words, as its HTML told: bold, headings, and what
 * stands before the words of a list.  They follow each other, none reaches over the end of a line.
 * Who shows words alone may pass over all of them.  Pure.
 */
#ifndef MAIL_SPANS_H
#define MAIL_SPANS_H

#include "base/status.h"
#include "mail/pack.h"

#define SPAN_SIZE ((size_t)10) /* packed */
#define SPAN_LEVEL_MAX 32

enum span_kind {
	SPAN_NONE, /* in no text */
	SPAN_BOLD,
	SPAN_HEADING, /* `level` 1 to 6 */
	/* At the front of a line within lists, `level` of them: the indent, and the bullet or
	 * number where an item begins there. */
	SPAN_LEAD,
	SPAN_BAR /* "|" between two cells of a row */
};

struct span {
	enum span_kind kind;
	unsigned level;
	size_t begin; /* of the text's bytes */
	size_t end;
};

/* Append one; nothing where there is no room for all of it.  The bound of `packed` is a multiple of
 * SPAN_SIZE. */
void span_pack(struct text *packed, const struct span *span);

/* Take over spans that somebody else packed for that text.  False: they make no sense. */
bool spans_read(struct slice packed, struct slice text, struct arena *arena,
		const struct span **spans_out, size_t *count_out) MUST_CHECK;

#endif
