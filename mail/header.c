#include "mail/header.h"

#include <string.h>

#include "base/text.h"
#include "mail/words.h"

#define PIECE ((size_t)16384)

static bool
is_line_end(struct slice bytes, size_t at)
{
	return bytes.data[at] == '\n' ||
	       (bytes.data[at] == '\r' && at + 1 < bytes.size && bytes.data[at + 1] == '\n');
}

/* Offset just behind the line that begins at `at`. */
static size_t
line_end(struct slice bytes, size_t at)
{
	size_t end = slice_find_byte(bytes, '\n', at);

	return end == SLICE_NONE ? bytes.size : end + 1;
}

/* Where the blank line stands at or behind line start `from`, or SLICE_NONE.  *from_out is the
 * start of the last line that was looked at, for the next try with more bytes. */
static size_t
find_blank_line(struct slice bytes, size_t from, size_t *from_out)
{
	while (from < bytes.size) {
		size_t end;

		if (is_line_end(bytes, from))
			return from;
		*from_out = from;
		end = slice_find_byte(bytes, '\n', from);
		if (end == SLICE_NONE)
			return SLICE_NONE;
		from = end + 1;
		*from_out = from;
	}
	return SLICE_NONE;
}

/* Read until the blank line is in `text`; *blank_out is its place or the end of all. */
static enum status
read_block(const struct source *source, struct text *text, size_t *blank_out)
{
	size_t line = 0;

	for (;;) {
		unsigned char *room = text_reserve(text, PIECE);
		enum status status;
		size_t got, blank;

		if (room == NULL)
			return STATUS_TOO_LARGE;
		status = source->read_at(source->context, text->size, room, PIECE, &got);
		if (status != STATUS_OK)
			return status;
		text_commit(text, got);
		blank = find_blank_line(text_slice(text), line, &line);
		if (blank == SLICE_NONE && got == 0)
			blank = text->size;
		if (blank != SLICE_NONE) {
			*blank_out = blank;
			return blank > HEADER_BLOCK_MAX ? STATUS_TOO_LARGE : STATUS_OK;
		}
	}
}

/* A field name is printable ASCII without colon (RFC 5322 section 2.2); blanks before the colon
 * are the obsolete form. */
static bool
split_field(struct slice line, struct slice *name, struct slice *value)
{
	size_t colon = slice_find_byte(line, ':', 0);
	size_t end = colon;

	if (colon == SLICE_NONE || colon == 0)
		return false;
	while (end > 0 && (line.data[end - 1] == ' ' || line.data[end - 1] == '\t'))
		end--;
	for (size_t i = 0; i < end; i++)
		if (line.data[i] <= 0x20 || line.data[i] >= 0x7f)
			return false;
	*name = slice_part(line, 0, end);
	*value = slice_part(line, colon + 1, line.size);
	return end > 0;
}

static struct slice
without_line_end(struct slice bytes)
{
	if (bytes.size > 0 && bytes.data[bytes.size - 1] == '\n')
		bytes.size--;
	if (bytes.size > 0 && bytes.data[bytes.size - 1] == '\r')
		bytes.size--;
	return bytes;
}

/* List the fields of the block into `fields` (may be NULL) and count them. */
static size_t
list_fields(struct slice bytes, struct header_field *fields)
{
	size_t count = 0;

	for (size_t at = 0; at < bytes.size;) {
		struct header_field field;
		size_t end = line_end(bytes, at);

		while (end < bytes.size && (bytes.data[end] == ' ' || bytes.data[end] == '\t'))
			end = line_end(bytes, end);
		if (split_field(without_line_end(slice_part(bytes, at, end)), &field.name,
				&field.value)) {
			field.offset = at;
			field.size = end - at;
			if (fields != NULL)
				fields[count] = field;
			count++;
		}
		at = end;
	}
	return count;
}

enum status
header_read(const struct source *source, struct arena *arena, struct header_block *block_out)
{
	struct header_block block = {.count = 0};
	enum status status;
	struct text text;
	size_t blank = 0;

	text_init(&text, HEADER_BLOCK_MAX + 2 * PIECE);
	status = read_block(source, &text, &blank);
	if (status == STATUS_OK) {
		struct slice all = text_slice(&text);

		block.body = blank < all.size ? line_end(all, blank) : blank;
		block.bytes = arena_copy(arena, slice_part(all, 0, blank));
		block.count = list_fields(block.bytes, NULL);
		if (block.count > HEADER_FIELDS_MAX)
			status = STATUS_TOO_LARGE;
	}
	text_clear(&text);
	if (status != STATUS_OK)
		return status;
	block.fields = arena_alloc_many(arena, block.count, sizeof(*block.fields));
	list_fields(block.bytes, block.fields);
	*block_out = block;
	return STATUS_OK;
}

enum status
header_bytes(const struct source *source, struct arena *arena, struct slice *bytes_out)
{
	struct text text;
	size_t blank = 0;
	enum status status;

	text_init(&text, HEADER_BLOCK_MAX + 2 * PIECE);
	status = read_block(source, &text, &blank);
	if (status == STATUS_OK) {
		struct slice all = text_slice(&text);

		*bytes_out = arena_copy(
		    arena,
		    slice_part(all, 0, blank < all.size ? line_end(all, blank) : blank));
	}
	text_clear(&text);
	return status;
}

const struct header_field *
header_find(const struct header_block *block, const char *name, size_t from)
{
	for (size_t i = from; i < block->count; i++)
		if (slice_equal_nocase(block->fields[i].name, slice_from_text(name)))
			return &block->fields[i];
	return NULL;
}

const char *
header_decode(struct slice value, size_t limit, struct arena *arena)
{
	return words_text(value, limit, arena);
}
