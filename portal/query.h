/*
 * Addresses of our own with a query.
 */
#ifndef PORTAL_QUERY_H
#define PORTAL_QUERY_H

#include "base/arena.h"

struct query_pair {
	const char *name;
	const char *value; /* empty: left out */
};

/* `path` with "?name=value&..." of the pairs, values percent-encoded (WHATWG URL section 5.2).  In
 * the arena; the path alone when it would be too long. */
const char *
query_url(struct arena *arena, const char *path, const struct query_pair *pairs, size_t count);

#endif
