/* Files of a message as one archive: what comes out is read back by the library's other half. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <archive.h>
#include <archive_entry.h>
#include <cmocka.h>

#include "mail/file_name.h"
#include "portal/bundle.h"

#define LARGE ((size_t)200000)
#define DATE ((int64_t)1795334400)

static struct part
part_of(const char *name, uint64_t offset, uint64_t size)
{
	return (struct part){.role = PART_FILE,
			     .encoding = PART_IDENTITY,
			     .type = "text/plain",
			     .charset = "",
			     .name = name,
			     .content_id = "",
			     .offset = offset,
			     .size = size,
			     .decoded_size = size};
}

/* Nothing here is packed, so that no task is asked. */
static enum status
open_bundle(const struct source *source, const struct part *const *parts, size_t count,
	    int64_t sent_at, struct arena *arena, struct source *zip_out)
{
	static const struct manifest none;
	const struct bundle_from from = {reader_within(), "test", source, &none};

	return bundle_open_parts(&from, parts, count, sent_at, arena, zip_out);
}

static const struct {
	const char *name;
	const char *given;
} names[] = {
    {"a.txt", "a.txt"},
    {"a.txt", "a (2).txt"},
    {"A.TXT", "A (3).TXT"},
    {"a (2).txt", "a (2) (2).txt"},
    {"a.txt", "a (4).txt"},
    {"", "text.txt"},
    {"", "text (2).txt"},
    {"../../etc/passwd", "passwd"},
    {"C:\\autoexec.bat", "autoexec.bat"},
    {"..", "text (3).txt"},
    {"con.txt", "_con.txt"},
    {"no ending", "no ending"},
    {"No Ending", "No Ending (2)"},
    {"\xc3\x9c \xe2\x82\xac.pdf", "\xc3\x9c \xe2\x82\xac.pdf"},
};

#define NAMES (sizeof(names) / sizeof(names[0]))

static void
test_names_are_safe_and_differ(void **state)
{
	struct arena *arena = arena_new();
	const struct part *parts[NAMES];
	struct part all[NAMES];
	const char *const *given;

	(void)state;
	for (size_t i = 0; i < NAMES; i++) {
		all[i] = part_of(names[i].name, 0, 0);
		parts[i] = &all[i];
	}
	given = file_names_of_parts(parts, NAMES, arena);
	for (size_t i = 0; i < NAMES; i++)
		assert_string_equal(given[i], names[i].given);
	arena_free(arena);
}

/* All of the archive, asked for in pieces of this size. */
static struct slice
read_all(const struct source *zip, size_t room)
{
	unsigned char *bytes = malloc((size_t)zip->size + 1);
	size_t at = 0, got;

	assert_non_null(bytes);
	do {
		size_t want = zip->size + 1 - at < room ? (size_t)(zip->size + 1 - at) : room;

		assert_int_equal(zip->read_at(zip->context, at, bytes + at, want, &got), STATUS_OK);
		at += got;
	} while (got > 0);
	assert_int_equal(at, zip->size); /* as it was said beforehand */
	return slice_of(bytes, at);
}

static void
check_entries(struct slice zip, const struct part *parts, size_t count, const char *const *wanted,
	      const unsigned char *message)
{
	struct archive *reader = archive_read_new();
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	locale_t before = uselocale(utf8);
	struct archive_entry *entry;
	unsigned char *content = malloc(LARGE);

	assert_non_null(content);
	assert_int_equal(archive_read_support_format_zip_seekable(reader), ARCHIVE_OK);
	/* What says of itself that it is UTF-8 is not read as this. */
	assert_int_equal(archive_read_set_options(reader, "hdrcharset=CP437"), ARCHIVE_OK);
	assert_int_equal(archive_read_open_memory(reader, zip.data, zip.size), ARCHIVE_OK);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(archive_read_next_header(reader, &entry), ARCHIVE_OK);
		assert_string_equal(archive_entry_pathname(entry), wanted[i]);
		assert_int_equal(archive_entry_size(entry), parts[i].size);
		assert_int_equal(archive_entry_mtime(entry), DATE);
		assert_int_equal(archive_entry_perm(entry), 0644);
		/* The checksum is compared at the end of each. */
		assert_int_equal(archive_read_data(reader, content, LARGE), parts[i].size);
		assert_memory_equal(content, message + parts[i].offset, parts[i].size);
	}
	assert_int_equal(archive_read_next_header(reader, &entry), ARCHIVE_EOF);
	archive_read_free(reader);
	uselocale(before);
	freelocale(utf8);
	free(content);
}

static void
test_archives_hold_the_files(void **state)
{
	static const char *const wanted[] = {"a.txt", "empty", "a (2).txt", "\xc3\xbc.txt"};
	static const size_t rooms[] = {1, 7, 4096, 65536, 1 << 20};
	struct part parts[] = {part_of("a.txt", 10, LARGE - 10), part_of("empty", 5, 0),
			       part_of("a.txt", 0, 65536), part_of("\xc3\xbc.txt", 3, 1)};
	const struct part *list[] = {&parts[0], &parts[1], &parts[2], &parts[3]};
	unsigned char *message = calloc(LARGE, 1);
	struct slice bytes = slice_of(message, LARGE);
	struct source source = source_from_slice(&bytes);

	(void)state;
	assert_non_null(message);
	for (size_t i = 0; i < LARGE; i++)
		message[i] = (unsigned char)(i * i >> 3);
	for (size_t i = 0; i < sizeof(rooms) / sizeof(rooms[0]); i++) {
		struct arena *arena = arena_new();
		struct source zip;
		struct slice all;

		assert_int_equal(open_bundle(&source, list, 4, DATE, arena, &zip), STATUS_OK);
		all = read_all(&zip, rooms[i]);
		check_entries(all, parts, 4, wanted, message);
		free((void *)all.data);
		arena_free(arena);
	}
	free(message);
}

static void
test_only_in_order(void **state)
{
	struct part part = part_of("a", 0, 100);
	const struct part *list[] = {&part};
	unsigned char message[100] = {0}, bytes[50];
	struct slice whole = slice_of(message, sizeof(message));
	struct source source = source_from_slice(&whole), zip;
	struct arena *arena = arena_new();
	size_t size;

	(void)state;
	assert_int_equal(open_bundle(&source, list, 1, 0, arena, &zip), STATUS_OK);
	assert_int_equal(zip.read_at(zip.context, 1, bytes, 50, &size), STATUS_INVALID);
	assert_int_equal(zip.read_at(zip.context, 0, bytes, 50, &size), STATUS_OK);
	assert_int_equal(zip.read_at(zip.context, 0, bytes, 50, &size), STATUS_INVALID);
	arena_free(arena); /* midway */
}

static void
test_damage_ends_it(void **state)
{
	struct part part = part_of("a", 0, 100);
	const struct part *list[] = {&part};
	unsigned char message[50] = {0}, bytes[500];
	struct slice whole = slice_of(message, sizeof(message));
	struct source source = source_from_slice(&whole), zip;
	struct arena *arena = arena_new();
	uint64_t at = 0;
	size_t size = 1;
	enum status status = STATUS_OK;

	(void)state;
	assert_int_equal(open_bundle(&source, list, 1, 0, arena, &zip), STATUS_OK);
	for (; status == STATUS_OK && size > 0; at += size)
		status = zip.read_at(zip.context, at, bytes, sizeof(bytes), &size);
	assert_int_equal(status, STATUS_DAMAGED);
	arena_free(arena);
}

static void
test_too_many(void **state)
{
	static const struct part *list[BUNDLE_FILES_MAX + 1];
	struct part part = part_of("a.txt", 0, 0);
	struct slice whole = SLICE("");
	struct source source = source_from_slice(&whole), zip;
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i <= BUNDLE_FILES_MAX; i++)
		list[i] = &part;
	assert_int_equal(open_bundle(&source, list, BUNDLE_FILES_MAX + 1, 0, arena, &zip),
			 STATUS_TOO_LARGE);
	assert_int_equal(open_bundle(&source, list, BUNDLE_FILES_MAX, 0, arena, &zip), STATUS_OK);
	free((void *)read_all(&zip, 65536).data);
	arena_free(arena);
}

/* The directory of an archive beyond 4 GB: its size is told rightly, too. */
static void
test_very_large(void **state)
{
	struct part parts[] = {part_of("a", 0, (uint64_t)5 << 30), part_of("b", 0, 7)};
	const struct part *list[] = {&parts[0], &parts[1]};
	struct source source = {NULL, (uint64_t)6 << 30, NULL}, zip;
	struct arena *arena = arena_new();

	(void)state;
	assert_int_equal(open_bundle(&source, list, 2, DATE, arena, &zip), STATUS_OK);
	assert_in_range(zip.size, parts[0].size + 300, parts[0].size + 1000);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_names_are_safe_and_differ),
	    cmocka_unit_test(test_archives_hold_the_files),
	    cmocka_unit_test(test_only_in_order),
	    cmocka_unit_test(test_damage_ends_it),
	    cmocka_unit_test(test_too_many),
	    cmocka_unit_test(test_very_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
