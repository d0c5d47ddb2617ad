#include "mail/utf8.h"

#include <unicode/utf8.h>

uint32_t
utf8_next(struct slice bytes, size_t *position)
{
	UChar32 code;

	U8_NEXT_OR_FFFD(bytes.data, *position, bytes.size, code);
	return (uint32_t)code;
}

void
utf8_append(struct text *text, uint32_t code)
{
	unsigned char bytes[U8_MAX_LENGTH];
	size_t size = 0;

	if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		code = UTF8_BROKEN;
	U8_APPEND_UNSAFE(bytes, size, code);
	text_append(text, slice_of(bytes, size));
}

bool
utf8_is_valid(struct slice bytes)
{
	size_t position = 0;

	while (position < bytes.size) {
		UChar32 code;

		U8_NEXT(bytes.data, position, bytes.size, code);
		if (code < 0)
			return false;
	}
	return true;
}

bool
utf8_is_unwanted(uint32_t code)
{
	if (code < 0x20)
		return code != '\t' && code != '\n';
	if (code < 0x7f)
		return false;
	return code <= 0x9f || (code >= 0x202a && code <= 0x202e) ||
	       (code >= 0x2066 && code <= 0x2069) || code == 0xfeff ||
	       (code >= 0xfff9 && code <= 0xfffb) || (code >= 0xfdd0 && code <= 0xfdef) ||
	       (code & 0xfffe) == 0xfffe || (code >= 0xe0000 && code <= 0xe007f);
}

uint32_t
utf8_on_one_line(uint32_t code)
{
	if (code == '\t' || code == '\n' || code == '\r' || code == 0x85 || code == 0x2028 ||
	    code == 0x2029)
		return ' ';
	return utf8_is_unwanted(code) ? 0 : code;
}

size_t
utf8_cut(struct slice bytes, size_t limit)
{
	if (bytes.size <= limit)
		return bytes.size;
	while (limit > 0 && (bytes.data[limit] & 0xc0) == 0x80)
		limit--;
	return limit;
}

const char *
utf8_clean_line(struct slice bytes, size_t limit, struct arena *arena)
{
	struct text text;
	const char *copy;
	struct slice clean;

	/* A broken byte grows to three. */
	text_init(&text, bytes.size * 3 + 1);
	for (size_t position = 0; position < bytes.size;) {
		uint32_t code = utf8_on_one_line(utf8_next(bytes, &position));

		if (code != 0)
			utf8_append(&text, code);
	}
	clean = slice_trim(text_slice(&text));
	clean.size = utf8_cut(clean, limit);
	copy = arena_text_from(arena, slice_trim(clean));
	text_clear(&text);
	return copy;
}
