#include "base/stream.h"

#include <sodium.h>
#include <string.h>

#define PIECE ((size_t)65536)

enum status
source_read_exactly(const struct source *source, uint64_t offset, unsigned char *bytes, size_t size)
{
	while (size > 0) {
		size_t got;
		enum status status = source->read_at(source->context, offset, bytes, size, &got);

		if (status != STATUS_OK)
			return status;
		if (got == 0)
			return STATUS_INVALID;
		offset += got;
		bytes += got;
		size -= got;
	}
	return STATUS_OK;
}

enum status
source_copy(const struct source *source, uint64_t from, uint64_t to, const struct sink *sink)
{
	enum status status = STATUS_OK;
	unsigned char piece[PIECE];
	size_t dirty = 0;

	while (from < to && status == STATUS_OK) {
		size_t want = to - from < PIECE ? (size_t)(to - from) : PIECE;
		size_t got = 0;

		dirty = want > dirty ? want : dirty;
		status = source->read_at(source->context, from, piece, want, &got);
		if (status == STATUS_OK && got == 0)
			status = STATUS_INVALID;
		if (status == STATUS_OK)
			status = sink_write(sink, slice_of(piece, got));
		from += got;
	}
	/* It may have been somebody's mail. */
	sodium_memzero(piece, dirty);
	return status;
}

enum status
sink_write(const struct sink *sink, struct slice bytes)
{
	return sink->write(sink->context, bytes);
}

static enum status
read_slice(void *context, uint64_t offset, unsigned char *bytes, size_t room, size_t *size_out)
{
	const struct slice *slice = context;
	size_t left;

	if (offset >= slice->size) {
		*size_out = 0;
		return STATUS_OK;
	}
	left = slice->size - (size_t)offset;
	if (room > left)
		room = left;
	memcpy(bytes, slice->data + offset, room);
	*size_out = room;
	return STATUS_OK;
}

struct source
source_from_slice(const struct slice *bytes)
{
	/* The reader never writes through the context. */
	return (struct source){(void *)bytes, bytes->size, read_slice};
}
