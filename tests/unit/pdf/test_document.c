/* pdf/document, pdf/plain: what is described comes out as it went in; what is no description does
 * not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "pdf/plain.h"

static const struct document_head head = {.title = "Größe",
					  .author = "Example",
					  .language = "de",
					  .rtl = true,
					  .accent = 0x123456,
					  .made_at = 1780000000,
					  .page_words = "Seite %1 von %2",
					  .unseen_words = "%1",
					  .text_name = "a.txt"};

static struct document *
make_all(struct arena *arena)
{
	struct document *document = document_new(arena, &head);
	const struct slice codes[] = {SLICE("AAAA"), SLICE("BBBB")};

	document_add_letterhead(document, SLICE("House"), true, codes, 2);
	document_add(document, DOCUMENT_TITLE, SLICE("T"));
	document_begin(document, DOCUMENT_LINES, 2);
	document_run(document, SLICE("see "), SLICE(""));
	document_run(document, SLICE("there"), SLICE("https://example.org/"));
	document_run(document, SLICE("\nand here"), SLICE("javascript:alert(1)"));
	document_end(document);
	document_add(document, DOCUMENT_HEADING, SLICE("H"));
	document_begin(document, DOCUMENT_HEADING, 2);
	document_run(document, SLICE("of the letter"), SLICE(""));
	document_end(document);
	document_add(document, DOCUMENT_ITEM, SLICE("first"));
	document_begin_item(document, 1, 2, SLICE("   3. "));
	document_run(document, SLICE("a "), SLICE(""));
	document_run_bold(document, SLICE("bold"), SLICE("https://example.org/b"));
	document_end(document);
	document_begin(document, DOCUMENT_ROW, 0);
	document_cell(document);
	document_run(document, SLICE("b"), SLICE(""));
	document_cell(document);
	document_end(document);
	document_add_fact(document, SLICE("From"), SLICE("Alice"));
	document_add_rule(document);
	document_add_file(document, SLICE("name"), SLICE("about"), SLICE("digest"));
	document_add_picture(document, 7, SLICE("picture"), SLICE("none"));
	document_add_codes(document, codes, 2);
	document_add_break(document);
	return document;
}

static struct slice
packed(struct arena *arena)
{
	struct slice bytes;

	assert_int_equal(document_pack(make_all(arena), &bytes), STATUS_OK);
	return bytes;
}

static struct document_block
next(struct document_reading *reading, enum document_kind kind)
{
	struct document_block block;

	assert_int_equal(document_next(reading, &block), STATUS_OK);
	assert_int_equal(block.kind, kind);
	return block;
}

static void
comes_out_as_it_went_in(void **state)
{
	struct arena *arena = arena_new();
	struct document_reading reading;
	struct document_head read;
	struct document_block block;

	(void)state;
	assert_int_equal(document_open(packed(arena), arena, &read, &reading), STATUS_OK);
	assert_string_equal(read.title, head.title);
	assert_string_equal(read.page_words, head.page_words);
	assert_string_equal(read.text_name, head.text_name);
	assert_true(read.rtl);
	assert_int_equal(read.accent, head.accent);
	assert_int_equal(read.made_at, head.made_at);
	block = next(&reading, DOCUMENT_LETTERHEAD);
	assert_true(slice_equal(block.label, SLICE("House")));
	assert_int_equal(block.level, 1);
	assert_int_equal(block.run_count, 2);
	block = next(&reading, DOCUMENT_TITLE);
	assert_int_equal(block.run_count, 1);
	block = next(&reading, DOCUMENT_LINES);
	assert_int_equal(block.level, 2);
	assert_int_equal(block.run_count, 3);
	assert_true(slice_equal(block.runs[1].link, SLICE("https://example.org/")));
	/* Its text is there; where it led is not. */
	assert_true(slice_equal(block.runs[2].text, SLICE("\nand here")));
	assert_int_equal(block.runs[2].link.size, 0);
	assert_false(block.runs[0].bold);
	assert_int_equal(next(&reading, DOCUMENT_HEADING).level, 0);
	assert_int_equal(next(&reading, DOCUMENT_HEADING).level, 2);
	block = next(&reading, DOCUMENT_ITEM);
	assert_true(slice_equal(block.lead, SLICE("* ")));
	assert_int_equal(block.depth, 1);
	block = next(&reading, DOCUMENT_ITEM);
	assert_int_equal(block.level, 1);
	assert_int_equal(block.depth, 2);
	assert_true(slice_equal(block.lead, SLICE("   3. ")));
	assert_int_equal(block.run_count, 2);
	assert_false(block.runs[0].bold);
	assert_true(block.runs[1].bold);
	assert_true(slice_equal(block.runs[1].link, SLICE("https://example.org/b")));
	block = next(&reading, DOCUMENT_ROW);
	assert_int_equal(block.run_count, 3);
	assert_true(block.runs[0].cell && !block.runs[1].cell && block.runs[2].cell);
	assert_true(slice_equal(next(&reading, DOCUMENT_FACT).label, SLICE("From")));
	next(&reading, DOCUMENT_RULE);
	assert_true(slice_equal(next(&reading, DOCUMENT_FILE).digest, SLICE("digest")));
	assert_int_equal(next(&reading, DOCUMENT_PICTURE).part, 7);
	assert_int_equal(next(&reading, DOCUMENT_CODES).run_count, 2);
	next(&reading, DOCUMENT_BREAK);
	next(&reading, DOCUMENT_END);
	next(&reading, DOCUMENT_END);
	arena_free(arena);
}

/* Read to the end, or to what cannot be. */
static enum status
read_all(struct slice bytes)
{
	struct arena *arena = arena_new();
	struct document_reading reading;
	struct document_head read;
	struct document_block block = {.kind = DOCUMENT_BREAK};
	enum status status = document_open(bytes, arena, &read, &reading);

	while (status == STATUS_OK && block.kind != DOCUMENT_END)
		status = document_next(&reading, &block);
	arena_free(arena);
	return status;
}

static void
a_cut_one_is_none(void **state)
{
	struct arena *arena = arena_new();
	struct slice bytes = packed(arena);
	size_t whole = 0;

	(void)state;
	assert_int_equal(read_all(bytes), STATUS_OK);
	/* Blocks end at some places; in between it is broken off. */
	for (size_t size = 0; size < bytes.size; size++)
		whole += read_all(slice_part(bytes, 0, size)) == STATUS_OK;
	assert_true(whole >= 1 && whole <= 15);
	arena_free(arena);
}

static void
nonsense_is_refused(void **state)
{
	struct arena *arena = arena_new();
	struct slice bytes = packed(arena);
	unsigned char *copy = arena_alloc(arena, bytes.size);
	size_t at = slice_find(bytes, SLICE("https"), 0);

	(void)state;
	memcpy(copy, bytes.data, bytes.size);
	copy[0] = 9;
	assert_int_equal(read_all(slice_of(copy, bytes.size)), STATUS_INVALID);
	copy[0] = bytes.data[0];
	copy[at] = 'x';
	assert_int_equal(read_all(slice_of(copy, bytes.size)), STATUS_INVALID);
	copy[at] = 'h';
	at = slice_find(bytes, SLICE("see "), 0);
	copy[at] = 0xff;
	assert_int_equal(read_all(slice_of(copy, bytes.size)), STATUS_INVALID);
	copy[at] = 's';
	/* In front of the text of a heading: its kind and length, and its level before these. */
	at = slice_find(bytes, SLICE("of the letter"), 0) - 6;
	assert_int_equal(copy[at], 2);
	copy[at] = DOCUMENT_HEADINGS_MAX + 1;
	assert_int_equal(read_all(slice_of(copy, bytes.size)), STATUS_INVALID);
	copy[at] = 2;
	/* The same of the lead of an item. */
	at = slice_find(bytes, SLICE("   3. "), 0) - 5;
	assert_int_equal(copy[at], 2);
	copy[at] = DOCUMENT_DEPTH_MAX + 1;
	assert_int_equal(read_all(slice_of(copy, bytes.size)), STATUS_INVALID);
	copy[at] = DOCUMENT_DEPTH_MAX;
	assert_int_equal(read_all(slice_of(copy, bytes.size)), STATUS_OK);
	/* A cell in what is no row: the kind of a run is in front of its length. */
	at = slice_find(bytes, SLICE("of the letter"), 0) - 5;
	assert_int_equal(copy[at], 1);
	copy[at] = 3;
	assert_int_equal(read_all(slice_of(copy, bytes.size)), STATUS_INVALID);
	arena_free(arena);
}

/* What stands before an item is no text of its own. */
static void
a_lead_is_short(void **state)
{
	struct arena *arena = arena_new();
	struct document *document = document_new(arena, &head);
	unsigned char *wide = arena_alloc(arena, DOCUMENT_LEAD_MAX + 1);
	struct document_reading reading;
	struct document_head read;
	struct slice bytes;

	(void)state;
	memset(wide, ' ', DOCUMENT_LEAD_MAX + 1);
	document_begin_item(document, 0, 1000, slice_of(wide, DOCUMENT_LEAD_MAX + 1));
	document_end(document);
	assert_int_equal(document_pack(document, &bytes), STATUS_OK);
	assert_int_equal(document_open(bytes, arena, &read, &reading), STATUS_OK);
	assert_int_equal(next(&reading, DOCUMENT_ITEM).lead.size, DOCUMENT_LEAD_MAX);
	arena_free(arena);
}

static void
it_is_bounded(void **state)
{
	struct arena *arena = arena_new();
	struct document *document = document_new(arena, &head);
	unsigned char *large = arena_alloc(arena, DOCUMENT_MAX);
	struct slice bytes;

	(void)state;
	memset(large, 'a', DOCUMENT_MAX);
	document_add(document, DOCUMENT_LINES, slice_of(large, DOCUMENT_MAX));
	assert_int_equal(document_pack(document, &bytes), STATUS_TOO_LARGE);
	arena_free(arena);
}

static void
where_it_may_lead(void **state)
{
	static const struct {
		const char *link;
		bool may;
	} rows[] = {
	    {"https://example.org", true},
	    {"HTTP://example.org/a?b#c", true},
	    {"mailto:a@example.org", true},
	    {"https://", false},
	    {"javascript:alert(1)", false},
	    {"file:///etc/passwd", false},
	    {"data:text/html,x", false},
	    {"https://example.org/a b", false},
	    {"https://ex\xc3\xa4", false},
	    {"https://a\n", false},
	    {"", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(document_may_lead(slice_from_text(rows[i].link)), rows[i].may);
}

static void
says_the_same_as_text(void **state)
{
	static const char wanted[] =
	    "House\nAAAA\nBBBB\n\nT\n\n>> see there <https://example.org/>\n>> and here\n"
	    "\nH\n\nof the letter\n* first\n>    3. a bold <https://example.org/b>\n| b |\nFrom: "
	    "Alice\n\nname\nabout\ndigest\n\npicture\n\nAAAA\nBBBB\n\n\n";
	struct arena *arena = arena_new();
	struct text *text = text_new_in(arena, 1000), *small = text_new_in(arena, 10);
	struct document_reading reading;
	struct document_head read;

	(void)state;
	assert_int_equal(document_open(packed(arena), arena, &read, &reading), STATUS_OK);
	assert_int_equal(plain_write(&reading, text), STATUS_OK);
	assert_string_equal(text_string(text), wanted);
	assert_int_equal(document_open(packed(arena), arena, &read, &reading), STATUS_OK);
	assert_int_equal(plain_write(&reading, small), STATUS_TOO_LARGE);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(comes_out_as_it_went_in), cmocka_unit_test(a_cut_one_is_none),
	    cmocka_unit_test(nonsense_is_refused),     cmocka_unit_test(it_is_bounded),
	    cmocka_unit_test(a_lead_is_short),	       cmocka_unit_test(where_it_may_lead),
	    cmocka_unit_test(says_the_same_as_text),
	};

	return cmocka_run_group_tests_name("pdf/document", tests, NULL, NULL);
}
