#include "portal/letter_text.h"

#include <string.h>

#define LONG_LINE ((size_t)78) /* characters */
#define LINK_MAX ((size_t)2000)

/* What is open on the page. */
struct writing {
	struct template_list *list;
	size_t quotes;
	bool lines;
	bool signature;
};

static void
put_flag(struct writing *writing, const char *name)
{
	template_put_flag(template_list_add(writing->list), name, true);
}

static void
put_run(struct writing *writing, struct slice text, struct slice url)
{
	struct template_values *item;

	if (text.size == 0)
		return;
	item = template_list_add(writing->list);
	template_put_run(item, "run", text);
	template_put_slice(item, "url", url);
}

static bool
is_link_byte(unsigned char byte)
{
	return byte > 0x20 && byte != 0x7f && strchr("<>\"\\^`{|}", byte) == NULL;
}

static bool
is_word_byte(unsigned char byte)
{
	byte = slice_lower(byte);
	return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte >= 0x80;
}

/* A bracket that closes nothing in the address belongs to the sentence. */
static bool
closes_nothing(struct slice address)
{
	unsigned char last = address.data[address.size - 1];
	unsigned char open = last == ')' ? '(' : '[';
	size_t opened = 0, closed = 0;

	if (last != ')' && last != ']')
		return false;
	for (size_t i = 0; i < address.size; i++) {
		opened += address.data[i] == open ? 1 : 0;
		closed += address.data[i] == last ? 1 : 0;
	}
	return closed > opened;
}

/* Whose host can be read for what it is: ASCII, and nothing in front of it that looks like one. */
static bool
is_honest(struct slice address, size_t host)
{
	size_t end = host;

	while (end < address.size && strchr("/?#", address.data[end]) == NULL) {
		if (address.data[end] >= 0x80 || address.data[end] == '@')
			return false;
		end++;
	}
	return end > host;
}

static size_t
link_end(struct slice text, size_t begin, size_t host)
{
	size_t end = host;

	while (end < text.size && end - begin < LINK_MAX && is_link_byte(text.data[end]))
		end++;
	/* An address that is cut leads elsewhere. */
	if (end - begin == LINK_MAX)
		return begin;
	while (end > host && (strchr(".,;:!?'*_", text.data[end - 1]) != NULL ||
			      closes_nothing(slice_part(text, begin, end))))
		end--;
	return end;
}

bool
letter_text_find_link(struct slice text, size_t from, size_t *begin_out, size_t *end_out)
{
	static const char *const schemes[] = {"https://", "http://", "mailto:"};

	for (size_t at = from; (at = slice_find_byte(text, ':', at)) != SLICE_NONE; at++) {
		for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
			struct slice scheme = slice_from_text(schemes[i]);
			size_t front = slice_find_byte(scheme, ':', 0);
			size_t begin = at - front, host, end;

			if (at < from + front ||
			    !slice_starts_nocase(slice_part(text, begin, text.size), scheme) ||
			    (begin > 0 && is_word_byte(text.data[begin - 1])))
				continue;
			host = begin + scheme.size;
			end = link_end(text, begin, host);
			if (end <= host ||
			    (i < 2 && !is_honest(slice_part(text, begin, end), scheme.size)))
				continue;
			*begin_out = begin;
			*end_out = end;
			return true;
		}
	}
	return false;
}

static void
put_runs(struct writing *writing, struct slice text)
{
	size_t at = 0, begin, end;

	while (letter_text_find_link(text, at, &begin, &end)) {
		struct slice link = slice_part(text, begin, end);

		put_run(writing, slice_part(text, at, begin), slice_of("", 0));
		put_run(writing, link, link);
		at = end;
	}
	put_run(writing, slice_part(text, at, text.size), slice_of("", 0));
}

static void
end_lines(struct writing *writing)
{
	if (writing->lines)
		put_flag(writing, "lines_end");
	writing->lines = false;
}

static void
end_signature(struct writing *writing)
{
	end_lines(writing);
	if (writing->signature)
		put_flag(writing, "signature_end");
	writing->signature = false;
}

static void
set_quotes(struct writing *writing, size_t quotes)
{
	if (writing->quotes == quotes)
		return;
	end_signature(writing);
	for (; writing->quotes < quotes; writing->quotes++)
		put_flag(writing, "quote_begin");
	for (; writing->quotes > quotes; writing->quotes--)
		put_flag(writing, "quote_end");
}

struct slice
letter_text_unquote(struct slice line, size_t *depth_out)
{
	size_t at = 0, depth = 0;

	while (depth < LETTER_QUOTES_MAX) {
		size_t next = at;

		if (depth > 0 && next < line.size && line.data[next] == ' ')
			next++;
		if (next == line.size || line.data[next] != '>')
			break;
		at = next + 1;
		depth++;
	}
	if (depth > 0 && at < line.size && line.data[at] == ' ')
		at++;
	*depth_out = depth;
	return slice_part(line, at, line.size);
}

/* Text browsers do not indent preformatted lines: for them a quote has its marks, which the style
 * sheet hides. */
static void
put_mark(struct writing *writing)
{
	static const char marks[LETTER_QUOTES_MAX + 1] = ">>>>>>>>";

	if (writing->quotes > 0)
		template_put_text(template_list_add(writing->list), "mark",
				  marks + LETTER_QUOTES_MAX - writing->quotes);
}

/* Text browsers cut preformatted lines that are wider than the screen, so that a long line goes out
 * as a paragraph of its own; all others stay together as they were written. */
static void
put_line(struct writing *writing, struct slice line)
{
	if (slice_count_characters(line) > LONG_LINE) {
		end_lines(writing);
		put_flag(writing, "line_begin");
		put_mark(writing);
		put_runs(writing, line);
		put_flag(writing, "line_end");
		return;
	}
	if (!writing->lines)
		put_flag(writing, "lines_begin");
	writing->lines = true;
	put_mark(writing);
	put_runs(writing, line);
	put_run(writing, SLICE("\n"), slice_of("", 0));
}

void
letter_text_put(struct template_list *list, struct slice text)
{
	struct writing writing = {.list = list};

	for (size_t at = 0; at < text.size;) {
		size_t end = slice_find_byte(text, '\n', at);
		struct slice line = slice_part(text, at, end == SLICE_NONE ? text.size : end);
		size_t depth;

		at += line.size + 1;
		line = letter_text_unquote(line, &depth);
		set_quotes(&writing, depth);
		/* RFC 3676 section 4.3. */
		if (depth == 0 && !writing.signature && slice_equal(line, SLICE("-- "))) {
			end_lines(&writing);
			put_flag(&writing, "signature_begin");
			writing.signature = true;
		}
		put_line(&writing, line);
	}
	set_quotes(&writing, 0);
	end_signature(&writing);
}
