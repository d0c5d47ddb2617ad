/*
 * Addresses of our own with a query.
 */
#ifndef PORTAL_QUERY_H
#define PORTAL_QUERY_H

#include "base/arena.h"

/* `path` with "?name=value&..." for each pair that has a value; pairs end with a NULL name.  Values
 * are percent-encoded (WHATWG URL section 5.2).  In the arena. */
const char *query_url(struct arena *arena, const char *path, ...) __attribute__((sentinel));

#endif
