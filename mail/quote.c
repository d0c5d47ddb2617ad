#include "mail/quote.h"

#define WIDTH ((size_t)70) /* characters behind the quotation marks */
#define CUT "> [...]\n"

static struct slice
next_line(struct slice text, size_t *at)
{
	size_t end = slice_find_byte(text, '\n', *at);
	struct slice line = slice_part(text, *at, end == SLICE_NONE ? text.size : end);

	*at += line.size + 1;
	while (line.size > 0 &&
	       (line.data[line.size - 1] == ' ' || line.data[line.size - 1] == '\r'))
		line.size--;
	return line;
}

/* RFC 3676 section 4.3; the blank at its end was trimmed. */
static bool
is_signature(struct slice text, size_t from)
{
	return slice_equal(slice_part(text, from, from + 4), SLICE("-- \n"));
}

/* Where a line is broken: behind the last blank within WIDTH, else where the width ends. */
static size_t
break_of(struct slice line)
{
	size_t characters = 0;
	size_t blank = 0;

	for (size_t i = 0; i < line.size; i++) {
		if (line.data[i] >> 6 == 2)
			continue;
		if (characters++ == WIDTH)
			return blank > 0 ? blank : i;
		if (line.data[i] == ' ' && i > 0)
			blank = i + 1;
	}
	return line.size;
}

/* The marks in front of a line, which its pieces get, too. */
static size_t
marks_of(struct slice line)
{
	size_t size = 0;

	while (size < line.size && line.data[size] == '>')
		size++;
	return size;
}

static void
put_line(struct slice line, struct text *out)
{
	size_t marks = marks_of(line);
	struct slice front = slice_part(line, 0, marks);
	struct slice rest = slice_part(line, marks, line.size);

	if (marks > 0 && rest.size > 0 && rest.data[0] == ' ')
		rest = slice_part(rest, 1, rest.size);
	do {
		size_t size = break_of(rest);
		struct slice piece = slice_part(rest, 0, size);

		while (piece.size > 0 && piece.data[piece.size - 1] == ' ')
			piece.size--;
		text_append_byte(out, '>');
		text_append(out, front);
		if (piece.size > 0)
			text_append_byte(out, ' ');
		text_append(out, piece);
		text_append_byte(out, '\n');
		rest = slice_part(rest, size, rest.size);
	} while (rest.size > 0);
}

/* Gives the size of the whole lines that found room. */
static size_t
put_lines(struct slice body, struct text *out)
{
	size_t whole = 0;
	size_t blank = 0; /* lines, kept back until a line with text follows */

	for (size_t at = 0; at < body.size && text_ok(out) && !is_signature(body, at);) {
		struct slice line = next_line(body, &at);

		if (line.size == 0) {
			blank++;
			continue;
		}
		if (whole > 0 && blank > 0)
			text_append_text(out, ">\n");
		put_line(line, out);
		blank = 0;
		if (text_ok(out))
			whole = out->size;
	}
	return whole;
}

void
quote_put(const char *attribution, struct slice body, struct text *out)
{
	struct text lines;
	size_t whole;

	text_init(&lines, QUOTE_MAX);
	whole = put_lines(body, &lines);
	if (whole > 0) {
		text_append_text(out, attribution);
		text_append_byte(out, '\n');
		text_append(out, slice_part(text_slice(&lines), 0, whole));
		if (!text_ok(&lines))
			text_append_text(out, CUT);
	}
	text_clear(&lines);
}

bool
quote_has_words(struct slice quote)
{
	bool first = true;

	for (size_t at = 0; at < quote.size;) {
		struct slice line = slice_trim(next_line(quote, &at));

		if (line.size == 0)
			continue;
		if (line.data[0] != '>' && !first)
			return true;
		first = false;
	}
	return false;
}
