/*
 * The text of a message as it stands behind DATA (RFC 5321 sections 4.1.1.4 and
 * 4.5.2): ends at CRLF.CRLF and nowhere else, loses the first dot of a line,
 * and may hold CR and LF only as CRLF.  A streaming scanner: input comes in
 * pieces of any size, content goes out as slices of that same input.
 *
 * Two programs that disagree about line ends are how mail is smuggled, so a bare
 * CR or LF spoils the message: scanning goes on to the real end, content does
 * not.  NUL and 8-bit bytes are content like any other.
 */
#ifndef INGEST_DOT_H
#define INGEST_DOT_H

#include <stdbool.h>

#include "base/slice.h"

#define DOT_LINE_MAX                                                                               \
	((size_t)65536) /* bytes of a line, CRLF included, before dots are taken off               \
			 */

enum dot_fault { DOT_CLEAN, DOT_BARE, DOT_LINE_TOO_LONG };

enum dot_place {
	DOT_AT_LINE_START,
	DOT_BEHIND_DOT,	   /* the line began with a dot, which is gone */
	DOT_BEHIND_DOT_CR, /* dot and CR: the CR is kept back */
	DOT_IN_LINE,
	DOT_BEHIND_CR, /* the CR went out already */
	DOT_ENDED,
};

struct dot {
	enum dot_place place;
	enum dot_fault fault; /* the first one; from then on there is no content */
	size_t line_size;     /* bytes seen of the current line */
	size_t line_most;     /* DOT_LINE_MAX, until somebody says otherwise before the text */
};

void dot_init(struct dot *dot);

/* Take some bytes off the front of *input and give the content in them, which may be none.
 * Call until *input is empty or dot_ended; what is left behind the end is not touched. */
struct slice dot_next(struct dot *dot, struct slice *input);

bool dot_ended(const struct dot *dot);

#endif
