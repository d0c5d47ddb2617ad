/* body_text: a text part as clean UTF-8 with LF line ends, in pieces. */
#include <string.h>

#include "mail/body.h"
#include "mail/charset.h"
#include "mail/decode.h"
#include "mail/utf8.h"
#include "mail/uuencode.h"

/* A longer line is handed on in pieces; only joining needs a whole one. */
#define LINE_MAX_BYTES ((size_t)65536)

struct writer {
	struct charset *charset;
	struct text *out;
	struct text piece; /* converted, not yet looked at */
	struct text line;  /* the line so far, clean */
	bool flowed;
	bool delete_space;
	bool was_cr;
	bool joining; /* the line before ends in a soft break */
	size_t quote; /* its quote depth */
};

static void
write_quote(struct text *out, size_t depth)
{
	for (size_t i = 0; i < depth; i++)
		text_append_byte(out, '>');
	if (depth > 0)
		text_append_byte(out, ' ');
}

/* RFC 3676 section 4: quote marks, then one blank of stuffing; a blank at the end says that the
 * paragraph goes on, but for the signature's line. */
static void
end_flowed(struct writer *writer, struct slice line)
{
	size_t quote = 0;
	bool soft;

	while (quote < line.size && line.data[quote] == '>')
		quote++;
	line = slice_part(line, quote, line.size);
	if (line.size > 0 && line.data[0] == ' ')
		line = slice_part(line, 1, line.size);
	soft = line.size > 0 && line.data[line.size - 1] == ' ' && !slice_equal(line, SLICE("-- "));
	/* Section 4.5: a paragraph also ends where the depth changes, or before a signature. */
	if (writer->joining && (quote != writer->quote || slice_equal(line, SLICE("-- ")))) {
		text_append_byte(writer->out, '\n');
		writer->joining = false;
	}
	if (!writer->joining)
		write_quote(writer->out, quote);
	if (soft && writer->delete_space)
		line.size--;
	text_append(writer->out, line);
	if (!soft)
		text_append_byte(writer->out, '\n');
	writer->joining = soft;
	writer->quote = quote;
}

static void
end_line(struct writer *writer)
{
	struct slice line = text_slice(&writer->line);

	if (writer->flowed) {
		end_flowed(writer, line);
	} else {
		text_append(writer->out, line);
		text_append_byte(writer->out, '\n');
	}
	text_reset(&writer->line);
}

static void
take_code(struct writer *writer, uint32_t code)
{
	bool was_cr = writer->was_cr;

	writer->was_cr = code == '\r';
	if (code == '\n' && was_cr)
		return;
	if (code == '\n' || code == '\r' || code == 0x85 || code == 0x2028 || code == 0x2029) {
		end_line(writer);
		return;
	}
	/* A page break parts paragraphs. */
	if (code == '\f') {
		end_line(writer);
		return;
	}
	if (utf8_is_unwanted(code))
		return;
	if (writer->line.size + 4 > LINE_MAX_BYTES) {
		text_append(writer->out, text_slice(&writer->line));
		text_reset(&writer->line);
		writer->flowed = false;
	}
	utf8_append(&writer->line, code);
}

static void
take_bytes(struct writer *writer, struct slice bytes, bool last)
{
	struct slice piece;

	text_reset(&writer->piece);
	charset_convert(writer->charset, bytes, last, &writer->piece);
	piece = text_slice(&writer->piece);
	for (size_t position = 0; position < piece.size && text_ok(writer->out);)
		take_code(writer, utf8_next(piece, &position));
}

static enum status
write_bytes(void *context, struct slice bytes)
{
	struct writer *writer = context;

	/* Once the bound is met the rest need not be read; the caller sees it by text_ok. */
	if (!text_ok(writer->out))
		return STATUS_FULL;
	take_bytes(writer, bytes, false);
	return STATUS_OK;
}

static enum status
scan_bytes(void *context, struct slice bytes)
{
	return uu_scan_write(context, bytes);
}

enum status
body_text(const struct source *message, const struct part *part, struct text *text)
{
	struct arena *arena = arena_new();
	struct writer *writer = arena_alloc(arena, sizeof(*writer));
	struct uu_scan *scan = arena_alloc(arena, sizeof(*scan));
	struct sink sink = {scan, scan_bytes};
	struct source holder;
	enum status status = body_holder(message, part, arena, &holder);

	if (status != STATUS_OK) {
		arena_free(arena);
		return status;
	}
	scan->text = (struct sink){writer, write_bytes};

	writer->charset = charset_open(part->charset, arena);
	writer->out = text;
	writer->flowed = part->flowed;
	writer->delete_space = part->delete_space;
	text_init_in(&writer->piece, arena, DECODE_ROOM * 16);
	text_init_in(&writer->line, arena, LINE_MAX_BYTES);
	status = decode_part(&holder, part, &sink);
	if (status == STATUS_OK)
		status = uu_scan_end(scan);
	if (status == STATUS_OK)
		take_bytes(writer, slice_of("", 0), true);
	if (status == STATUS_OK && writer->line.size > 0)
		end_line(writer);
	if (status == STATUS_OK && writer->joining)
		text_append_byte(text, '\n');
	if (status == STATUS_FULL && !text_ok(text))
		status = STATUS_OK;
	arena_free(arena);
	return status;
}
