/*
 * Bytes that are not all in memory.  A source is read at any position and
 * knows its size; a sink takes bytes in order.  Both are values filled in by
 * their makers (a decrypting reader, a file, a socket, a test), so that mail/
 * can read a sealed message without knowing of keys or rows.
 */
#ifndef BASE_STREAM_H
#define BASE_STREAM_H

#include <stdint.h>

#include "base/slice.h"
#include "base/status.h"

struct source {
	void *context;
	uint64_t size;
	/* Read up to `room` bytes at `offset`; *size_out is 0 only at or past the
	 * end.  May give fewer than asked. */
	enum status (*read_at)(void *context, uint64_t offset, unsigned char *bytes, size_t room,
			       size_t *size_out);
};

struct sink {
	void *context;
	/* Take all of `bytes`, or fail. */
	enum status (*write)(void *context, struct slice bytes);
};

/* Fill `bytes` from `offset`; STATUS_INVALID when the source ends before `size`. */
enum status source_read_exactly(const struct source *source, uint64_t offset, unsigned char *bytes,
				size_t size) MUST_CHECK;

/* Copy [from, to) of the source into the sink, in pieces of at most 64 KiB. */
enum status source_copy(const struct source *source, uint64_t from, uint64_t to,
			const struct sink *sink) MUST_CHECK;

enum status sink_write(const struct sink *sink, struct slice bytes) MUST_CHECK;

/* A source over memory that stays valid, and unchanged, as long as the source is used. */
struct source source_from_slice(const struct slice *bytes);

#endif
