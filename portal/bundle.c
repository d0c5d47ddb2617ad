#include "portal/bundle.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <string.h>

#include "base/log.h"
#include "mail/file_name.h"

#define PIECE ((size_t)65536)

/* What the library writes at once beside the files: the directory of all, at the end. */
#define HELD_MAX (BUNDLE_FILES_MAX * 1024 + 65536)

struct bundle {
	const struct bundle_entry *entries;
	size_t count;
	bundle_opener *opener;
	void *context;
	locale_t locale; /* the library takes names in that of its thread */
	struct archive *writer;
	size_t next;	     /* entry to begin with next */
	bool ended;	     /* the directory is written */
	struct arena *files; /* of the part at hand; NULL between parts */
	struct source file;
	uint64_t file_at;
	uint64_t position; /* bytes handed over */
	struct text held;  /* bytes made and not handed over, from held_at on */
	size_t held_at;
	unsigned char *room; /* where the reader wants bytes, while it waits for them */
	size_t room_size;
	unsigned char piece[PIECE];
};

/* Bytes of the archive: to the reader who waits, the rest is held. */
static la_ssize_t
take(struct archive *writer, void *context, const void *bytes, size_t size)
{
	struct bundle *bundle = context;
	size_t direct = size < bundle->room_size ? size : bundle->room_size;

	(void)writer;
	if (direct > 0) {
		memcpy(bundle->room, bytes, direct);
		bundle->room += direct;
		bundle->room_size -= direct;
	}
	text_append(&bundle->held, slice_of((const char *)bytes + direct, size - direct));
	return text_ok(&bundle->held) ? (la_ssize_t)size : -1;
}

static la_ssize_t
count_bytes(struct archive *writer, void *context, const void *bytes, size_t size)
{
	uint64_t *total = context;

	(void)writer;
	(void)bytes;
	*total += size;
	return (la_ssize_t)size;
}

/* A writer of stored entries that keeps nothing back. */
static struct archive *
new_writer(const char *options, archive_write_callback *write, void *context)
{
	struct archive *writer = archive_write_new();

	if (writer == NULL)
		return NULL;
	if (archive_write_set_format_zip(writer) == ARCHIVE_OK &&
	    archive_write_zip_set_compression_store(writer) == ARCHIVE_OK &&
	    archive_write_set_options(writer, options) == ARCHIVE_OK &&
	    archive_write_set_bytes_per_block(writer, 0) == ARCHIVE_OK &&
	    archive_write_open(writer, context, NULL, write, NULL) == ARCHIVE_OK)
		return writer;
	archive_write_free(writer);
	return NULL;
}

static enum status
begin_entry(const struct bundle *bundle, struct archive *writer, size_t index)
{
	struct archive_entry *entry = archive_entry_new();
	int result;

	if (entry == NULL)
		return STATUS_UNAVAILABLE;
	archive_entry_copy_pathname(entry, bundle->entries[index].name);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0644);
	archive_entry_set_size(entry, (la_int64_t)bundle->entries[index].size);
	if (bundle->entries[index].at > 0)
		archive_entry_set_mtime(entry, bundle->entries[index].at, 0);
	result = archive_write_header(writer, entry);
	archive_entry_free(entry);
	return result == ARCHIVE_OK ? STATUS_OK : STATUS_INTERNAL;
}

/* The same archive with nothing in its files tells the size: only the checksums differ, and they
 * are left out. */
static enum status
measure(const struct bundle *bundle, uint64_t *size_out)
{
	static const unsigned char nothing[PIECE];
	enum status status = STATUS_OK;
	uint64_t total = 0;
	struct archive *writer =
	    new_writer("zip:hdrcharset=UTF-8,zip:fakecrc32", count_bytes, &total);

	if (writer == NULL)
		return STATUS_UNAVAILABLE;
	for (size_t i = 0; i < bundle->count && status == STATUS_OK; i++) {
		uint64_t left = bundle->entries[i].size;

		status = begin_entry(bundle, writer, i);
		while (left > 0 && status == STATUS_OK) {
			size_t size = left < PIECE ? (size_t)left : PIECE;

			if (archive_write_data(writer, nothing, size) != (la_ssize_t)size)
				status = STATUS_INTERNAL;
			left -= size;
		}
	}
	if (archive_write_close(writer) != ARCHIVE_OK && status == STATUS_OK)
		status = STATUS_INTERNAL;
	archive_write_free(writer);
	*size_out = total;
	return status;
}

static void
end_file(struct bundle *bundle)
{
	arena_free(bundle->files);
	bundle->files = NULL;
}

static enum status
begin_file(struct bundle *bundle)
{
	size_t index = bundle->next;
	enum status status;

	bundle->files = arena_new();
	bundle->file_at = 0;
	status = bundle->opener(bundle->context, index, bundle->files, &bundle->file);
	/* The size was promised to the browser. */
	if (status == STATUS_OK && bundle->file.size != bundle->entries[index].size)
		status = STATUS_DAMAGED;
	return status == STATUS_OK ? begin_entry(bundle, bundle->writer, bundle->next++) : status;
}

/* The next bytes of the file at hand. */
static enum status
go_on(struct bundle *bundle)
{
	uint64_t left = bundle->file.size - bundle->file_at;
	size_t want = left < PIECE ? (size_t)left : PIECE;
	size_t size = 0;
	enum status status;

	if (left == 0) {
		end_file(bundle);
		return archive_write_finish_entry(bundle->writer) == ARCHIVE_OK ? STATUS_OK
										: STATUS_INTERNAL;
	}
	status =
	    bundle->file.read_at(bundle->file.context, bundle->file_at, bundle->piece, want, &size);
	if (status == STATUS_OK && size == 0)
		status = STATUS_DAMAGED;
	if (status != STATUS_OK)
		return status;
	bundle->file_at += size;
	return archive_write_data(bundle->writer, bundle->piece, size) == (la_ssize_t)size
		   ? STATUS_OK
		   : STATUS_INTERNAL;
}

static enum status
make_more(struct bundle *bundle)
{
	if (bundle->files != NULL)
		return go_on(bundle);
	if (bundle->next < bundle->count)
		return begin_file(bundle);
	bundle->ended = true;
	return archive_write_close(bundle->writer) == ARCHIVE_OK ? STATUS_OK : STATUS_INTERNAL;
}

/* What was made before and not fetched. */
static size_t
take_held(struct bundle *bundle, unsigned char *bytes, size_t room)
{
	struct slice held = text_slice(&bundle->held);
	struct slice part = slice_part(held, bundle->held_at, bundle->held_at + room);

	if (part.size > 0)
		memcpy(bytes, part.data, part.size);
	bundle->held_at += part.size;
	if (bundle->held_at == held.size) {
		text_reset(&bundle->held);
		bundle->held_at = 0;
	}
	return part.size;
}

static enum status
fill(struct bundle *bundle, unsigned char *bytes, size_t room, size_t *size_out)
{
	size_t size = take_held(bundle, bytes, room);
	enum status status = STATUS_OK;

	bundle->room = bytes + size;
	bundle->room_size = room - size;
	while (bundle->room_size == room && !bundle->ended && status == STATUS_OK)
		status = make_more(bundle);
	*size_out = room - bundle->room_size;
	bundle->room_size = 0;
	return status;
}

static enum status
read_bundle(void *context, uint64_t offset, unsigned char *bytes, size_t room, size_t *size_out)
{
	struct bundle *bundle = context;
	locale_t before;
	enum status status;

	if (offset != bundle->position)
		return STATUS_INVALID;
	*size_out = 0;
	if (room == 0)
		return STATUS_OK;
	before = uselocale(bundle->locale);
	status = fill(bundle, bytes, room, size_out);
	uselocale(before);
	bundle->position += *size_out;
	return status;
}

static void
release(void *argument)
{
	struct bundle *bundle = argument;

	if (bundle->writer != NULL) {
		/* What it writes on its way out has no reader any more; archive_write_fail before
		 * would keep it silent, but leaks. */
		archive_write_free(bundle->writer);
	}
	end_file(bundle);
	if (bundle->locale != (locale_t)0)
		freelocale(bundle->locale);
}

static enum status
prepare(struct bundle *bundle, uint64_t *size_out)
{
	locale_t before = uselocale(bundle->locale);
	enum status status = measure(bundle, size_out);

	if (status == STATUS_OK) {
		bundle->writer = new_writer("zip:hdrcharset=UTF-8", take, bundle);
		if (bundle->writer == NULL)
			status = STATUS_UNAVAILABLE;
	}
	uselocale(before);
	return status;
}

enum status
bundle_open(const struct bundle_entry *entries, size_t count, bundle_opener *opener, void *context,
	    struct arena *arena, struct source *zip_out)
{
	struct bundle *bundle;
	uint64_t size = 0;
	enum status status;

	if (count > BUNDLE_FILES_MAX)
		return STATUS_TOO_LARGE;
	bundle = arena_alloc(arena, sizeof(*bundle));
	bundle->entries = entries;
	bundle->count = count;
	bundle->opener = opener;
	bundle->context = context;
	text_init_in(&bundle->held, arena, HELD_MAX);
	arena_defer(arena, release, bundle);
	/* Names are UTF-8, whatever the locale of the service is. */
	bundle->locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	if (bundle->locale == (locale_t)0) {
		log_error("locale-missing", LOG_TEXT("locale", "C.UTF-8"));
		return STATUS_UNAVAILABLE;
	}
	status = prepare(bundle, &size);
	if (status == STATUS_OK)
		*zip_out = (struct source){bundle, size, read_bundle};
	return status;
}

/* --- files of a message --- */

struct message_files {
	struct bundle_from from;
	const struct part *const *parts;
};

static enum status
open_part(void *context, size_t index, struct arena *arena, struct source *source_out)
{
	const struct message_files *files = context;

	return reading_open(files->from.reader, files->from.label, files->from.message,
			    files->from.manifest, files->parts[index], arena, source_out);
}

enum status
bundle_open_parts(const struct bundle_from *from, const struct part *const *parts, size_t count,
		  int64_t sent_at, struct arena *arena, struct source *zip_out)
{
	struct message_files *files = arena_alloc(arena, sizeof(*files));
	struct bundle_entry *entries;
	const char *const *names;

	if (count > BUNDLE_FILES_MAX)
		return STATUS_TOO_LARGE;
	*files = (struct message_files){*from, parts};
	entries = arena_alloc_many(arena, count + 1, sizeof(*entries));
	names = file_names_of_parts(parts, count, arena);
	for (size_t i = 0; i < count; i++)
		entries[i] = (struct bundle_entry){names[i], parts[i]->decoded_size, sent_at};
	return bundle_open(entries, count, open_part, files, arena, zip_out);
}
