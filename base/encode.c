#include "base/encode.h"

#include <sodium.h>

static const char base32_digits[] = "0123456789abcdefghjkmnpqrstvwxyz";
static const char hex_digits[] = "0123456789abcdef";
static const char base64url_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* Write `bits` at a time, most significant first, zero-padded at the end. */
static void
encode_bits(struct slice bytes, const char *digits, unsigned bits, char *out)
{
	unsigned long buffer = 0;
	unsigned held = 0;

	for (size_t i = 0; i < bytes.size; i++) {
		buffer = buffer << 8 | bytes.data[i];
		held += 8;
		while (held >= bits) {
			held -= bits;
			*out++ = digits[buffer >> held & ((1UL << bits) - 1)];
		}
		buffer &= (1UL << held) - 1;
	}
	if (held > 0)
		*out++ = digits[buffer << (bits - held) & ((1UL << bits) - 1)];
	*out = '\0';
}

static int
base32_value(unsigned char byte)
{
	byte = slice_lower(byte);
	if (byte == 'o')
		return 0;
	if (byte == 'i' || byte == 'l')
		return 1;
	for (int i = 0; i < 32; i++)
		if ((unsigned char)base32_digits[i] == byte)
			return i;
	return -1;
}

static int
hex_value(unsigned char byte)
{
	byte = slice_lower(byte);
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

static int
base64url_value(unsigned char byte)
{
	for (int i = 0; i < 64; i++)
		if ((unsigned char)base64url_digits[i] == byte)
			return i;
	return -1;
}

static bool
decode_bits(struct slice text, int (*value)(unsigned char), unsigned bits, unsigned char *out,
	    size_t size)
{
	unsigned long buffer = 0;
	unsigned held = 0;
	size_t done = 0;

	if (text.size != (size * 8 + bits - 1) / bits)
		return false;
	for (size_t i = 0; i < text.size; i++) {
		int digit = value(text.data[i]);

		if (digit < 0)
			return false;
		buffer = buffer << bits | (unsigned long)digit;
		held += bits;
		if (held >= 8) {
			held -= 8;
			if (done < size)
				out[done++] = (unsigned char)(buffer >> held);
			buffer &= (1UL << held) - 1;
		}
	}
	return done == size && buffer == 0;
}

void
encode_base32(struct slice bytes, char *out)
{
	encode_bits(bytes, base32_digits, 5, out);
}

void
encode_hex(struct slice bytes, char *out)
{
	encode_bits(bytes, hex_digits, 4, out);
}

void
encode_base64url(struct slice bytes, char *out)
{
	encode_bits(bytes, base64url_digits, 6, out);
}

void
encode_base64(struct slice bytes, char *out)
{
	sodium_bin2base64(out, BASE64_LENGTH(bytes.size) + 1, bytes.data, bytes.size,
			  sodium_base64_VARIANT_ORIGINAL);
}

bool
decode_base64(struct slice text, unsigned char *out, size_t room, size_t *size_out)
{
	return sodium_base642bin(out, room, (const char *)text.data, text.size, NULL, size_out,
				 NULL, sodium_base64_VARIANT_ORIGINAL) == 0;
}

bool
decode_base32(struct slice text, unsigned char *out, size_t size)
{
	return decode_bits(text, base32_value, 5, out, size);
}

bool
decode_hex(struct slice text, unsigned char *out, size_t size)
{
	return decode_bits(text, hex_value, 4, out, size);
}

bool
decode_base64url(struct slice text, unsigned char *out, size_t size)
{
	return decode_bits(text, base64url_value, 6, out, size);
}

static bool
is_unreserved(unsigned char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
	       (byte >= '0' && byte <= '9') || byte == '-' || byte == '.' || byte == '_' ||
	       byte == '~';
}

void
encode_percent(struct slice bytes, struct text *out)
{
	static const char upper[] = "0123456789ABCDEF";

	for (size_t i = 0; i < bytes.size; i++) {
		unsigned char byte = bytes.data[i];

		if (is_unreserved(byte)) {
			text_append_byte(out, byte);
		} else {
			text_append_byte(out, '%');
			text_append_byte(out, (unsigned char)upper[byte >> 4]);
			text_append_byte(out, (unsigned char)upper[byte & 15]);
		}
	}
}
