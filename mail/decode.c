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
	else if (encoding == PART_UUENCODE)
		content = GMIME_CONTENT_ENCODING_UUENCODE;
	decoder->encoding = encoding;
	decoder->begun = false;
	g_mime_encoding_init_decode(&decoder->state, content);
}

/* Pass over everything up to the line behind "begin MODE NAME". */
static struct slice
skip_begin(struct decoder *decoder, struct slice bytes)
{
	size_t at = 0;

	while (at < bytes.size) {
		size_t end = slice_find_byte(bytes, '\n', at);
		bool begin =
		    slice_starts_nocase(slice_part(bytes, at, bytes.size), SLICE("begin "));

		at = end == SLICE_NONE ? bytes.size : end + 1;
		if (begin && end != SLICE_NONE) {
			decoder->begun = true;
			decoder->state.state |= GMIME_UUDECODE_STATE_BEGIN;
			break;
		}
	}
	return slice_part(bytes, at, bytes.size);
}

size_t
decoder_step(struct decoder *decoder, struct slice bytes, unsigned char *out)
{
	if (decoder->encoding == PART_IDENTITY) {
		memcpy(out, bytes.data, bytes.size);
		return bytes.size;
	}
	if (decoder->encoding == PART_UUENCODE && !decoder->begun)
		bytes = skip_begin(decoder, bytes);
	if (bytes.size == 0)
		return 0;
	return g_mime_encoding_step(&decoder->state, (const char *)bytes.data, bytes.size,
				    (char *)out);
}

size_t
decoder_finish(struct decoder *decoder, unsigned char *out)
{
	/* With padding a group that is under way is complete; without one nothing comes of it. */
	return decoder->encoding == PART_BASE64 ? decoder_step(decoder, SLICE("=="), out) : 0;
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
