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

enum status
relay_send_lines(struct relay *relay, struct relay_sending *sending)
{
	const struct source *source = sending->letter->source;
	unsigned char piece[PIECE];
	bool line_start = true;
	enum status status = STATUS_OK;
	struct text out;

	text_init(&out, PIECE * 2 + 8);
	for (uint64_t at = 0; at < source->size && status == STATUS_OK;) {
		size_t size = source->size - at < PIECE ? (size_t)(source->size - at) : PIECE;

		status = source_read_exactly(source, at, piece, size);
		if (status != STATUS_OK)
			break;
		text_reset(&out);
		stuff(slice_of(piece, size), &line_start, &out);
		at += size;
		/* The end goes along with the last piece. */
		if (at == source->size) {
			text_append_text(&out, line_start ? ".\r\n" : "\r\n.\r\n");
			sending->handed_over = true;
		}
		status = relay_write(relay, text_slice(&out));
	}
	text_clear(&out);
	if (source->size == 0)
		status = relay_write(relay, SLICE(".\r\n"));
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
