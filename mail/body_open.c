/* body_open: the decoded bytes of a part at any offset, in constant memory. */
#include <string.h>

#include "mail/body.h"
#include "mail/decode.h"
#include "mail/rtf_pack.h"

/* Longer lines are no grid that a seek could gain from. */
#define GRID_LINE_MAX ((size_t)4096)

/* A base64 part whose lines are all equally long: decoded offsets are arithmetic.  Only lines whose
 * faults cancel out in size can mislead it, and only until the reading meets one of them. */
struct grid {
	bool known; /* looked for */
	bool regular;
	size_t digits; /* per line */
	size_t line;   /* digits and line end */
};

struct body_reader {
	struct source *message; /* in which the part has its range */
	struct part part;
	struct decoder decoder;
	struct grid grid;
	bool checking; /* the position came from the grid: every line read must fit it */
	uint64_t in;   /* encoded bytes consumed */
	uint64_t out;  /* decoded offset of held[0] */
	size_t held_size;
	unsigned char encoded[DECODE_PIECE];
	unsigned char held[DECODE_ROOM];
};

static void
restart(struct body_reader *reader)
{
	decoder_init(&reader->decoder, reader->part.encoding);
	reader->in = reader->out = 0;
	reader->held_size = 0;
	reader->checking = false;
}

/* Fill reader->encoded from encoded position `at`; *size_out is 0 at the end only. */
static enum status
read_encoded(struct body_reader *reader, uint64_t at, size_t want, size_t *size_out)
{
	const struct source *message = reader->message;
	uint64_t left = reader->part.size - at;
	size_t have = 0;

	if (want > left)
		want = (size_t)left;
	while (have < want) {
		size_t got;
		enum status status =
		    message->read_at(message->context, reader->part.offset + at + have,
				     reader->encoded + have, want - have, &got);

		if (status != STATUS_OK)
			return status;
		if (got == 0)
			return STATUS_DAMAGED;
		have += got;
	}
	*size_out = have;
	return STATUS_OK;
}

/* Digits of base64 in the bytes, padding not counted. */
static size_t
count_digits(struct slice bytes)
{
	size_t count = 0;

	for (size_t i = 0; i < bytes.size; i++) {
		unsigned char byte = slice_lower(bytes.data[i]);

		if ((byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '+' ||
		    byte == '/')
			count++;
	}
	return count;
}

/* Whether lines of this length would decode to the size that was found when all of the part was
 * read: one byte that does not belong, one short line, and they do not. */
static enum status
check_grid_size(struct body_reader *reader)
{
	struct grid *grid = &reader->grid;
	uint64_t lines = reader->part.size / grid->line;
	size_t tail = (size_t)(reader->part.size % grid->line) + grid->line, size;
	enum status status;

	if (lines == 0)
		return STATUS_OK;
	status = read_encoded(reader, reader->part.size - tail, tail, &size);
	if (status != STATUS_OK)
		return status;
	grid->regular = (lines - 1) * (grid->digits / 4 * 3) +
			    count_digits(slice_of(reader->encoded, size)) * 3 / 4 ==
			reader->part.decoded_size;
	return STATUS_OK;
}

/* Length of the lines, judged by the first. */
static enum status
find_grid(struct body_reader *reader)
{
	struct grid *grid = &reader->grid;
	struct slice bytes;
	size_t size, end;
	enum status status = read_encoded(reader, 0, GRID_LINE_MAX, &size);

	if (status != STATUS_OK)
		return status;
	grid->known = true;
	bytes = slice_of(reader->encoded, size);
	end = slice_find_byte(bytes, '\n', 0);
	if (end == SLICE_NONE || end < 2)
		return STATUS_OK;
	grid->line = end + 1;
	grid->digits = reader->encoded[end - 1] == '\r' ? end - 1 : end;
	return grid->digits > 0 && grid->digits % 4 == 0 ? check_grid_size(reader) : STATUS_OK;
}

/* Whether the bytes, which begin at the start of a line, are lines of the grid.  The last line of
 * the part may be shorter and needs no line end. */
static bool
fits_grid(const struct body_reader *reader, struct slice bytes, bool last)
{
	const struct grid *grid = &reader->grid;
	size_t at = 0;

	while (bytes.size - at >= grid->line) {
		size_t end = slice_find_byte(bytes, '\n', at);

		if (end != at + grid->line - 1 ||
		    (grid->line - grid->digits == 2 && bytes.data[end - 1] != '\r'))
			return false;
		at += grid->line;
	}
	return last || at == bytes.size;
}

/* Go to the line that holds `offset`.  False when the grid does not hold there. */
static enum status
seek_grid(struct body_reader *reader, uint64_t offset, bool *done_out)
{
	uint64_t decoded_line, line, in;
	enum status status;
	size_t size;

	*done_out = false;
	if (!reader->grid.known) {
		status = find_grid(reader);
		if (status != STATUS_OK)
			return status;
	}
	if (!reader->grid.regular)
		return STATUS_OK;
	decoded_line = reader->grid.digits / 4 * 3;
	line = offset / decoded_line;
	in = line * reader->grid.line;
	if (line == 0 || in >= reader->part.size)
		return STATUS_OK;
	/* The line before must be one of the grid. */
	status = read_encoded(reader, in - reader->grid.line, reader->grid.line, &size);
	if (status != STATUS_OK)
		return status;
	if (!fits_grid(reader, slice_of(reader->encoded, size), false))
		return STATUS_OK;
	restart(reader);
	reader->in = in;
	reader->out = line * decoded_line;
	reader->checking = true;
	*done_out = true;
	return STATUS_OK;
}

/* Decode the next piece into `held`.  *broken_out: the grid on which this position rests does
 * not hold. */
static enum status
decode_next(struct body_reader *reader, bool *broken_out)
{
	size_t want = sizeof(reader->encoded), size;
	enum status status;
	bool last;

	*broken_out = false;
	if (reader->checking)
		want -= want % reader->grid.line;
	status = read_encoded(reader, reader->in, want, &size);
	if (status != STATUS_OK)
		return status;
	reader->out += reader->held_size;
	reader->held_size = 0;
	if (size == 0)
		return STATUS_DAMAGED; /* shorter than its decoded size says */
	last = reader->in + size == reader->part.size;
	reader->in += size;
	reader->held_size =
	    decoder_step(&reader->decoder, slice_of(reader->encoded, size), reader->held);
	if (last)
		reader->held_size +=
		    decoder_finish(&reader->decoder, reader->held + reader->held_size);
	if (reader->checking) {
		size_t wanted = size / reader->grid.line * (reader->grid.digits / 4 * 3);

		/* Where lines fit and every digit counted, the offsets are right. */
		if (!fits_grid(reader, slice_of(reader->encoded, size), last) ||
		    (!last && reader->held_size != wanted) ||
		    (last && reader->out + reader->held_size != reader->part.decoded_size))
			*broken_out = true;
	}
	return STATUS_OK;
}

static enum status
read_identity(struct body_reader *reader, uint64_t offset, unsigned char *bytes, size_t room,
	      size_t *size_out)
{
	uint64_t left = reader->part.size - offset;

	return reader->message->read_at(reader->message->context, reader->part.offset + offset,
					bytes, room < left ? room : (size_t)left, size_out);
}

/* Bring `offset` into reader->held. */
static enum status
hold(struct body_reader *reader, uint64_t offset)
{
	bool far = offset < reader->out || offset - reader->out > 4 * DECODE_PIECE;
	enum status status;

	if (reader->part.encoding == PART_BASE64 && far) {
		bool done;

		status = seek_grid(reader, offset, &done);
		if (status != STATUS_OK)
			return status;
		if (!done && offset < reader->out)
			restart(reader);
	} else if (offset < reader->out) {
		restart(reader);
	}
	while (offset >= reader->out + reader->held_size) {
		bool broken;

		status = decode_next(reader, &broken);
		if (status != STATUS_OK)
			return status;
		if (broken) {
			reader->grid.regular = false;
			restart(reader);
		}
	}
	return STATUS_OK;
}

static enum status
read_body(void *context, uint64_t offset, unsigned char *bytes, size_t room, size_t *size_out)
{
	struct body_reader *reader = context;
	enum status status;
	size_t inside;

	if (offset >= reader->part.decoded_size || room == 0) {
		*size_out = 0;
		return STATUS_OK;
	}
	if (reader->part.encoding == PART_IDENTITY)
		return read_identity(reader, offset, bytes, room, size_out);
	status = hold(reader, offset);
	if (status != STATUS_OK)
		return status;
	inside = (size_t)(offset - reader->out);
	if (room > reader->held_size - inside)
		room = reader->held_size - inside;
	if (room > reader->part.decoded_size - offset)
		room = (size_t)(reader->part.decoded_size - offset);
	memcpy(bytes, reader->held + inside, room);
	*size_out = room;
	return STATUS_OK;
}

static enum status
append_bytes(void *context, struct slice bytes)
{
	text_append(context, bytes);
	return STATUS_OK;
}

/* Packed RTF is small, and is unpacked as a whole. */
static enum status
open_rtf(const struct source *holder, const struct part *part, struct arena *arena,
	 struct source *decoded_out)
{
	struct text *text = arena_alloc(arena, sizeof(*text));
	struct sink sink = {text, append_bytes};
	struct slice *bytes = arena_alloc(arena, sizeof(*bytes));
	enum status status;

	text_init_in(text, arena, (size_t)RTF_SIZE_MAX);
	status = decode_part(holder, part, &sink);
	if (status != STATUS_OK || !text_ok(text) || text->size != part->decoded_size)
		return status == STATUS_OK ? STATUS_DAMAGED : status;
	*bytes = text_slice(text);
	*decoded_out = source_from_slice(bytes);
	return STATUS_OK;
}

enum status
body_open_in(const struct source *holder, const struct part *part, struct arena *arena,
	     struct source *decoded_out)
{
	struct body_reader *reader;

	if (part->offset > holder->size || part->size > holder->size - part->offset ||
	    (part->encoding == PART_IDENTITY && part->decoded_size != part->size))
		return STATUS_DAMAGED;
	if (part->encoding == PART_RTF)
		return open_rtf(holder, part, arena, decoded_out);
	reader = arena_alloc(arena, sizeof(*reader));
	reader->message = arena_alloc(arena, sizeof(*reader->message));
	*reader->message = *holder;
	reader->part = *part;
	restart(reader);
	*decoded_out = (struct source){reader, part->decoded_size, read_body};
	return STATUS_OK;
}

enum status
body_holder(const struct source *message, const struct part *part, struct arena *arena,
	    struct source *holder_out)
{
	if (part->inside == NULL) {
		*holder_out = *message;
		return STATUS_OK;
	}
	return body_open(message, part->inside, arena, holder_out);
}

/* Recursion is bounded by MANIFEST_LAYERS_MAX. */
enum status
body_open(const struct source *message, const struct part *part, struct arena *arena,
	  struct source *decoded_out)
{
	struct source holder;
	enum status status = body_holder(message, part, arena, &holder);

	return status == STATUS_OK ? body_open_in(&holder, part, arena, decoded_out) : status;
}
