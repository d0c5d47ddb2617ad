#include "mail/relay_part.h"

#define PIECE ((size_t)32768)

/* Dots at the beginning of a line are doubled (RFC 5321 section 4.5.2). */
static void
stuff(struct slice piece, bool *line_start, struct text *out)
{
	for (size_t i = 0; i < piece.size;) {
		size_t end = slice_find_byte(piece, '\n', i);

		end = end == SLICE_NONE ? piece.size : end + 1;
		if (*line_start && piece.data[i] == '.')
			text_append_byte(out, '.');
		text_append(out, slice_part(piece, i, end));
		*line_start = piece.data[end - 1] == '\n';
		i = end;
	}
}

/* Lines on their way to the server. */
struct lines {
	struct relay *relay;
	bool start; /* at the beginning of a line */
	struct text out;
};

static enum status
send_piece(void *context, struct slice bytes)
{
	struct lines *lines = context;
	enum status status = STATUS_OK;

	for (size_t at = 0; at < bytes.size && status == STATUS_OK; at += PIECE) {
		text_reset(&lines->out);
		stuff(slice_part(bytes, at, at + PIECE), &lines->start, &lines->out);
		status = relay_write(lines->relay, text_slice(&lines->out));
	}
	return status;
}

/* What is made now, and the end behind it. */
static enum status
send_making(struct lines *lines, struct relay_sending *sending)
{
	const struct relay_making *making = sending->letter->making;
	const struct sink sink = {lines, send_piece};
	enum status status = making->make(making->context, &sink);

	if (status != STATUS_OK)
		return status;
	sending->handed_over = true;
	return relay_write(lines->relay, lines->start ? SLICE(".\r\n") : SLICE("\r\n.\r\n"));
}

static enum status
send_source(struct lines *lines, struct relay_sending *sending)
{
	const struct source *source = sending->letter->source;
	unsigned char piece[PIECE];
	enum status status = STATUS_OK;

	for (uint64_t at = 0; at < source->size && status == STATUS_OK;) {
		size_t size = source->size - at < PIECE ? (size_t)(source->size - at) : PIECE;

		status = source_read_exactly(source, at, piece, size);
		if (status != STATUS_OK)
			break;
		text_reset(&lines->out);
		stuff(slice_of(piece, size), &lines->start, &lines->out);
		at += size;
		/* The end goes along with the last piece. */
		if (at == source->size && sending->letter->making == NULL) {
			text_append_text(&lines->out, lines->start ? ".\r\n" : "\r\n.\r\n");
			sending->handed_over = true;
		}
		status = relay_write(lines->relay, text_slice(&lines->out));
	}
	return status;
}

enum status
relay_send_lines(struct relay *relay, struct relay_sending *sending)
{
	struct lines lines = {.relay = relay, .start = true};
	enum status status;

	text_init(&lines.out, PIECE * 2 + 8);
	status = send_source(&lines, sending);
	if (status == STATUS_OK && sending->letter->making != NULL)
		status = send_making(&lines, sending);
	else if (status == STATUS_OK && sending->letter->source->size == 0)
		status = relay_write(relay, SLICE(".\r\n"));
	text_clear(&lines.out);
	return status;
}

enum status
relay_send_chunk(struct relay *relay, struct relay_sending *sending)
{
	const struct source *source = sending->letter->source;
	unsigned char piece[PIECE];
	enum status status;

	status =
	    relay_write(relay, slice_from_text(arena_printf(sending->arena, "BDAT %llu LAST\r\n",
							    (unsigned long long)source->size)));
	for (uint64_t at = 0; at < source->size && status == STATUS_OK;) {
		size_t size = source->size - at < PIECE ? (size_t)(source->size - at) : PIECE;

		status = source_read_exactly(source, at, piece, size);
		at += size;
		sending->handed_over = at == source->size;
		if (status == STATUS_OK)
			status = relay_write(relay, slice_of(piece, size));
	}
	return status;
}
