#include "mail/decode.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "mail/rtf_pack.h"

/* What a digit of base64 stands for at each of the four places of a group; NO_DIGIT for all other
 * bytes, the padding among them. */
#define NO_DIGIT 0x80000000U
#define GROUP_BYTES ((size_t)3)

static uint32_t digit_at[4][256];
static pthread_once_t digits_once = PTHREAD_ONCE_INIT;

static void
fill_digits(void)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t place = 0; place < 4; place++) {
		for (size_t byte = 0; byte < 256; byte++)
			digit_at[place][byte] = NO_DIGIT;
		for (uint32_t value = 0; value < 64; value++)
			digit_at[place][(unsigned char)digits[value]] = value << (18 - 6 * place);
	}
}

static bool
is_line_end(unsigned char byte)
{
	return byte == '\r' || byte == '\n';
}

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

/* Where the group under way ends, if digits and line ends alone bring it there; else SLICE_NONE. */
static size_t
end_of_group(const GMimeEncoding *state, struct slice bytes)
{
	int digits = state->state;
	size_t at = 0;

	/* Higher bits: padding was met within a group. */
	if (digits < 0 || digits > 3)
		return SLICE_NONE;
	for (; digits % 4 != 0 && at < bytes.size; at++) {
		if (digit_at[0][bytes.data[at]] != NO_DIGIT)
			digits++;
		else if (!is_line_end(bytes.data[at]))
			return SLICE_NONE;
	}
	return digits % 4 == 0 ? at : SLICE_NONE;
}

/* Decode groups whose digits stand together, with line ends between groups, as far as there is
 * nothing else.  *last_out is where the last one begins, SLICE_NONE when there is none. */
static size_t
decode_groups(struct slice bytes, unsigned char *out, size_t *last_out)
{
	const unsigned char *in = bytes.data;
	size_t at = 0;
	size_t size = 0;

	*last_out = SLICE_NONE;
	while (bytes.size - at >= 4) {
		uint32_t group = digit_at[0][in[at]] | digit_at[1][in[at + 1]] |
				 digit_at[2][in[at + 2]] | digit_at[3][in[at + 3]];

		if (group & NO_DIGIT) {
			if (!is_line_end(in[at]))
				break;
			at++;
			continue;
		}
		*last_out = at;
		out[size++] = (unsigned char)(group >> 16);
		out[size++] = (unsigned char)(group >> 8);
		out[size++] = (unsigned char)group;
		at += 4;
	}
	return size;
}

static size_t
step_library(struct decoder *decoder, struct slice bytes, unsigned char *out)
{
	if (bytes.size == 0)
		return 0;
	return g_mime_encoding_step(&decoder->state, (const char *)bytes.data, bytes.size,
				    (char *)out);
}

/*
 * The library takes each digit by itself, which is a quarter of the cost of a download.  So what
 * is regular is decoded here, from the end of the group under way up to the last group but one; the
 * library gets what is before and behind, and decides about all that is odd.  It looks for padding
 * from the end of a piece, over two digits, and asks whether the piece gave any bytes: with a
 * regular group at its front the rest shows it the same as the whole.
 */
static size_t
decode_base64(struct decoder *decoder, struct slice bytes, unsigned char *out)
{
	size_t head, last, size;

	pthread_once(&digits_once, fill_digits);
	head = end_of_group(&decoder->state, bytes);
	if (head == SLICE_NONE)
		return step_library(decoder, bytes, out);
	size = head > 0 ? GROUP_BYTES : 0;
	size += decode_groups(slice_part(bytes, head, bytes.size), out + size, &last);
	if (last == SLICE_NONE)
		return step_library(decoder, bytes, out);
	if (head > 0 && step_library(decoder, slice_part(bytes, 0, head), out) != GROUP_BYTES)
		abort(); /* four digits are three bytes */
	size -= GROUP_BYTES;
	return size + step_library(decoder, slice_part(bytes, head + last, bytes.size), out + size);
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
	if (decoder->encoding == PART_BASE64)
		return decode_base64(decoder, bytes, out);
	return step_library(decoder, bytes, out);
}

size_t
decoder_finish(struct decoder *decoder, unsigned char *out)
{
	/* With padding a group that is under way is complete; without one nothing comes of it. */
	if (decoder->encoding == PART_BASE64)
		return decoder_step(decoder, SLICE("=="), out);
	return decoder->encoding == PART_UUENCODE ? decoder_step(decoder, SLICE("\n"), out) : 0;
}

/* A range of a source as one. */
struct range {
	const struct source *whole;
	uint64_t offset;
	uint64_t size;
};

static enum status
read_range(void *context, uint64_t offset, unsigned char *bytes, size_t room, size_t *size_out)
{
	const struct range *range = context;
	uint64_t left = offset < range->size ? range->size - offset : 0;

	return range->whole->read_at(range->whole->context, range->offset + offset, bytes,
				     room < left ? room : (size_t)left, size_out);
}

static enum status
decode_rtf(const struct source *message, const struct part *part, const struct sink *sink)
{
	struct range range = {message, part->offset, part->size};
	struct source packed = {&range, part->size, read_range};

	return rtf_unpack(&packed, sink);
}

enum status
decode_part(const struct source *message, const struct part *part, const struct sink *sink)
{
	unsigned char in[DECODE_PIECE], out[DECODE_ROOM];
	struct decoder decoder;

	if (part->encoding == PART_RTF)
		return decode_rtf(message, part, sink);
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
