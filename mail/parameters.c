#include "mail/parameters.h"

#include <string.h>

#include "base/text.h"
#include "mail/charset.h"
#include "mail/utf8.h"

/* Pieces of one parameter, and its bytes; what is beyond is left out. */
#define PIECES_MAX 200
#define BYTES_MAX ((size_t)32768)

struct piece {
	struct slice value; /* as it stands, quotes and all */
	bool there;
	bool encoded;
};

/* The parameter at *at_io, which moves behind it. */
static bool
next_parameter(struct slice value, size_t *at_io, struct slice *name_out, struct slice *value_out)
{
	size_t at = *at_io, equals, end;
	bool quoted = false;

	while (at < value.size && (value.data[at] == ';' || value.data[at] <= ' '))
		at++;
	if (at >= value.size)
		return false;
	for (equals = at;
	     equals < value.size && value.data[equals] != '=' && value.data[equals] != ';';)
		equals++;
	for (end = equals; end < value.size && (quoted || value.data[end] != ';'); end++) {
		if (quoted && value.data[end] == '\\' && end + 1 < value.size)
			end++;
		else if (value.data[end] == '"')
			quoted = !quoted;
	}
	*name_out = slice_trim(slice_part(value, at, equals));
	*value_out = slice_trim(slice_part(value, equals + 1, end));
	*at_io = end;
	return true;
}

/* Where "filename*3*" belongs; false when it is no piece of `wanted`. */
static bool
place_piece(struct slice name, struct slice wanted, unsigned long long *number_out,
	    bool *encoded_out)
{
	struct slice rest;

	if (!slice_starts_nocase(name, wanted) || name.size == wanted.size ||
	    name.data[wanted.size] != '*')
		return false;
	rest = slice_part(name, wanted.size + 1, name.size);
	*number_out = 0;
	*encoded_out = true;
	if (rest.size == 0)
		return true;
	*encoded_out = rest.data[rest.size - 1] == '*';
	if (*encoded_out)
		rest.size--;
	return slice_to_number(rest, number_out) && *number_out < PIECES_MAX;
}

static int
hex_digit(unsigned char byte)
{
	byte = slice_lower(byte);
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* Without quotes and escapes, percent-encoding undone. */
static void
append_piece(struct text *bytes, struct slice value, bool encoded)
{
	bool quoted = value.size > 0 && value.data[0] == '"';

	for (size_t i = quoted ? 1 : 0; i < value.size; i++) {
		unsigned char byte = value.data[i];

		if (quoted && byte == '"')
			break;
		if (quoted && byte == '\\' && i + 1 < value.size) {
			text_append_byte(bytes, value.data[++i]);
		} else if (encoded && byte == '%' && i + 2 < value.size &&
			   hex_digit(value.data[i + 1]) >= 0 && hex_digit(value.data[i + 2]) >= 0) {
			text_append_byte(bytes, (unsigned char)(hex_digit(value.data[i + 1]) << 4 |
								hex_digit(value.data[i + 2])));
			i += 2;
		} else {
			text_append_byte(bytes, byte);
		}
	}
}

/* charset'language' at the front, as it stands before percent-encoding is undone. */
static struct slice
without_charset(struct slice value, struct slice *charset_out)
{
	size_t from = value.size > 0 && value.data[0] == '"' ? 1 : 0;
	size_t first = slice_find_byte(value, '\'', from);
	size_t second = first == SLICE_NONE ? SLICE_NONE : slice_find_byte(value, '\'', first + 1);

	if (second == SLICE_NONE)
		return value;
	*charset_out = slice_part(value, from, first);
	value = slice_part(value, second + 1, value.size);
	/* The quote that was opened in front. */
	if (from == 1 && value.size > 0 && value.data[value.size - 1] == '"')
		value.size--;
	return value;
}

static const char *
to_utf8(struct slice bytes, struct slice charset, struct arena *arena)
{
	struct arena *scratch = arena_new();
	struct text text;
	const char *result;

	text_init(&text, BYTES_MAX * 4);
	if (charset.size == 0 && !utf8_is_valid(bytes)) {
		for (size_t i = 0; i < bytes.size; i++)
			utf8_append(&text, charset_guess_byte(bytes.data[i]));
	} else {
		charset_convert(charset_open(arena_text_from(scratch, charset), scratch), bytes,
				true, &text);
	}
	/* A NUL would end it early. */
	for (size_t i = 0; i < text.size; i++)
		if (text.data[i] == '\0')
			text.data[i] = ' ';
	result = arena_text_from(arena, text_slice(&text));
	text_clear(&text);
	arena_free(scratch);
	return result;
}

const char *
parameters_extended(struct slice value, const char *name, struct arena *arena)
{
	struct piece pieces[PIECES_MAX] = {{.there = false}};
	struct slice wanted = slice_from_text(name), charset = slice_of("", 0);
	struct slice found, content;
	size_t at = slice_find_byte(value, ';', 0);
	const char *result;
	struct text bytes;

	if (at == SLICE_NONE)
		return NULL;
	while (next_parameter(value, &at, &found, &content)) {
		unsigned long long number;
		bool encoded;

		if (place_piece(found, wanted, &number, &encoded) && !pieces[number].there)
			pieces[number] = (struct piece){content, true, encoded};
	}
	if (!pieces[0].there)
		return NULL;
	text_init(&bytes, BYTES_MAX);
	if (pieces[0].encoded)
		pieces[0].value = without_charset(pieces[0].value, &charset);
	for (size_t i = 0; i < PIECES_MAX && pieces[i].there; i++)
		append_piece(&bytes, pieces[i].value, pieces[i].encoded);
	result = to_utf8(text_slice(&bytes), charset, arena);
	text_clear(&bytes);
	return result;
}

const char *
parameters_plain(struct slice value, const char *name, struct arena *arena)
{
	size_t at = slice_find_byte(value, ';', 0);
	struct slice found, content;

	while (at != SLICE_NONE && next_parameter(value, &at, &found, &content)) {
		const char *result;
		struct text bytes;

		if (!slice_equal_nocase(found, slice_from_text(name)))
			continue;
		text_init(&bytes, BYTES_MAX);
		append_piece(&bytes, content, false);
		result = to_utf8(text_slice(&bytes), slice_of("", 0), arena);
		text_clear(&bytes);
		return result;
	}
	return "";
}
