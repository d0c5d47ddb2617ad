/*
 * XFORWARD (an extension of Postfix): a mail server in front tells whose message it is, for the
 * log.  Believed only where the client's rule says so; checked, bounded, and used for nothing
 * else.
 */
#ifndef INGEST_FORWARD_H
#define INGEST_FORWARD_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/slice.h"
#include "base/text.h"

#define FORWARD_ATTRIBUTES "NAME ADDR PORT PROTO HELO IDENT SOURCE"
#define FORWARD_COUNT 7
#define FORWARD_VALUE_MAX ((size_t)255)

/* One value for each attribute, in their order; NULL when it was not said or is not known. */
struct forward {
	char *values[FORWARD_COUNT];
};

/* Take "NAME=value ADDR=value ..." in, over what was there.  False, with nothing changed, when
 * a part of it is wrong. */
bool forward_read(struct forward *forward, struct slice argument);

/* "name=... addr=..." as far as it is known, for a line of the log. */
const char *forward_text(const struct forward *forward, struct arena *arena);

/* Forget all; safe on a zeroed one. */
void forward_clear(struct forward *forward);

#endif
