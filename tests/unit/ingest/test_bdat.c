#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ingest/bdat.h"

struct size_row {
	const char *argument;
	bool good;
	uint64_t size;
	bool last;
};

static const struct size_row sizes[] = {
    {"0", true, 0, false},
    {"25 LAST", true, 25, true},
    {"25   last", true, 25, true},
    {"007", true, 7, false},
    {"18446744073709551615", true, UINT64_MAX, false},
    {"18446744073709551616", false, 0, false},
    {"18446744073709551621 LAST", false, 0, false},
    {"", false, 0, false},
    {"LAST", false, 0, false},
    {" 5", false, 0, false},
    {"-1", false, 0, false},
    {"+1", false, 0, false},
    {"0x10", false, 0, false},
    {"5 FIRST", false, 0, false},
    {"5 LAST LAST", false, 0, false},
    {"5 LASTLY", false, 0, false},
    {"5\tLAST", false, 0, false},
    {"5LAST", false, 0, false},
};

static void
reads_what_a_chunk_announces(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		const struct size_row *row = &sizes[i];
		uint64_t size = 0;
		bool last = false;

		if (bdat_read(slice_from_text(row->argument), &size, &last) != row->good)
			fail_msg("\"%s\"", row->argument);
		if (row->good && (size != row->size || last != row->last))
			fail_msg("\"%s\"", row->argument);
	}
}

/* The whole text as one chunk that comes in pieces of `most` bytes, or as chunks of that size. */
static enum dot_fault
scan(const char *text, size_t most, bool chunks, bool binary, bool *lacks_out)
{
	struct slice input = slice_from_text(text);
	struct bdat bdat;
	size_t got = 0;

	bdat_init(&bdat, binary);
	if (!chunks)
		bdat_begin(&bdat, input.size, true);
	for (size_t at = 0; at < input.size; at += most) {
		struct slice piece = slice_part(input, at, at + most);

		if (chunks)
			bdat_begin(&bdat, piece.size, at + most >= input.size);
		assert_false(bdat_chunk_ended(&bdat));
		got += bdat_next(&bdat, &piece).size;
		assert_int_equal(piece.size, 0);
	}
	assert_true(bdat_chunk_ended(&bdat));
	assert_true(bdat_ended(&bdat));
	if (bdat.fault == DOT_CLEAN)
		assert_int_equal(got, input.size);
	else
		assert_true(got <= input.size);
	*lacks_out = bdat_lacks_line_end(&bdat);
	return bdat.fault;
}

struct text_row {
	const char *text;
	enum dot_fault fault;
	bool lacks_line_end;
};

static const struct text_row texts[] = {
    {"a\r\nb\r\n", DOT_CLEAN, false}, {"\r\n.\r\n\r\n", DOT_CLEAN, false},
    {"\r\n", DOT_CLEAN, false},	      {"a", DOT_CLEAN, true},
    {"a\r\nb", DOT_CLEAN, true},      {"a\nb\r\n", DOT_BARE, false},
    {"\na\r\n", DOT_BARE, false},     {"a\rb\r\n", DOT_BARE, false},
    {"a\r\r\n", DOT_BARE, false},     {"a\r\n\n", DOT_BARE, false},
    {"a\r", DOT_BARE, false},	      {"\r", DOT_BARE, false},
};

static void
lines_do_not_care_where_chunks_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const struct text_row *row = &texts[i];

		for (size_t most = 1; most <= strlen(row->text); most++) {
			for (int chunks = 0; chunks < 2; chunks++) {
				bool lacks;
				enum dot_fault fault =
				    scan(row->text, most, chunks == 1, false, &lacks);

				if (fault != row->fault ||
				    (fault == DOT_CLEAN && lacks != row->lacks_line_end))
					fail_msg("row %zu, pieces of %zu", i, most);
				if (scan(row->text, most, chunks == 1, true, &lacks) != DOT_CLEAN ||
				    lacks)
					fail_msg("row %zu binary, pieces of %zu", i, most);
			}
		}
	}
}

static void
what_stands_behind_a_chunk_is_left(void **state)
{
	struct slice input = SLICE("a\r\nQUIT\r\n");
	struct bdat bdat;

	(void)state;
	bdat_init(&bdat, false);
	bdat_begin(&bdat, 3, false);
	assert_int_equal(bdat_next(&bdat, &input).size, 3);
	assert_true(slice_equal(input, SLICE("QUIT\r\n")));
	assert_true(bdat_chunk_ended(&bdat));
	assert_false(bdat_ended(&bdat));
	assert_int_equal(bdat_next(&bdat, &input).size, 0);
	assert_int_equal(input.size, 6);
}

/* `length` bytes, then `tail`. */
static enum dot_fault
scan_long(size_t length, const char *tail, size_t most)
{
	char *text = malloc(length + strlen(tail) + 1);
	enum dot_fault fault;
	bool lacks;

	assert_non_null(text);
	memset(text, 'x', length);
	memcpy(text + length, tail, strlen(tail) + 1);
	fault = scan(text, most, false, false, &lacks);
	free(text);
	return fault;
}

static void
lines_are_as_long_as_behind_data(void **state)
{
	static const size_t pieces[] = {1, 7, 4096, DOT_LINE_MAX, 2 * DOT_LINE_MAX};

	(void)state;
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		assert_int_equal(scan_long(DOT_LINE_MAX - 2, "\r\n", pieces[i]), DOT_CLEAN);
		assert_int_equal(scan_long(DOT_LINE_MAX - 1, "\r\n", pieces[i]), DOT_LINE_TOO_LONG);
		assert_int_equal(scan_long(DOT_LINE_MAX, "\n", pieces[i]), DOT_BARE);
		assert_int_equal(scan_long(DOT_LINE_MAX + 1, "\n", pieces[i]), DOT_LINE_TOO_LONG);
		assert_int_equal(scan_long(DOT_LINE_MAX, "\rb", pieces[i]), DOT_LINE_TOO_LONG);
		assert_int_equal(scan_long(DOT_LINE_MAX - 1, "\rb", pieces[i]), DOT_BARE);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_what_a_chunk_announces),
	    cmocka_unit_test(lines_do_not_care_where_chunks_end),
	    cmocka_unit_test(what_stands_behind_a_chunk_is_left),
	    cmocka_unit_test(lines_are_as_long_as_behind_data),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
