/*
 * Names of files on their way to and from browsers.  A name that a sender wrote
 * reaches a header only in encoded form (RFC 6266, RFC 8187).
 */
#ifndef PORTAL_FILENAME_H
#define PORTAL_FILENAME_H

#include "base/arena.h"
#include "base/slice.h"

#define FILENAME_MAX_BYTES ((size_t)255)

/* Percent-encoded for the last segment of a path; never "", "." or "..". */
const char *filename_path_segment(const char *name, struct arena *arena);

/* attachment; filename="..."; filename*=UTF-8''... */
const char *filename_disposition(const char *name, struct arena *arena);

/* One safe base name of what a browser sent: no path, no controls or bidi overrides, valid UTF-8
 * (bad bytes become U+FFFD), at most FILENAME_MAX_BYTES with its ending kept; "file" when nothing
 * is left. */
const char *filename_clean(struct slice sent, struct arena *arena);

#endif
