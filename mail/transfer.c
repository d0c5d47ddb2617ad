#include "mail/transfer.h"

#include <openssl/evp.h>
#include <string.h>

#include "mail/utf8.h"

#define FLOW_COLUMNS 72
#define FLOW_DEPTH_MAX ((size_t)30)
#define SEVEN_BIT_LINE ((size_t)900)
#define QUOTED_LINE 76
#define BATCH_LINES 64

void
transfer_clean_lines(struct slice text, struct text *out)
{
	size_t begin = out->size;

	for (size_t i = 0; i < text.size;) {
		uint32_t code = utf8_next(text, &i);

		if (code == '\r') {
			if (i < text.size && text.data[i] == '\n')
				i++;
			code = '\n';
		}
		if (code == '\t' || code == '\n' || (code >= ' ' && (code < 0x7f || code > 0x9f)))
			utf8_append(out, code);
	}
	if (out->size > begin && out->data[out->size - 1] != '\n')
		text_append_byte(out, '\n');
}

/* The next line of `lines` from *at, without its LF. */
static bool
next_line(struct slice lines, size_t *at, struct slice *line_out)
{
	size_t end;

	if (*at >= lines.size)
		return false;
	end = slice_find_byte(lines, '\n', *at);
	if (end == SLICE_NONE)
		end = lines.size;
	*line_out = slice_part(lines, *at, end);
	*at = end + 1;
	return true;
}

static bool
begins_with_from(struct slice line)
{
	return line.size >= 5 && memcmp(line.data, "From ", 5) == 0;
}

static bool
is_continuation(unsigned char byte)
{
	return byte >> 6 == 2;
}

/* Where the line that begins at `from` is broken: behind the last blank that leaves it within
 * FLOW_COLUMNS together with what stands in front, else behind the first one; the size of `line`
 * when it need not be. */
static size_t
flow_break(struct slice line, size_t from, size_t front)
{
	size_t columns = front;
	size_t best = 0;

	for (size_t i = from; i < line.size; i++) {
		if (is_continuation(line.data[i]))
			continue;
		/* A break before a blank would move it to the next line, where it would be lost. */
		if (i > from && line.data[i - 1] == ' ' && line.data[i] != ' ')
			best = i;
		columns++;
		if (columns > FLOW_COLUMNS && best > 0)
			return best;
	}
	return line.size;
}

/* Take the quotation marks off a line, also those with a blank between them, which a reader would
 * count as one level only (RFC 3676 section 4.5); gives their number. */
static size_t
take_marks(struct slice *line)
{
	size_t depth = 0;
	size_t at = 0;

	while (at < line->size && depth < FLOW_DEPTH_MAX && line->data[at] == '>') {
		depth++;
		at++;
		if (at + 1 < line->size && line->data[at] == ' ' && line->data[at + 1] == '>')
			at++;
	}
	if (depth > 0 && at < line->size && line->data[at] == ' ')
		at++;
	*line = slice_part(*line, at, line->size);
	return depth;
}

static void
flow_line(struct slice line, struct text *out)
{
	/* What is typed with > in front is meant as a quotation, and stays one. */
	size_t depth = take_marks(&line);

	/* A blank at the end would make a fixed line flow on; the signature's is meant. */
	if (!slice_equal(line, SLICE("-- ")))
		while (line.size > 0 && line.data[line.size - 1] == ' ')
			line.size--;
	for (size_t from = 0; from < line.size || from == 0;) {
		size_t to = flow_break(line, from, depth > 0 ? depth + 1 : 0);
		struct slice piece = slice_part(line, from, to);

		for (size_t i = 0; i < depth; i++)
			text_append_byte(out, '>');
		if (piece.size > 0 && (depth > 0 || piece.data[0] == ' ' || piece.data[0] == '>' ||
				       begins_with_from(piece)))
			text_append_byte(out, ' ');
		text_append(out, piece);
		text_append_byte(out, '\n');
		if (to == line.size)
			break;
		from = to;
	}
}

void
transfer_flow(struct slice lines, struct text *out)
{
	struct slice line;

	for (size_t at = 0; next_line(lines, &at, &line);)
		flow_line(line, out);
}

bool
transfer_is_7bit(struct slice lines)
{
	struct slice line;

	for (size_t i = 0; i < lines.size; i++)
		if (lines.data[i] >= 0x7f || lines.data[i] == '\0')
			return false;
	for (size_t at = 0; next_line(lines, &at, &line);)
		if (line.size > SEVEN_BIT_LINE || begins_with_from(line))
			return false;
	return true;
}

void
transfer_put_7bit(struct slice lines, struct text *out)
{
	struct slice line;

	for (size_t at = 0; next_line(lines, &at, &line);) {
		text_append(out, line);
		text_append_text(out, "\r\n");
	}
}

static bool
needs_quoting(struct slice line, size_t at)
{
	unsigned char byte = line.data[at];

	if (byte == ' ' || byte == '\t')
		return at + 1 == line.size;
	if (byte == 'F' && at == 0 && begins_with_from(line))
		return true;
	/* A lone dot would end the letter in careless hands. */
	if (byte == '.' && line.size == 1)
		return true;
	return byte < ' ' || byte >= 0x7f || byte == '=';
}

void
transfer_put_quoted(struct slice lines, struct text *out)
{
	struct slice line;

	for (size_t at = 0; next_line(lines, &at, &line);) {
		size_t used = 0;

		for (size_t i = 0; i < line.size; i++) {
			bool quoted = needs_quoting(line, i);
			size_t need = quoted ? 3 : 1;

			/* One place is kept for the "=" of a soft break. */
			if (used + need > QUOTED_LINE - (i + 1 < line.size)) {
				text_append_text(out, "=\r\n");
				used = 0;
			}
			if (quoted)
				text_printf(out, "=%02X", line.data[i]);
			else
				text_append_byte(out, line.data[i]);
			used += need;
		}
		text_append_text(out, "\r\n");
	}
}

/* Constant time, as libsodium has it, is for keys; here it would be half the cost of an upload. */
static size_t
encode_line(const unsigned char *bytes, size_t size, char *line)
{
	size_t length = (size_t)EVP_EncodeBlock((unsigned char *)line, bytes, (int)size);

	line[length++] = '\r';
	line[length++] = '\n';
	return length;
}

enum status
transfer_base64_write(struct transfer_base64 *writer, struct slice bytes)
{
	char lines[BATCH_LINES * (QUOTED_LINE + 2) + 1];
	size_t filled = 0;

	for (size_t at = 0; at < bytes.size;) {
		const unsigned char *line = bytes.data + at;
		size_t left = bytes.size - at;

		if (writer->size > 0 || left < TRANSFER_LINE_BYTES) {
			size_t take = TRANSFER_LINE_BYTES - writer->size;

			if (take > left)
				take = left;
			memcpy(writer->held + writer->size, line, take);
			writer->size += take;
			at += take;
			if (writer->size < TRANSFER_LINE_BYTES)
				break;
			line = writer->held;
			writer->size = 0;
		} else {
			at += TRANSFER_LINE_BYTES;
		}
		filled += encode_line(line, TRANSFER_LINE_BYTES, lines + filled);
		if (filled == sizeof(lines) - 1) {
			enum status status = sink_write(writer->sink, slice_of(lines, filled));

			if (status != STATUS_OK)
				return status;
			filled = 0;
		}
	}
	return filled == 0 ? STATUS_OK : sink_write(writer->sink, slice_of(lines, filled));
}

enum status
transfer_base64_end(struct transfer_base64 *writer)
{
	char line[QUOTED_LINE + 3];
	size_t size = writer->size;

	writer->size = 0;
	if (size == 0)
		return STATUS_OK;
	return sink_write(writer->sink, slice_of(line, encode_line(writer->held, size, line)));
}
