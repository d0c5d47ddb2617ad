#include "crypto/openpgp_armour.h"

#include <stdbool.h>
#include <stdint.h>

#include "base/encode.h"

#define CRC24_START 0xb704ceU
#define CRC24_POLYNOMIAL 0x1864cfbU

struct reader {
	struct slice text;
	size_t position;
};

/* The next line without its end and the blanks before that; false behind the last one. */
static bool
next_line(struct reader *reader, struct slice *line_out)
{
	size_t end;

	if (reader->position >= reader->text.size)
		return false;
	end = slice_find_byte(reader->text, '\n', reader->position);
	if (end == SLICE_NONE)
		end = reader->text.size;
	*line_out = slice_part(reader->text, reader->position, end);
	while (line_out->size > 0 && (line_out->data[line_out->size - 1] == '\r' ||
				      line_out->data[line_out->size - 1] == ' ' ||
				      line_out->data[line_out->size - 1] == '\t'))
		line_out->size--;
	reader->position = end + 1;
	return true;
}

static bool
starts_with(struct slice line, struct slice prefix)
{
	return slice_equal(slice_part(line, 0, prefix.size), prefix);
}

/* RFC 9580 section 6.1: it finds accidents, and stops nobody. */
static uint32_t
crc24(struct slice bytes)
{
	uint32_t crc = CRC24_START;

	for (size_t at = 0; at < bytes.size; at++) {
		crc ^= (uint32_t)bytes.data[at] << 16;
		for (int bit = 0; bit < 8; bit++) {
			crc <<= 1;
			if (crc & 0x1000000U)
				crc ^= CRC24_POLYNOMIAL;
		}
	}
	return crc & 0xffffffU;
}

static bool
checksum_is_right(struct slice line, struct slice bytes)
{
	unsigned char sum[3];
	size_t size;

	if (line.size == 0)
		return true;
	if (!decode_base64(slice_part(line, 1, line.size), sum, sizeof(sum), &size) || size != 3)
		return false;
	return crc24(bytes) == ((uint32_t)sum[0] << 16 | (uint32_t)sum[1] << 8 | sum[2]);
}

/* "Key: value" lines, up to the line that is blank. */
static enum status
skip_headers(struct reader *reader)
{
	struct slice line;

	while (next_line(reader, &line)) {
		if (line.size == 0)
			return STATUS_OK;
		if (slice_find_byte(line, ':', 0) == SLICE_NONE)
			return STATUS_INVALID;
	}
	return STATUS_INVALID;
}

static enum status
append_decoded(struct slice base64, struct slice sum, struct text *out)
{
	size_t room = BASE64_BYTES(base64.size);
	unsigned char *bytes = text_reserve(out, room);
	size_t size;

	if (bytes == NULL || !decode_base64(base64, bytes, room, &size) ||
	    !checksum_is_right(sum, slice_of(bytes, size)))
		return STATUS_INVALID;
	text_commit(out, size);
	return STATUS_OK;
}

/* Up to the line that ends the block; appends what the block holds. */
static enum status
read_block(struct reader *reader, struct text *base64, struct text *out)
{
	struct slice line;
	struct slice sum = slice_of(NULL, 0);
	enum status status = skip_headers(reader);

	text_reset(base64);
	while (status == STATUS_OK) {
		if (!next_line(reader, &line))
			return STATUS_INVALID;
		if (starts_with(line, SLICE("-----END PGP ")))
			return append_decoded(text_slice(base64), sum, out);
		if (sum.size > 0)
			return STATUS_INVALID;
		if (line.size == 5 && line.data[0] == '=')
			sum = line;
		else
			text_append(base64, line);
	}
	return status;
}

static enum status
read_blocks(struct slice text, struct text *base64, struct text *out)
{
	struct reader reader = {text, 0};
	struct slice line;
	enum status status = STATUS_NOT_FOUND;

	while (next_line(&reader, &line)) {
		if (!slice_equal(line, SLICE("-----BEGIN PGP PUBLIC KEY BLOCK-----")) &&
		    !slice_equal(line, SLICE("-----BEGIN PGP PRIVATE KEY BLOCK-----")))
			continue;
		status = read_block(&reader, base64, out);
		if (status != STATUS_OK)
			return status;
	}
	return status;
}

enum status
openpgp_dearmour(struct slice text, struct arena *arena, struct slice *bytes_out)
{
	struct text base64;
	struct text out;
	enum status status;

	text_init(&base64, text.size);
	text_init(&out, text.size);
	status = read_blocks(text, &base64, &out);
	if (status == STATUS_OK)
		*bytes_out = arena_copy(arena, text_slice(&out));
	text_clear(&base64);
	text_clear(&out);
	return status;
}
