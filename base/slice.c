#include "base/slice.h"

#include <limits.h>
#include <string.h>

struct slice
slice_of(const void *data, size_t size)
{
	return (struct slice){data, size};
}

struct slice
slice_from_text(const char *text)
{
	return (struct slice){(const unsigned char *)text, text == NULL ? 0 : strlen(text)};
}

struct slice
slice_part(struct slice whole, size_t from, size_t to)
{
	if (to > whole.size)
		to = whole.size;
	if (from > to)
		from = to;
	if (whole.data == NULL)
		return whole;
	return (struct slice){whole.data + from, to - from};
}

bool
slice_equal(struct slice a, struct slice b)
{
	return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

unsigned char
slice_lower(unsigned char byte)
{
	return byte >= 'A' && byte <= 'Z' ? (unsigned char)(byte + ('a' - 'A')) : byte;
}

bool
slice_starts_nocase(struct slice whole, struct slice prefix)
{
	if (whole.size < prefix.size)
		return false;
	for (size_t i = 0; i < prefix.size; i++)
		if (slice_lower(whole.data[i]) != slice_lower(prefix.data[i]))
			return false;
	return true;
}

bool
slice_equal_nocase(struct slice a, struct slice b)
{
	return a.size == b.size && slice_starts_nocase(a, b);
}

size_t
slice_find_byte(struct slice whole, unsigned char byte, size_t from)
{
	const unsigned char *hit;

	if (from >= whole.size)
		return SLICE_NONE;
	hit = memchr(whole.data + from, byte, whole.size - from);
	return hit == NULL ? SLICE_NONE : (size_t)(hit - whole.data);
}

size_t
slice_find(struct slice whole, struct slice needle, size_t from)
{
	const unsigned char *hit;

	if (from > whole.size || needle.size > whole.size - from)
		return SLICE_NONE;
	if (needle.size == 0)
		return from;
	hit = memmem(whole.data + from, whole.size - from, needle.data, needle.size);
	return hit == NULL ? SLICE_NONE : (size_t)(hit - whole.data);
}

size_t
slice_find_nocase(struct slice whole, struct slice needle, size_t from)
{
	for (size_t i = from; i <= whole.size && needle.size <= whole.size - i; i++)
		if (slice_starts_nocase(slice_part(whole, i, whole.size), needle))
			return i;
	return SLICE_NONE;
}

static bool
is_blank(unsigned char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

struct slice
slice_trim(struct slice whole)
{
	size_t from = 0, to = whole.size;

	while (from < to && is_blank(whole.data[from]))
		from++;
	while (to > from && is_blank(whole.data[to - 1]))
		to--;
	return slice_part(whole, from, to);
}

struct slice
slice_take_line(struct slice *rest)
{
	size_t end = slice_find_byte(*rest, '\n', 0);
	struct slice line = slice_part(*rest, 0, end == SLICE_NONE ? rest->size : end);

	*rest = slice_part(*rest, end == SLICE_NONE ? rest->size : end + 1, rest->size);
	return line;
}

bool
slice_to_number(struct slice digits, unsigned long long *number_out)
{
	unsigned long long number = 0;

	if (digits.size == 0)
		return false;
	for (size_t i = 0; i < digits.size; i++) {
		unsigned char byte = digits.data[i];

		if (byte < '0' || byte > '9')
			return false;
		if (number > (ULLONG_MAX - (byte - '0')) / 10)
			return false;
		number = number * 10 + (unsigned long long)(byte - '0');
	}
	*number_out = number;
	return true;
}

size_t
slice_count_characters(struct slice text)
{
	size_t count = 0;

	for (size_t i = 0; i < text.size; i++)
		count += (text.data[i] & 0xc0) != 0x80;
	return count;
}
