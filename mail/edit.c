#include "mail/edit.h"

#include <string.h>

/* The edited message is a row of pieces, by turns stored bytes and replacements. */
struct piece {
	uint64_t start; /* in the edited message */
	uint64_t size;
	uint64_t offset; /* in the stored bytes, where `bytes` is NULL */
	const unsigned char *bytes;
};

struct edited {
	const struct source *stored;
	struct piece *pieces;
	size_t count;
};

static uint64_t
edited_size(const struct edited *edited)
{
	const struct piece *last;

	if (edited->count == 0)
		return 0;
	last = &edited->pieces[edited->count - 1];
	return last->start + last->size;
}

static void
add_piece(struct edited *edited, struct piece piece)
{
	if (piece.size == 0)
		return;
	piece.start = edited_size(edited);
	edited->pieces[edited->count++] = piece;
}

/* The piece that holds `offset`, which lies inside the edited message. */
static const struct piece *
find_piece(const struct edited *edited, uint64_t offset)
{
	size_t low = 0, high = edited->count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (edited->pieces[middle].start <= offset)
			low = middle;
		else
			high = middle;
	}
	return &edited->pieces[low];
}

static enum status
read_edited(void *context, uint64_t offset, unsigned char *bytes, size_t room, size_t *size_out)
{
	const struct edited *edited = context;
	const struct piece *piece;
	uint64_t inside;

	if (offset >= edited_size(edited) || room == 0) {
		*size_out = 0;
		return STATUS_OK;
	}
	piece = find_piece(edited, offset);
	inside = offset - piece->start;
	if (room > piece->size - inside)
		room = (size_t)(piece->size - inside);
	if (piece->bytes == NULL) {
		enum status status = edited->stored->read_at(
		    edited->stored->context, piece->offset + inside, bytes, room, size_out);

		/* The stored message is shorter than it said. */
		return status == STATUS_OK && *size_out == 0 ? STATUS_DAMAGED : status;
	}
	memcpy(bytes, piece->bytes + inside, room);
	*size_out = room;
	return STATUS_OK;
}

enum status
edit_source(const struct source *stored, const struct edits *edits, struct arena *arena,
	    struct source *source_out)
{
	struct edited *edited = arena_alloc(arena, sizeof(*edited));
	uint64_t offset = 0;

	edited->stored = stored;
	edited->pieces = arena_alloc_many(arena, edits->count * 2 + 1, sizeof(*edited->pieces));
	for (size_t i = 0; i < edits->count; i++) {
		const struct edit *edit = &edits->list[i];

		if (edit->offset < offset || edit->offset > stored->size ||
		    edit->size > stored->size - edit->offset)
			return STATUS_INVALID;
		add_piece(edited, (struct piece){.size = edit->offset - offset, .offset = offset});
		add_piece(edited, (struct piece){.size = edit->replacement.size,
						 .bytes = edit->replacement.data});
		offset = edit->offset + edit->size;
	}
	add_piece(edited, (struct piece){.size = stored->size - offset, .offset = offset});
	*source_out = (struct source){edited, edited_size(edited), read_edited};
	return STATUS_OK;
}
