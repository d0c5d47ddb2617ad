/*
 * Byte ranges and entity tags (RFC 9110 sections 8.8.3, 13.1 and 14).
 */
#ifndef PORTAL_RANGE_H
#define PORTAL_RANGE_H

#include <stdint.h>

#include "base/slice.h"

enum range_result {
	RANGE_WHOLE,	     /* no range, one that is not understood, or several: send all */
	RANGE_PART,	     /* send [*from_out, *to_out) */
	RANGE_UNSATISFIABLE, /* 416 */
};

/* The range that a Range field asks of `size` bytes; outputs are set for RANGE_PART only. */
enum range_result
range_parse(struct slice header, uint64_t size, uint64_t *from_out, uint64_t *to_out);

/* Does a list of entity tags (If-None-Match), or "*", hold `tag` ("\"...\"")?  Compared weakly. */
bool range_tag_listed(struct slice header, const char *tag);

/* Does If-Range name exactly this strong tag?  Dates never do: they prove nothing here. */
bool range_tag_same(struct slice header, const char *tag);

#endif
