#include "mail/decode.h"

#include <string.h>

void
decoder_init(struct decoder *decoder, enum part_encoding encoding)
{
	GMimeContentEncoding content = GMIME_CONTENT_ENCODING_BINARY;

	if (encoding == PART_BASE64)
		content = GMIME_CONTENT_ENCODING_BASE64;
	else if (encoding == PART_QUOTED_PRINTABLE)
		content = GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE;
	decoder->encoding = encoding;
	decoder->begun = decoder->ended = false;
	decoder->line_size = 0;
	g_mime_encoding_init_decode(&decoder->state, content);
}

/* Decode one line: how many bytes, then four digits for three of them.  A blank or three lost at
 * the end stand for zeros; never more bytes come out than went in. */
static size_t
decode_uu_line(struct decoder *decoder, unsigned char *out)
{
	struct slice line = slice_of(decoder->line, decoder->line_size);
	size_t count, size = 0;

	while (line.size > 0 && line.data[line.size - 1] == '\r')
		line.size--;
	if (!decoder->begun) {
		decoder->begun = slice_starts_nocase(line, SLICE("begin "));
		return 0;
	}
	if (line.size == 0)
		return 0;
	if (slice_equal(line, SLICE("end"))) {
		decoder->ended = true;
		return 0;
	}
	count = (line.data[0] - 32U) & 63;
	if (count > (line.size + 2) / 4 * 3)
		count = (line.size + 2) / 4 * 3;
	for (size_t at = 1; size < count; at += 4) {
		unsigned long group = 0;

		for (size_t i = 0; i < 4; i++)
			group =
			    group << 6 | (at + i < line.size ? (line.data[at + i] - 32U) & 63 : 0);
		for (size_t i = 0; i < 3 && size < count; i++)
			out[size++] = (unsigned char)(group >> (16 - 8 * i));
	}
	return size;
}

static size_t
decode_uu(struct decoder *decoder, struct slice bytes, unsigned char *out)
{
	size_t size = 0;

	for (size_t i = 0; i < bytes.size && !decoder->ended; i++) {
		if (bytes.data[i] != '\n') {
			if (decoder->line_size < UU_LINE_MAX)
				decoder->line[decoder->line_size++] = bytes.data[i];
			continue;
		}
		size += decode_uu_line(decoder, out + size);
		decoder->line_size = 0;
	}
	return size;
}

size_t
decoder_step(struct decoder *decoder, struct slice bytes, unsigned char *out)
{
	if (decoder->encoding == PART_IDENTITY) {
		memcpy(out, bytes.data, bytes.size);
		return bytes.size;
	}
	if (decoder->encoding == PART_UUENCODE)
		return decode_uu(decoder, bytes, out);
	if (bytes.size == 0)
		return 0;
	return g_mime_encoding_step(&decoder->state, (const char *)bytes.data, bytes.size,
				    (char *)out);
}

size_t
decoder_finish(struct decoder *decoder, unsigned char *out)
{
	/* With padding a group that is under way is complete; without one nothing comes of it. */
	if (decoder->encoding == PART_BASE64)
		return decoder_step(decoder, SLICE("=="), out);
	return decoder->encoding == PART_UUENCODE ? decoder_step(decoder, SLICE("\n"), out) : 0;
}

enum status
decode_part(const struct source *message, const struct part *part, const struct sink *sink)
{
	unsigned char in[DECODE_PIECE], out[DECODE_ROOM];
	struct decoder decoder;

	decoder_init(&decoder, part->encoding);
	for (uint64_t at = 0; at < part->size;) {
		size_t want = part->size - at < sizeof(in) ? (size_t)(part->size - at) : sizeof(in);
		enum status status;
		size_t size;

		status = message->read_at(message->context, part->offset + at, in, want, &size);
		if (status == STATUS_OK && size == 0)
			status = STATUS_DAMAGED;
		if (status != STATUS_OK)
			return status;
		at += size;
		size = decoder_step(&decoder, slice_of(in, size), out);
		if (at == part->size)
			size += decoder_finish(&decoder, out + size);
		if (size > 0)
			status = sink_write(sink, slice_of(out, size));
		if (status != STATUS_OK)
			return status;
	}
	return STATUS_OK;
}
