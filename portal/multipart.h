/*
 * A reader of multipart/form-data (RFC 7578) that is fed piece by piece and
 * hands the parts on as they come.  It holds the header block of one part and nothing
 * of the parts' content.  It is stricter than MIME because only browsers speak
 * to it: the body begins with the boundary, lines end in CR LF, a part has a
 * name, and nothing is guessed.
 *
 * Why not the HTTP library's own: that one tells the begin of a part only by
 * offset 0, which it may report twice for one part, passes file names and odd
 * headers on raw, and cannot be fed without a connection, so not be fuzzed.
 */
#ifndef PORTAL_MULTIPART_H
#define PORTAL_MULTIPART_H

#include "base/arena.h"
#include "base/status.h"

#define MULTIPART_BOUNDARY_MAX ((size_t)200)
#define MULTIPART_HEADER_MAX ((size_t)8192)
#define MULTIPART_PARTS_MAX ((size_t)1000)

/* What is told of a part; valid until the next call. */
struct multipart_part {
	struct slice name;
	bool is_file;	   /* it has a filename parameter, be it empty */
	struct slice file; /* as the browser wrote it, %22 decoded; may be a path, or any bytes */
	struct slice type; /* "" when missing or no type/subtype */
};

/* Called in this order: begin, data (any number), end.  What is not STATUS_OK ends the reading. */
struct multipart_actions {
	enum status (*begin)(void *context, const struct multipart_part *part);
	enum status (*data)(void *context, struct slice bytes);
	enum status (*end)(void *context);
};

struct multipart;

/* A reader for a body of this Content-Type, living in the arena.  STATUS_INVALID: not
 * multipart/form-data, or without one boundary. */
enum status
multipart_open(struct slice content_type, const struct multipart_actions *actions, void *context,
	       struct arena *arena, struct multipart **multipart_out) MUST_CHECK;

/* The next bytes.  After a failure the same failure again. */
enum status multipart_feed(struct multipart *multipart, struct slice bytes) MUST_CHECK;

/* The end: STATUS_INVALID unless the last boundary was seen. */
enum status multipart_finish(struct multipart *multipart) MUST_CHECK;

#endif
