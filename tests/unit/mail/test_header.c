/* The header block by bytes, and its values as clean text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mail/header.h"

static enum status
read_text(const char *text, struct arena *arena, struct header_block *block)
{
	struct slice bytes = slice_from_text(text);
	struct source source = source_from_slice(&bytes);

	return header_read(&source, arena, block);
}

static void
test_fields_are_where_they_stand(void **state)
{
	static const char text[] = "From x Mon 12:00:00 2026\nSubject: a\r\n b\r\nno field\r\n"
				   "X : y\r\nTo:z\r\n\r\nbody";
	struct arena *arena = arena_new();
	struct header_block block;

	(void)state;
	assert_int_equal(read_text(text, arena, &block), STATUS_OK);
	assert_int_equal(block.count, 3);
	assert_string_equal(text + block.body, "body");
	for (size_t i = 0; i < block.count; i++) {
		const struct header_field *field = &block.fields[i];

		assert_memory_equal(text + field->offset, field->name.data, field->name.size);
		assert_int_equal(text[field->offset + field->size - 1], '\n');
		assert_ptr_equal(block.bytes.data + field->offset, field->name.data);
	}
	assert_true(slice_equal(block.fields[0].value, SLICE(" a\r\n b")));
	assert_true(slice_equal(block.fields[1].name, SLICE("X")));
	assert_ptr_equal(header_find(&block, "to", 0), &block.fields[2]);
	assert_null(header_find(&block, "subject", 1));
	arena_free(arena);
}

static void
test_ends(void **state)
{
	static const struct {
		const char *claim;
		const char *text;
		size_t count;
		uint64_t body;
	} rows[] = {
	    {"empty", "", 0, 0},
	    {"blank line first", "\r\nbody", 0, 2},
	    {"no blank line", "A: b", 1, 4},
	    {"no blank line, line end last", "A: b\r\n", 1, 6},
	    {"bare LF", "A: b\n\nbody", 1, 6},
	    {"CR without LF is no end", "A: b\r\n\rx\r\n\r\n", 1, 12},
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct header_block block;

		assert_int_equal(read_text(rows[i].text, arena, &block), STATUS_OK);
		if (block.count != rows[i].count || block.body != rows[i].body)
			fail_msg("%s", rows[i].claim);
	}
	arena_free(arena);
}

static void
test_bounds(void **state)
{
	struct arena *arena = arena_new();
	struct header_block block;
	char *text = malloc(HEADER_BLOCK_MAX + 100);

	(void)state;
	memset(text, 'a', HEADER_BLOCK_MAX + 99);
	text[1] = ':';
	text[HEADER_BLOCK_MAX + 99] = '\0';
	assert_int_equal(read_text(text, arena, &block), STATUS_TOO_LARGE);
	text[HEADER_BLOCK_MAX] = '\0';
	assert_int_equal(read_text(text, arena, &block), STATUS_OK);
	for (size_t i = 0; i <= HEADER_FIELDS_MAX; i++)
		memcpy(text + i * 4, "a:b\n", 4);
	text[(HEADER_FIELDS_MAX + 1) * 4] = '\0';
	assert_int_equal(read_text(text, arena, &block), STATUS_TOO_LARGE);
	text[HEADER_FIELDS_MAX * 4] = '\0';
	assert_int_equal(read_text(text, arena, &block), STATUS_OK);
	free(text);
	arena_free(arena);
}

static void
test_decode(void **state)
{
	static const struct {
		const char *claim;
		const char *value;
		size_t limit;
		const char *text;
	} rows[] = {
	    {"unfolds", " a\r\n b", 99, "a b"},
	    {"Q", " =?iso-8859-1?Q?J=FCrgen_S?=", 99, "J\xc3\xbcrgen S"},
	    {"B", " =?UTF-8?B?SsO8cmdlbg==?=", 99, "J\xc3\xbcrgen"},
	    {"language", " =?utf-8*de?q?a?=", 99, "a"},
	    {"blanks between words go", " =?utf-8?q?a?=\r\n =?utf-8?q?b?= c", 99, "ab c"},
	    {"blanks between words of two charsets go", " =?utf-8?q?a?= =?latin1?q?b?=", 99, "ab"},
	    {"a character cut between words", " =?utf-8?q?=C3?= =?utf-8?q?=BC?=", 99, "\xc3\xbc"},
	    {"a word beside text", " x=?utf-8?q?a?=y", 99, "xay"},
	    {"line end inside becomes blank", " =?utf-8?q?a=0D=0ABcc:b?=", 99, "a  Bcc:b"},
	    {"NUL inside is dropped, not the end", " =?utf-8?q?a=00b?=", 99, "ab"},
	    {"bidi override is dropped", " =?utf-8?q?a=E2=80=AEb?=", 99, "ab"},
	    {"unknown charset", " =?x-none?q?=FFa?=", 99,
	     "\xef\xbf\xbd"
	     "a"},
	    {"raw UTF-8", " \xc3\xbc", 99, "\xc3\xbc"},
	    {"raw windows-1252", " \x80\xfc", 99, "\xe2\x82\xac\xc3\xbc"},
	    {"not a word", " =?utf-8?x?a?= =? ?", 99, "=?utf-8?x?a?= =? ?"},
	    {"cut at a character", " \xc3\xbc\xc3\xbc", 3, "\xc3\xbc"},
	    {"ISO-2022-JP over two words",
	     " =?iso-2022-jp?b?GyRCJCIbKEI=?= =?iso-2022-jp?b?YQ==?=", 99,
	     "\xe3\x81\x82"
	     "a"},
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *text =
		    header_decode(slice_from_text(rows[i].value), rows[i].limit, arena);

		if (strcmp(text, rows[i].text) != 0)
			fail_msg("%s: %s", rows[i].claim, text);
	}
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_fields_are_where_they_stand),
	    cmocka_unit_test(test_ends),
	    cmocka_unit_test(test_bounds),
	    cmocka_unit_test(test_decode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
