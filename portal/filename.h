/*
 * Names and types of files on their way to and from browsers.  A name that a
 * sender wrote reaches a header only in encoded form (RFC 6266, RFC 8187), a
 * type only when it stands in a table of ours.
 */
#ifndef PORTAL_FILENAME_H
#define PORTAL_FILENAME_H

#include "base/arena.h"
#include "base/slice.h"

#define FILENAME_MAX_BYTES ((size_t)255)

/* The name, or for an empty one a name by the type: "picture.png", "message.eml", "file". */
const char *filename_or_default(const char *name, const char *type);

/* Percent-encoded for the last segment of a path; never "", "." or "..". */
const char *filename_path_segment(const char *name, struct arena *arena);

/* attachment; filename="..."; filename*=UTF-8''... */
const char *filename_disposition(const char *name, struct arena *arena);

/* The Content-Type a file is given out with: from the table, or application/octet-stream. */
const char *filename_content_type(const char *type);

/* One safe base name of what a browser sent: no path, no controls or bidi overrides, valid UTF-8
 * (bad bytes become U+FFFD), at most FILENAME_MAX_BYTES with its ending kept; "file" when nothing
 * is left. */
const char *filename_clean(struct slice sent, struct arena *arena);

#endif
