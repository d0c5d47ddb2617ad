#include "mail/quoted.h"

#include <string.h>

#define LINK_MAX ((size_t)2000)

struct slice
quoted_line(struct slice line, size_t *depth_out)
{
	size_t at = 0, depth = 0;

	while (depth < QUOTED_DEPTH_MAX) {
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
quoted_find_link(struct slice text, size_t from, size_t *begin_out, size_t *end_out)
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
