#include "mail/archive.h"

#include "mail/charset.h"
#include "mail/file_kind.h"
#include "mail/utf8.h"

#define END_SIZE ((size_t)22) /* end of central directory record, without its comment */
#define COMMENT_MAX ((size_t)65535)
#define LOCATOR_SIZE ((size_t)20)
#define END64_SIZE ((size_t)56)
#define ENTRY_SIZE ((size_t)46) /* of a directory entry, without name, extra and comment */

#define END_MARK 0x06054b50U
#define LOCATOR_MARK 0x07064b50U
#define END64_MARK 0x06064b50U
#define ENTRY_MARK 0x02014b50U

#define FLAG_ENCRYPTED 0x0001U
#define FLAG_UTF8 0x0800U
#define FLAG_MASKED 0x2000U /* even the names are encrypted */
#define EXTRA_ZIP64 0x0001U

/* Where the central directory stands. */
struct directory {
	uint64_t offset;
	uint64_t size;
	uint64_t end; /* where what follows it begins */
};

static uint64_t
number_at(struct slice bytes, size_t at, size_t size)
{
	uint64_t number = 0;

	while (size-- > 0)
		number = number << 8 | bytes.data[at + size];
	return number;
}

/* The record is looked for from the end: a comment may hold what looks like one. */
static bool
find_end(struct slice tail, size_t *at_out)
{
	if (tail.size < END_SIZE)
		return false;
	for (size_t at = tail.size - END_SIZE + 1; at-- > 0;)
		if (number_at(tail, at, 4) == END_MARK &&
		    at + END_SIZE + number_at(tail, at + 20, 2) <= tail.size) {
			*at_out = at;
			return true;
		}
	return false;
}

/* A directory whose numbers do not fit 32 bits.  Without its records the old numbers hold. */
static enum status
read_zip64(const struct source *source, uint64_t end, struct directory *directory)
{
	unsigned char bytes[END64_SIZE];
	struct slice record = slice_of(bytes, LOCATOR_SIZE);
	uint64_t at;
	enum status status;

	if (end < LOCATOR_SIZE + END64_SIZE)
		return STATUS_OK;
	status = source_read_exactly(source, end - LOCATOR_SIZE, bytes, LOCATOR_SIZE);
	if (status != STATUS_OK || number_at(record, 0, 4) != LOCATOR_MARK)
		return status;
	at = number_at(record, 8, 8);
	if (at > end - LOCATOR_SIZE - END64_SIZE)
		return STATUS_INVALID;
	record = slice_of(bytes, END64_SIZE);
	status = source_read_exactly(source, at, bytes, END64_SIZE);
	if (status == STATUS_OK && number_at(record, 0, 4) != END64_MARK)
		status = STATUS_INVALID;
	if (status != STATUS_OK)
		return status;
	directory->size = number_at(record, 40, 8);
	directory->offset = number_at(record, 48, 8);
	directory->end = at;
	return STATUS_OK;
}

static enum status
find_directory(const struct source *source, struct arena *work, struct directory *directory_out)
{
	size_t size =
	    source->size < END_SIZE + COMMENT_MAX ? (size_t)source->size : END_SIZE + COMMENT_MAX;
	unsigned char *bytes = arena_alloc(work, size + 1);
	struct slice tail = slice_of(bytes, size);
	enum status status = source_read_exactly(source, source->size - size, bytes, size);
	struct directory directory;
	size_t at;

	if (status != STATUS_OK)
		return status;
	if (!find_end(tail, &at))
		return STATUS_INVALID;
	directory.end = source->size - size + at;
	directory.size = number_at(tail, at + 12, 4);
	directory.offset = number_at(tail, at + 16, 4);
	status = read_zip64(source, directory.end, &directory);
	if (status != STATUS_OK)
		return status;
	/* Something may stand before the archive: then all offsets are short by its size. */
	if (directory.size <= directory.end && directory.offset < directory.end - directory.size)
		directory.offset = directory.end - directory.size;
	if (directory.offset > directory.end || directory.size > directory.end - directory.offset)
		return STATUS_INVALID;
	*directory_out = directory;
	return STATUS_OK;
}

/* The size in the ZIP64 field, when the old one says that it is there. */
static uint64_t
large_size(struct slice extra, uint64_t size)
{
	if (size != UINT32_MAX)
		return size;
	while (extra.size >= 4) {
		size_t length = (size_t)number_at(extra, 2, 2);

		if (length > extra.size - 4)
			break;
		if (number_at(extra, 0, 2) == EXTRA_ZIP64 && length >= 8)
			return number_at(extra, 4, 8);
		extra = slice_part(extra, 4 + length, extra.size);
	}
	return size;
}

/* Names are UTF-8 when they say so, or when they are; else in the first charset of the PC. */
static const char *
readable_name(struct slice name, bool is_utf8, struct arena *arena)
{
	struct text *text;

	name = slice_part(name, 0, 4 * ARCHIVE_NAME_MAX);
	if (is_utf8 || utf8_is_valid(name))
		return utf8_clean_line(name, ARCHIVE_NAME_MAX, arena);
	text = arena_alloc(arena, sizeof(*text));
	text_init_in(text, arena, 4 * name.size + 4);
	charset_convert(charset_open("ibm437", arena), name, true, text);
	return utf8_clean_line(text_slice(text), ARCHIVE_NAME_MAX, arena);
}

static void
take_entry(struct archive_listing *listing, struct slice entry, struct slice name,
	   struct slice extra, struct arena *arena)
{
	unsigned flags = (unsigned)number_at(entry, 8, 2);
	enum file_kind kind = file_kind_of(name, SLICE(""));
	struct archive_item *kept = &listing->items[listing->item_count];
	uint64_t size = large_size(extra, number_at(entry, 24, 4));

	if ((flags & (FLAG_ENCRYPTED | FLAG_MASKED)) != 0)
		listing->is_encrypted = true;
	if (name.size == 0 || name.data[name.size - 1] == '/' || name.data[name.size - 1] == '\\')
		return;
	listing->files++;
	listing->size = size > UINT64_MAX - listing->size ? UINT64_MAX : listing->size + size;
	if (file_kind_is_risky(kind))
		listing->holds_risky = true;
	if (kind == FILE_KIND_ZIP || kind == FILE_KIND_ARCHIVE)
		listing->holds_archives = true;
	if (listing->item_count == ARCHIVE_ITEMS_MAX)
		return;
	kept->name = readable_name(name, (flags & FLAG_UTF8) != 0, arena);
	kept->size = size;
	kept->is_risky = file_kind_is_risky(kind);
	listing->item_count++;
}

static void
read_entries(struct slice bytes, struct archive_listing *listing, struct arena *arena)
{
	size_t at = 0;

	while (bytes.size - at >= ENTRY_SIZE) {
		struct slice entry = slice_part(bytes, at, at + ENTRY_SIZE);
		size_t name, extra, comment;

		if (number_at(entry, 0, 4) != ENTRY_MARK)
			break;
		name = (size_t)number_at(entry, 28, 2);
		extra = (size_t)number_at(entry, 30, 2);
		comment = (size_t)number_at(entry, 32, 2);
		if (name + extra + comment > bytes.size - at - ENTRY_SIZE)
			break;
		at += ENTRY_SIZE;
		take_entry(listing, entry, slice_part(bytes, at, at + name),
			   slice_part(bytes, at + name, at + name + extra), arena);
		at += name + extra + comment;
	}
	/* What is left is cut off, or no entry. */
	if (at < bytes.size)
		listing->has_more = true;
}

static enum status
list(const struct source *source, struct arena *work, struct arena *arena,
     struct archive_listing *listing)
{
	struct directory directory;
	unsigned char *bytes;
	size_t size;
	enum status status = find_directory(source, work, &directory);

	if (status != STATUS_OK)
		return status;
	size =
	    directory.size < ARCHIVE_DIRECTORY_MAX ? (size_t)directory.size : ARCHIVE_DIRECTORY_MAX;
	listing->has_more = size < directory.size;
	bytes = arena_alloc(work, size + 1);
	status = source_read_exactly(source, directory.offset, bytes, size);
	if (status != STATUS_OK)
		return status;
	if (size >= 4 && number_at(slice_of(bytes, size), 0, 4) != ENTRY_MARK)
		return STATUS_INVALID;
	/* An entry takes ENTRY_SIZE bytes at least. */
	listing->items = arena_alloc_many(
	    arena,
	    (size / ENTRY_SIZE < ARCHIVE_ITEMS_MAX ? size / ENTRY_SIZE : ARCHIVE_ITEMS_MAX) + 1,
	    sizeof(*listing->items));
	read_entries(slice_of(bytes, size), listing, arena);
	return STATUS_OK;
}

enum status
archive_list(const struct source *source, struct arena *arena, struct archive_listing *listing_out)
{
	struct arena *work = arena_new();
	struct archive_listing listing = {.item_count = 0};
	enum status status = list(source, work, arena, &listing);

	arena_free(work);
	if (status == STATUS_OK)
		*listing_out = listing;
	return status;
}
