/*
 * Borrowed bytes: a pointer and a length, owned by somebody else (an arena, a
 * buffer, a literal).  May hold NUL; is not NUL-terminated unless its maker
 * says so.
 */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>

struct slice {
	const unsigned char *data;
	size_t size;
};

/* A slice over a string literal, without its NUL. */
#define SLICE(literal) ((struct slice){(const unsigned char *)("" literal), sizeof(literal) - 1})

/* Borrow `size` bytes at `data`. */
struct slice slice_of(const void *data, size_t size);

/* Borrow a NUL-terminated text without its NUL; NULL gives the empty slice. */
struct slice slice_from_text(const char *text);

/* Bytes [from, to), both clamped to the slice. */
struct slice slice_part(struct slice whole, size_t from, size_t to);

bool slice_equal(struct slice a, struct slice b);

/* ASCII letters compare without case; other bytes exactly. */
bool slice_equal_nocase(struct slice a, struct slice b);
bool slice_starts_nocase(struct slice whole, struct slice prefix);

#define SLICE_NONE ((size_t)-1)

/* Position of the first `byte` / `needle` at or after `from`, or SLICE_NONE. */
size_t slice_find_byte(struct slice whole, unsigned char byte, size_t from);
size_t slice_find(struct slice whole, struct slice needle, size_t from);
size_t slice_find_nocase(struct slice whole, struct slice needle, size_t from);

/* Without leading and trailing blanks, tabs, CR and LF. */
struct slice slice_trim(struct slice whole);

/* The bytes before the next LF, or all that is left; *rest moves behind it. */
struct slice slice_take_line(struct slice *rest);

/* Decimal digits only, no sign; false on anything else, overflow or an empty slice. */
bool slice_to_number(struct slice digits, unsigned long long *number_out);

/* Characters of UTF-8 text: bytes that do not continue one. */
size_t slice_count_characters(struct slice text);

/* ASCII lower case of one byte, independent of any locale. */
unsigned char slice_lower(unsigned char byte);

#endif
