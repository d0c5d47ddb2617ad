/* What ZIP archives say they hold.  They are written here, record by record, as no tool would. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "mail/archive.h"

struct zip {
	struct text bytes;
	size_t directory; /* where it begins */
	unsigned entries;
};

static void
put(struct text *text, uint64_t number, size_t size)
{
	for (; size > 0; size--, number >>= 8)
		text_append_byte(text, (unsigned char)number);
}

static void
begin(struct zip *zip)
{
	text_init(&zip->bytes, 8 << 20);
	text_append_text(&zip->bytes, "PK\3\4 what the archive holds");
	zip->directory = zip->bytes.size;
	zip->entries = 0;
}

static void
add(struct zip *zip, struct slice name, unsigned flags, uint64_t size, struct slice extra)
{
	struct text *text = &zip->bytes;

	text_append_text(text, "PK\1\2");
	put(text, 0, 4);
	put(text, flags, 2);
	put(text, 0, 14);
	put(text, size, 4);
	put(text, name.size, 2);
	put(text, extra.size, 2);
	put(text, 0, 14);
	text_append(text, name);
	text_append(text, extra);
	zip->entries++;
}

/* `offset` is what the archive says of where its directory begins. */
static void
finish(struct zip *zip, uint64_t offset, const char *comment)
{
	struct text *text = &zip->bytes;
	size_t size = text->size - zip->directory;

	text_append_text(text, "PK\5\6");
	put(text, 0, 4);
	put(text, zip->entries, 2);
	put(text, zip->entries, 2);
	put(text, size, 4);
	put(text, offset, 4);
	put(text, strlen(comment), 2);
	text_append_text(text, comment);
}

static enum status
list(struct zip *zip, struct arena *arena, struct archive_listing *listing)
{
	struct slice bytes = text_slice(&zip->bytes);
	struct source source = source_from_slice(&bytes);
	enum status status = archive_list(&source, arena, listing);

	text_clear(&zip->bytes);
	return status;
}

static void
test_names_and_sizes(void **state)
{
	struct arena *arena = arena_new();
	struct archive_listing listing;
	struct zip zip;

	(void)state;
	begin(&zip);
	add(&zip, SLICE("folder/"), 0, 0, SLICE(""));
	add(&zip, SLICE("folder/plan.pdf"), 0, 1234, SLICE("\x09\0\1\0x"));
	add(&zip, SLICE("\xc3\xbc.txt"), 0x800, 1, SLICE(""));
	add(&zip, SLICE("\x81.txt"), 0, 2, SLICE("")); /* the same in the charset of the PC */
	add(&zip, SLICE("a\r\nb\xe2\x80\xae.txt"), 0x800, 3, SLICE(""));
	finish(&zip, zip.directory, "a remark: PK\5\6");
	assert_int_equal(list(&zip, arena, &listing), STATUS_OK);
	assert_int_equal(listing.item_count, 4);
	assert_int_equal(listing.files, 4);
	assert_int_equal(listing.size, 1240);
	assert_string_equal(listing.items[0].name, "folder/plan.pdf");
	assert_int_equal(listing.items[0].size, 1234);
	assert_string_equal(listing.items[1].name, "\xc3\xbc.txt");
	assert_string_equal(listing.items[2].name, "\xc3\xbc.txt");
	assert_null(strpbrk(listing.items[3].name, "\r\n\xe2"));
	assert_false(listing.has_more || listing.is_encrypted || listing.holds_risky ||
		     listing.holds_archives);
	arena_free(arena);
}

static void
test_warnings(void **state)
{
	static const struct {
		const char *claim;
		struct slice name;
		unsigned flags;
		bool encrypted, risky, archives;
	} rows[] = {
	    {"a letter", SLICE("a.txt"), 0, false, false, false},
	    {"encrypted", SLICE("a.txt"), 1, true, false, false},
	    {"names encrypted", SLICE("1"), 0x2000, true, false, false},
	    {"a program", SLICE("a/b.pdf.ExE"), 0, false, true, false},
	    {"a program with a blank", SLICE("a.exe "), 0, false, true, false},
	    {"an archive", SLICE("x/y.rar"), 0, false, false, true},
	    {"a folder like a program", SLICE("a.app/"), 0, false, false, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new();
		struct archive_listing listing;
		struct zip zip;

		begin(&zip);
		add(&zip, rows[i].name, rows[i].flags, 5, SLICE(""));
		finish(&zip, zip.directory, "");
		assert_int_equal(list(&zip, arena, &listing), STATUS_OK);
		if (listing.is_encrypted != rows[i].encrypted ||
		    listing.holds_risky != rows[i].risky ||
		    listing.holds_archives != rows[i].archives)
			fail_msg("%s", rows[i].claim);
		arena_free(arena);
	}
}

static void
test_large_numbers(void **state)
{
	struct arena *arena = arena_new();
	struct archive_listing listing;
	struct zip zip;
	size_t end;

	(void)state;
	begin(&zip);
	add(&zip, SLICE("film.mp4"), 0, UINT32_MAX,
	    SLICE("\x55\x54\1\0z\1\0\x08\0\0\0\0\0\2\0\0\0"));
	add(&zip, SLICE("lie"), 0, UINT32_MAX, SLICE("\1\0\xff\xff"));
	add(&zip, SLICE("all"), 0, UINT32_MAX, SLICE("\1\0\x08\0\xff\xff\xff\xff\xff\xff\xff\xff"));
	end = zip.bytes.size;
	text_append_text(&zip.bytes, "PK\6\6");
	put(&zip.bytes, 44, 8);
	put(&zip.bytes, 0, 28);
	put(&zip.bytes, end - zip.directory, 8);
	put(&zip.bytes, zip.directory, 8);
	text_append_text(&zip.bytes, "PK\6\7");
	put(&zip.bytes, 0, 4);
	put(&zip.bytes, end, 8);
	put(&zip.bytes, 1, 4);
	finish(&zip, UINT32_MAX, "");
	assert_int_equal(list(&zip, arena, &listing), STATUS_OK);
	assert_int_equal(listing.item_count, 3);
	assert_int_equal(listing.items[0].size, 2ULL << 32);
	assert_int_equal(listing.items[1].size, UINT32_MAX);
	assert_true(listing.size == UINT64_MAX); /* no overflow */
	arena_free(arena);
}

static void
test_only_so_much_is_read(void **state)
{
	struct arena *arena = arena_new();
	struct archive_listing listing;
	struct zip zip;

	(void)state;
	begin(&zip);
	for (int i = 0; i < 2000; i++)
		add(&zip, SLICE("a.txt"), 0, 1, SLICE(""));
	add(&zip, SLICE("a.exe"), 0, 1, SLICE(""));
	finish(&zip, zip.directory, "");
	assert_int_equal(list(&zip, arena, &listing), STATUS_OK);
	assert_int_equal(listing.item_count, ARCHIVE_ITEMS_MAX);
	assert_int_equal(listing.files, 2001);
	assert_true(listing.holds_risky && !listing.has_more);
	begin(&zip);
	for (int i = 0; i < 30000; i++)
		add(&zip, SLICE("a.txt"), 0, 1, SLICE(""));
	finish(&zip, zip.directory, "");
	assert_int_equal(list(&zip, arena, &listing), STATUS_OK);
	assert_int_equal(listing.files, ARCHIVE_DIRECTORY_MAX / 51);
	assert_true(listing.has_more);
	arena_free(arena);
}

static void
test_broken_ones(void **state)
{
	struct arena *arena = arena_new();
	struct archive_listing listing;
	struct zip zip;

	(void)state;
	/* Nothing, and no archive. */
	text_init(&zip.bytes, 100);
	assert_int_equal(list(&zip, arena, &listing), STATUS_INVALID);
	text_init(&zip.bytes, 100);
	text_append_text(&zip.bytes, "PK\3\4 and nothing behind it, as after a broken upload");
	assert_int_equal(list(&zip, arena, &listing), STATUS_INVALID);
	/* Something in front, as of programs that unpack themselves. */
	begin(&zip);
	add(&zip, SLICE("a.txt"), 0, 1, SLICE(""));
	finish(&zip, 0, "");
	assert_int_equal(list(&zip, arena, &listing), STATUS_OK);
	assert_int_equal(listing.item_count, 1);
	/* A directory behind the end. */
	begin(&zip);
	add(&zip, SLICE("a.txt"), 0, 1, SLICE(""));
	finish(&zip, 1 << 20, "");
	assert_int_equal(list(&zip, arena, &listing), STATUS_INVALID);
	/* No directory where it should be. */
	begin(&zip);
	text_append_text(&zip.bytes, "this is no directory at all, whatever is said");
	finish(&zip, zip.directory, "");
	assert_int_equal(list(&zip, arena, &listing), STATUS_INVALID);
	/* One entry, then something else. */
	begin(&zip);
	add(&zip, SLICE("a.txt"), 0, 1, SLICE(""));
	text_append_text(&zip.bytes, "and this is no entry, it only stands where one should");
	finish(&zip, zip.directory, "");
	assert_int_equal(list(&zip, arena, &listing), STATUS_OK);
	assert_true(listing.item_count == 1 && listing.has_more);
	/* An empty one is one. */
	begin(&zip);
	finish(&zip, zip.directory, "");
	assert_int_equal(list(&zip, arena, &listing), STATUS_OK);
	assert_true(listing.item_count == 0 && !listing.has_more);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_names_and_sizes), cmocka_unit_test(test_warnings),
	    cmocka_unit_test(test_large_numbers),   cmocka_unit_test(test_only_so_much_is_read),
	    cmocka_unit_test(test_broken_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
