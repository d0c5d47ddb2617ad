#include "mail/words.h"

#include <string.h>

#include "base/encode.h"
#include "mail/charset.h"
#include "mail/utf8.h"

#define LINE_WANTED ((size_t)76)

/* One encoded word as it stands in the value. */
struct word {
	struct slice charset;
	unsigned char encoding; /* 'b' or 'q' */
	struct slice content;
	size_t end;
};

/* What is built: three columns of equal length. */
struct columns {
	struct text text;
	struct text from;
	struct text encoded;
};

static void
add_code(struct columns *columns, uint32_t code, size_t from, unsigned char encoded)
{
	size_t before = columns->text.size;
	uint32_t place = (uint32_t)from;

	code = utf8_on_one_line(code);
	if (code == 0)
		return;
	utf8_append(&columns->text, code);
	for (size_t i = before; i < columns->text.size; i++) {
		text_append(&columns->from, slice_of(&place, sizeof(place)));
		text_append_byte(&columns->encoded, encoded);
	}
}

static bool
is_blank(unsigned char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static bool
read_word(struct slice value, size_t at, struct word *word)
{
	size_t mark, end;
	size_t from = at + 2;

	if (at + 2 > value.size || value.data[at] != '=' || value.data[at + 1] != '?')
		return false;
	for (mark = from; mark < value.size && value.data[mark] != '?'; mark++)
		if (is_blank(value.data[mark]) || mark - from > 64)
			return false;
	if (mark == from || mark + 2 >= value.size || value.data[mark + 2] != '?')
		return false;
	word->charset = slice_part(value, from, mark);
	word->encoding = slice_lower(value.data[mark + 1]);
	if (word->encoding != 'b' && word->encoding != 'q')
		return false;
	/* RFC 2231 section 5: a language may follow the charset. */
	end = slice_find_byte(word->charset, '*', 0);
	if (end != SLICE_NONE)
		word->charset.size = end;
	from = mark + 3;
	end = slice_find_byte(value, '?', from);
	/* A question mark inside is wrong but happens; the word ends at "?=". */
	while (end != SLICE_NONE && end + 1 < value.size && value.data[end + 1] != '=' &&
	       word->encoding == 'q' && end - from < 1000)
		end = slice_find_byte(value, '?', end + 1);
	if (end == SLICE_NONE || end + 1 >= value.size || value.data[end + 1] != '=')
		return false;
	word->content = slice_part(value, from, end);
	word->end = end + 2;
	return true;
}

static void
decode_q(struct slice content, struct text *out)
{
	for (size_t i = 0; i < content.size; i++) {
		unsigned char byte = content.data[i];

		if (byte == '=' && decode_hex(slice_part(content, i + 1, i + 3), &byte, 1)) {
			i += 2;
		} else if (byte == '_') {
			byte = ' ';
		} else if (byte == '\r' || byte == '\n') {
			continue;
		}
		text_append_byte(out, byte);
	}
}

static int
base64_digit(unsigned char byte)
{
	if (byte >= 'A' && byte <= 'Z')
		return byte - 'A';
	if (byte >= 'a' && byte <= 'z')
		return byte - 'a' + 26;
	if (byte >= '0' && byte <= '9')
		return byte - '0' + 52;
	return byte == '+' ? 62 : byte == '/' ? 63 : -1;
}

static void
decode_b(struct slice content, struct text *out)
{
	unsigned long held = 0;
	unsigned bits = 0;

	for (size_t i = 0; i < content.size; i++) {
		int digit = base64_digit(content.data[i]);

		if (content.data[i] == '=') {
			bits = 0;
			held = 0;
		}
		if (digit < 0)
			continue;
		held = (held << 6 | (unsigned long)digit) & 0xffffff;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			text_append_byte(out, (unsigned char)(held >> bits));
		}
	}
}

static void
decode_content(const struct word *word, struct text *bytes)
{
	if (word->encoding == 'b')
		decode_b(word->content, bytes);
	else
		decode_q(word->content, bytes);
}

static size_t
skip_blanks(struct slice value, size_t at)
{
	while (at < value.size && is_blank(value.data[at]))
		at++;
	return at;
}

static void
add_bytes(struct columns *columns, const char *charset, struct slice bytes, size_t from)
{
	struct arena *arena = arena_new();
	struct text text;
	struct slice decoded;

	text_init(&text, bytes.size * 8 + 64);
	charset_convert(charset_open(charset, arena), bytes, true, &text);
	decoded = text_slice(&text);
	for (size_t position = 0; position < decoded.size;)
		add_code(columns, utf8_next(decoded, &position), from, 1);
	text_clear(&text);
	arena_free(arena);
}

/* Decode the word and those that follow it in the same charset as one run of bytes: writers cut
 * characters between words.  Returns where the run ends. */
static size_t
add_run(struct columns *columns, struct slice value, size_t at, struct word word)
{
	char charset[72];
	struct text bytes;
	size_t end;

	if (word.charset.size >= sizeof(charset))
		word.charset.size = sizeof(charset) - 1;
	memcpy(charset, word.charset.data, word.charset.size);
	charset[word.charset.size] = '\0';
	text_init(&bytes, value.size + 1);
	for (;;) {
		struct word next;

		decode_content(&word, &bytes);
		end = word.end;
		if (!read_word(value, skip_blanks(value, end), &next) ||
		    !slice_equal_nocase(next.charset, word.charset))
			break;
		word = next;
	}
	add_bytes(columns, charset, text_slice(&bytes), at);
	text_clear(&bytes);
	return end;
}

/* Bytes [from, to) outside encoded words. */
static void
add_plain(struct columns *columns, struct slice value, size_t from, size_t to)
{
	struct slice plain = slice_part(value, from, to);
	bool valid = utf8_is_valid(plain);

	for (size_t position = 0; position < plain.size;) {
		size_t start = position;
		uint32_t code;

		if (valid)
			code = utf8_next(plain, &position);
		else
			code = charset_guess_byte(plain.data[position++]);
		/* Folding: the line end goes, the blank behind it stays (RFC 5322 section 2.2.3).
		 */
		if (code == '\r' || code == '\n')
			continue;
		add_code(columns, code, from + start, 0);
	}
}

void
words_decode(struct slice value, struct arena *arena, struct words *words_out)
{
	struct columns columns;
	size_t plain = 0;
	size_t limit = value.size * 8 + 64;

	text_init(&columns.text, limit);
	text_init(&columns.from, limit * sizeof(uint32_t));
	text_init(&columns.encoded, limit);
	for (size_t at = slice_find(value, SLICE("=?"), 0); at != SLICE_NONE;
	     at = slice_find(value, SLICE("=?"), at)) {
		struct word word, next;

		if (!read_word(value, at, &word)) {
			at++;
			continue;
		}
		add_plain(&columns, value, plain, at);
		plain = at = add_run(&columns, value, at, word);
		/* Blanks between two encoded words are not part of the text. */
		if (read_word(value, skip_blanks(value, at), &next))
			plain = at = skip_blanks(value, at);
	}
	add_plain(&columns, value, plain, value.size);
	words_out->text = arena_copy(arena, text_slice(&columns.text));
	words_out->from =
	    (const uint32_t *)(const void *)arena_copy(arena, text_slice(&columns.from)).data;
	words_out->encoded = arena_copy(arena, text_slice(&columns.encoded)).data;
	text_clear(&columns.text);
	text_clear(&columns.from);
	text_clear(&columns.encoded);
}

const char *
words_text(struct slice value, size_t limit, struct arena *arena)
{
	struct arena *scratch = arena_new();
	struct words words;
	const char *text;

	words_decode(value, scratch, &words);
	text = utf8_clean_line(words.text, limit, arena);
	arena_free(scratch);
	return text;
}

/* Whether the text may stand as it is: ASCII, nothing that reads as an encoded word, and blanks
 * often enough to fold at. */
static bool
stands_plain(struct slice text)
{
	size_t run = 0;

	if (slice_find(text, SLICE("=?"), 0) != SLICE_NONE)
		return false;
	for (size_t i = 0; i < text.size; i++) {
		if (text.data[i] >= 0x7f || text.data[i] < 0x20)
			return false;
		run = text.data[i] == ' ' ? 0 : run + 1;
		if (run > LINE_WANTED)
			return false;
		/* Two blanks in a row could be folded into a line of blanks. */
		if (i > 0 && text.data[i] == ' ' && text.data[i - 1] == ' ')
			return false;
	}
	return true;
}

static void
fold_plain(struct slice text, size_t column, struct text *out)
{
	size_t at = 0;

	while (at < text.size) {
		size_t next = slice_find_byte(text, ' ', at + 1);

		if (next == SLICE_NONE)
			next = text.size;
		if (column + (next - at) > LINE_WANTED && at > 0) {
			text_append_text(out, "\r\n");
			column = 0;
		}
		text_append(out, slice_part(text, at, next));
		column += next - at;
		at = next;
	}
}

static void
encode_b(struct slice bytes, struct text *out)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < bytes.size; i += 3) {
		size_t left = bytes.size - i;
		unsigned long group = (unsigned long)bytes.data[i] << 16;

		if (left > 1)
			group |= (unsigned long)bytes.data[i + 1] << 8;
		if (left > 2)
			group |= bytes.data[i + 2];
		text_append_byte(out, (unsigned char)digits[group >> 18]);
		text_append_byte(out, (unsigned char)digits[group >> 12 & 63]);
		text_append_byte(out, left > 1 ? (unsigned char)digits[group >> 6 & 63] : '=');
		text_append_byte(out, left > 2 ? (unsigned char)digits[group & 63] : '=');
	}
}

/* Whole characters in whole groups of three bytes where there are such: some readers join the
 * base64 of neighbouring words and stop at padding in the middle. */
static size_t
cut_word(struct slice text, size_t room)
{
	size_t most = utf8_cut(text, room);

	if (most == text.size)
		return most;
	for (size_t size = most; size > 0; size = utf8_cut(text, size - 1))
		if (size % 3 == 0)
			return size;
	return most;
}

void
words_encode(struct slice text, size_t column, struct text *out)
{
	if (stands_plain(text)) {
		fold_plain(text, column, out);
		return;
	}
	while (text.size > 0) {
		/* "=?UTF-8?B?" and "?=" take 12; four digits stand for three bytes. */
		size_t room = column + 16 < LINE_WANTED ? (LINE_WANTED - column - 12) / 4 * 3 : 0;
		size_t size = cut_word(text, room);

		if (size == 0 && column > 1) {
			text_append_text(out, "\r\n ");
			column = 1;
			continue;
		}
		text_append_text(out, "=?UTF-8?B?");
		encode_b(slice_part(text, 0, size), out);
		text_append_text(out, "?=");
		text = slice_part(text, size, text.size);
		if (text.size > 0)
			text_append_text(out, "\r\n ");
		column = 1;
	}
}
