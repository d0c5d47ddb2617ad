/*
 * What ingest looks at in a message: how long its header block is and how often
 * it has travelled (Received fields, RFC 5321 section 6.3).  Nothing is parsed
 * beyond the beginnings of lines, nothing is kept, and the body is not looked at.
 */
#ifndef INGEST_TRACE_H
#define INGEST_TRACE_H

#include <stdbool.h>

#include "base/slice.h"

struct trace {
	bool ended; /* the blank line has been seen */
	size_t header_size;
	size_t hops;
	size_t column;	/* bytes of the current line so far */
	size_t matched; /* bytes at the line's beginning that agree with "Received:" */
	bool blank;	/* nothing but a CR has come in the line */
};

void trace_init(struct trace *trace);

/* The next piece of a message.  Lines end in CRLF, in binary messages in LF too. */
void trace_add(struct trace *trace, struct slice piece);

#endif
