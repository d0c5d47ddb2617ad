#include "base/catalogue.h"

#include <string.h>

#define HEADER_SIZE ((size_t)28)
#define MAGIC 0x950412deU
#define MAGIC_SWAPPED 0xde120495U
#define CONTEXT_END 0x04 /* between context and text */

struct entry {
	struct slice key; /* context, text and plural as msgfmt joins them */
	struct slice translation;
};

struct catalogue {
	struct entry *entries; /* sorted by key */
	size_t count;
};

/* A file while it is read. */
struct reader {
	struct slice bytes;
	bool swapped;
};

static uint32_t
number_at(const struct reader *reader, size_t at)
{
	const unsigned char *bytes = reader->bytes.data + at;
	uint32_t number = (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
			  (uint32_t)bytes[3] << 24;

	return reader->swapped ? __builtin_bswap32(number) : number;
}

/* The text that row `row` of the table at `table` names; false when it lies outside or has no
 * NUL where it ends. */
static bool
text_at(const struct reader *reader, size_t table, size_t row, struct slice *text_out)
{
	size_t size = number_at(reader, table + row * 8);
	size_t from = number_at(reader, table + row * 8 + 4);

	if (from >= reader->bytes.size || size >= reader->bytes.size - from ||
	    reader->bytes.data[from + size] != '\0')
		return false;
	*text_out = slice_part(reader->bytes, from, from + size);
	return true;
}

static bool
has_table(const struct reader *reader, size_t table, size_t count)
{
	return table <= reader->bytes.size && count <= (reader->bytes.size - table) / 8;
}

static int
compare(struct slice a, struct slice b)
{
	size_t size = a.size < b.size ? a.size : b.size;
	int order = size == 0 ? 0 : memcmp(a.data, b.data, size);

	if (order != 0 || a.size == b.size)
		return order;
	return a.size < b.size ? -1 : 1;
}

static bool
read_entries(const struct reader *reader, size_t keys, size_t translations,
	     struct catalogue *catalogue)
{
	for (size_t i = 0; i < catalogue->count; i++) {
		struct entry *entry = &catalogue->entries[i];

		if (!text_at(reader, keys, i, &entry->key) ||
		    !text_at(reader, translations, i, &entry->translation))
			return false;
		if (i > 0 && compare(catalogue->entries[i - 1].key, entry->key) >= 0)
			return false;
	}
	return true;
}

enum status
catalogue_read(struct slice bytes, struct arena *arena, struct catalogue **catalogue_out)
{
	struct reader reader = {.bytes = bytes};
	struct catalogue *catalogue;
	size_t count, keys, translations;

	if (bytes.size > CATALOGUE_FILE_MAX)
		return STATUS_TOO_LARGE;
	if (bytes.size < HEADER_SIZE)
		return STATUS_INVALID;
	reader.swapped = number_at(&reader, 0) == MAGIC_SWAPPED;
	/* Of the revision the major number alone tells of another form. */
	if (number_at(&reader, 0) != MAGIC || number_at(&reader, 4) >> 16 != 0)
		return STATUS_INVALID;
	count = number_at(&reader, 8);
	keys = number_at(&reader, 12);
	translations = number_at(&reader, 16);
	if (count > CATALOGUE_ENTRIES_MAX || !has_table(&reader, keys, count) ||
	    !has_table(&reader, translations, count))
		return STATUS_INVALID;
	reader.bytes = arena_copy(arena, bytes);
	catalogue = arena_alloc(arena, sizeof(*catalogue));
	catalogue->count = count;
	catalogue->entries = arena_alloc_many(arena, count + 1, sizeof(*catalogue->entries));
	if (!read_entries(&reader, keys, translations, catalogue))
		return STATUS_INVALID;
	*catalogue_out = catalogue;
	return STATUS_OK;
}

size_t
catalogue_count(const struct catalogue *catalogue)
{
	return catalogue == NULL ? 0 : catalogue->count;
}

/* Take the bytes of `part` off the front of *key; the order of the two when they differ. */
static int
compare_piece(struct slice part, struct slice *key)
{
	size_t size = part.size < key->size ? part.size : key->size;
	int order = size == 0 ? 0 : memcmp(part.data, key->data, size);

	if (order != 0)
		return order;
	if (part.size > key->size)
		return 1;
	*key = slice_part(*key, part.size, key->size);
	return 0;
}

/* The phrase's key is never put together: it is compared piece by piece. */
static int
compare_phrase(const struct phrase *phrase, struct slice key)
{
	static const unsigned char end = CONTEXT_END, between = '\0';
	const struct slice pieces[] = {
	    phrase->context, slice_of(&end, phrase->context.size > 0 ? 1 : 0),
	    phrase->text,    slice_of(&between, phrase->plural.size > 0 ? 1 : 0),
	    phrase->plural,
	};

	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		int order = compare_piece(pieces[i], &key);

		if (order != 0)
			return order;
	}
	return key.size == 0 ? 0 : -1;
}

bool
catalogue_find(const struct catalogue *catalogue, const struct phrase *phrase,
	       struct slice *translation_out)
{
	size_t low = 0;
	size_t high = catalogue_count(catalogue);

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct entry *entry = &catalogue->entries[middle];
		int order = compare_phrase(phrase, entry->key);

		if (order == 0) {
			*translation_out = entry->translation;
			return entry->translation.size > 0;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return false;
}

size_t
catalogue_forms(struct slice translation)
{
	size_t count = 1;

	for (size_t i = 0; i < translation.size; i++)
		count += translation.data[i] == '\0';
	return count;
}

struct slice
catalogue_form(struct slice translation, size_t form)
{
	size_t from = 0;

	for (;;) {
		size_t end = slice_find_byte(translation, '\0', from);

		if (end == SLICE_NONE)
			return slice_part(translation, from, translation.size);
		if (form == 0)
			return slice_part(translation, from, end);
		form--;
		from = end + 1;
	}
}

struct slice
catalogue_field(const struct catalogue *catalogue, const char *name)
{
	struct slice wanted = slice_from_text(name);
	struct slice header;
	size_t from = 0;

	if (!catalogue_find(catalogue, &(struct phrase){.text = SLICE("")}, &header))
		return slice_of(NULL, 0);
	while (from < header.size) {
		size_t end = slice_find_byte(header, '\n', from);
		struct slice line;

		if (end == SLICE_NONE)
			end = header.size;
		line = slice_part(header, from, end);
		if (slice_starts_nocase(line, wanted) && line.size > wanted.size &&
		    line.data[wanted.size] == ':')
			return slice_trim(slice_part(line, wanted.size + 1, line.size));
		from = end + 1;
	}
	return slice_of(NULL, 0);
}
