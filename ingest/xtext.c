#include "ingest/xtext.h"

/* RFC 3461 section 4: hexchar has upper case letters only. */
static int
hex_digit(unsigned char byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	return byte >= 'A' && byte <= 'F' ? byte - 'A' + 10 : -1;
}

/* The next byte that the text stands for, or -1; moves *at behind it. */
static int
next_byte(struct slice xtext, size_t *at)
{
	unsigned char byte = xtext.data[(*at)++];
	int high, low;

	if (byte != '+')
		return byte > ' ' && byte < 0x7f && byte != '=' ? byte : -1;
	if (xtext.size - *at < 2)
		return -1;
	high = hex_digit(xtext.data[(*at)++]);
	low = hex_digit(xtext.data[(*at)++]);
	if (high < 0 || low < 0)
		return -1;
	high = high << 4 | low;
	return high < ' ' || high == 0x7f ? -1 : high;
}

bool
xtext_decode(struct slice xtext, struct text *text_out)
{
	for (size_t at = 0; at < xtext.size;) {
		int byte = next_byte(xtext, &at);

		if (byte < 0)
			return false;
		if (text_out != NULL)
			text_append_byte(text_out, (unsigned char)byte);
	}
	return true;
}

bool
xtext_is_ascii(struct slice xtext)
{
	for (size_t at = 0; at < xtext.size;) {
		int byte = next_byte(xtext, &at);

		if (byte < 0 || byte >= 0x80)
			return false;
	}
	return true;
}
