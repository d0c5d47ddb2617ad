/* base/csv: what spreadsheets write, what they would run, and what is no table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/csv.h"

/* Records as "line:field|field|", one after the other; a fault as "line!". */
static const char *
read_all(struct slice input, struct arena *arena)
{
	struct text *text = arena_alloc(arena, sizeof(*text));
	struct csv_reader reader;
	struct csv_record record;
	enum status status;

	text_init_in(text, arena, 65536);
	csv_begin(&reader, input, arena);
	while ((status = csv_next(&reader, &record)) == STATUS_OK) {
		text_printf(text, "%zu:", record.line);
		for (size_t i = 0; i < record.count; i++) {
			text_append(text, record.fields[i]);
			text_append_byte(text, '|');
		}
	}
	assert_int_equal(csv_next(&reader, &record), status);
	if (status == STATUS_INVALID)
		text_printf(text, "%zu!", reader.line);
	else
		assert_int_equal(status, STATUS_NOT_FOUND);
	assert_true(text_ok(text));
	return text_string(text);
}

static void
tables_are_read(void **state)
{
	static const struct {
		const char *claim;
		struct slice input;
		const char *records;
	} rows[] = {
	    {"nothing", SLICE(""), ""},
	    {"a mark alone", SLICE("\xef\xbb\xbf"), ""},
	    {"line ends alone", SLICE("\r\n\n\r"), ""},
	    {"one field", SLICE("a"), "1:a|"},
	    {"commas", SLICE("a,b;c\r\nd,e\tf\r\n"), "1:a|b;c|2:d|e\tf|"},
	    {"semicolons", SLICE("a;b,c\nd;e\n"), "1:a|b,c|2:d|e|"},
	    {"tabs", SLICE("a\tb,c\nd\te;f"), "1:a|b,c|2:d|e;f|"},
	    {"a quoted separator does not decide", SLICE("\"a,b\";c,d"), "1:a,b|c,d|"},
	    {"nor one behind two quotes", SLICE("\"a\"\",b\";c,d"), "1:a\",b|c,d|"},
	    {"nor one of the second line", SLICE("a\nb;c,d"), "1:a|2:b;c|d|"},
	    {"the first line that is not blank decides", SLICE("\n \na;b,c"), "3:a|b,c|"},
	    {"a mark is dropped", SLICE("\xef\xbb\xbfone,two\n"), "1:one|two|"},
	    {"also before a quote", SLICE("\xef\xbb\xbf\"a;b\",c\n"), "1:a;b|c|"},
	    {"but once", SLICE("\xef\xbb\xbf\xef\xbb\xbf"), "1:\xef\xbb\xbf|"},
	    {"CR LF, LF and CR", SLICE("a\r\nb\nc\rd"), "1:a|2:b|3:c|4:d|"},
	    {"blank lines are skipped and counted", SLICE("\na\n\r\n   \n\rb\n"), "2:a|6:b|"},
	    {"blanks at the end", SLICE("a\n  "), "1:a|"},
	    {"a line of separators is a record", SLICE(",,\n"), "1:|||"},
	    {"an empty field at the end", SLICE("a,\nb,"), "1:a||2:b||"},
	    {"an empty quoted field is a record", SLICE("\"\"\n\"\""), "1:|2:|"},
	    {"blanks belong to fields", SLICE(" a , b "), "1: a | b |"},
	    {"two quotes for one", SLICE("\"say \"\"hi\"\"\",b"), "1:say \"hi\"|b|"},
	    {"quotes alone", SLICE("\"\"\"\",\"\"\"\"\"\""), "1:\"|\"\"|"},
	    {"a quote inside a field", SLICE("5\" disk,b\"\"c"), "1:5\" disk|b\"\"c|"},
	    {"line ends inside quotes", SLICE("a,\"b\r\nc\rd\ne\"\nf,g"),
	     "1:a|b\r\nc\rd\ne|5:f|g|"},
	    {"UTF-8", SLICE("\xc3\xbc,\xf0\x9f\x98\x80"), "1:\xc3\xbc|\xf0\x9f\x98\x80|"},
	    {"a control is text", SLICE("a\x01\x7f,b"), "1:a\x01\x7f|b|"},

	    {"a quote that is never closed", SLICE("a\nb,\"c\nd\ne"), "1:a|2!"},
	    {"a quote at the end", SLICE("a,\""), "1!"},
	    {"two quotes close nothing", SLICE("\"a\"\""), "1!"},
	    {"text behind a closing quote", SLICE("a,b\n\"c\nd\"e,f"), "1:a|b|3!"},
	    {"a blank there", SLICE("\"a\" ,b"), "1!"},
	    {"another separator there", SLICE("a,b\n\"c\";d"), "1:a|b|2!"},
	    {"NUL", SLICE("a,b\nc\0,d"), "1:a|b|2!"},
	    {"NUL behind a line", SLICE("a\n\0"), "1:a|2!"},
	    {"NUL behind a blank line", SLICE("a\n  \n \0"), "1:a|3!"},
	    {"NUL in quotes", SLICE("a\n\"b\n\n\0\""), "1:a|4!"},
	    {"NUL behind quotes", SLICE("\"b\"\0"), "1!"},
	    {"NUL behind a separator", SLICE("a,\0"), "1!"},
	    {"NUL alone", SLICE("\0"), "1!"},
	    {"Latin-1", SLICE("a\nM\xfcller"), "1:a|2!"},
	    {"a character cut off", SLICE("a\nb\xc3"), "1:a|2!"},
	    {"half a surrogate pair", SLICE("\xed\xa0\x80"), "1!"},
	    {"half a mark", SLICE("\xef\xbb"), "1!"},
	    {"UTF-16",
	     SLICE("\xff\xfe"
		   "a\0"),
	     "1!"},
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("  %s\n", rows[i].claim);
		assert_string_equal(read_all(rows[i].input, arena), rows[i].records);
	}
	arena_free(arena);
}

static void
fields_are_bounded(void **state)
{
	struct arena *arena = arena_new();
	struct csv_reader reader;
	struct csv_record record;
	char commas[CSV_FIELDS_MAX + 1];

	(void)state;
	memset(commas, ',', sizeof(commas));
	commas[0] = '\n';
	csv_begin(&reader, slice_of(commas, CSV_FIELDS_MAX), arena);
	assert_int_equal(csv_next(&reader, &record), STATUS_OK);
	assert_int_equal(record.count, CSV_FIELDS_MAX);
	csv_begin(&reader, slice_of(commas, CSV_FIELDS_MAX + 1), arena);
	record.count = 4711;
	assert_int_equal(csv_next(&reader, &record), STATUS_INVALID);
	assert_int_equal(reader.line, 2);
	assert_int_equal(record.count, 4711);
	arena_free(arena);
}

static void
fields_outlive_the_text(void **state)
{
	struct arena *arena = arena_new();
	struct csv_reader reader;
	struct csv_record record;
	char text[] = "one,\"two\"";

	(void)state;
	csv_begin(&reader, slice_from_text(text), arena);
	assert_int_equal(csv_next(&reader, &record), STATUS_OK);
	memset(text, 'x', sizeof(text));
	assert_memory_equal(record.fields[0].data, "one", 3);
	assert_memory_equal(record.fields[1].data, "two", 3);
	arena_free(arena);
}

static void
what_is_written_is_harmless_and_comes_back(void **state)
{
	static const struct {
		const char *claim;
		struct slice value;
		const char *first, *later; /* as written */
	} rows[] = {
	    {"a word", SLICE("word"), "word", "word"},
	    {"nothing: alone it would be a blank line", SLICE(""), "\"\"", ""},
	    {"a blank: likewise", SLICE(" "), "\" \"", "\" \""},
	    {"outer blanks", SLICE(" a "), "\" a \"", "\" a \""},
	    {"a blank at the end", SLICE("a "), "\"a \"", "\"a \""},
	    {"an inner blank", SLICE("a b"), "a b", "a b"},
	    {"a comma", SLICE("a,b"), "\"a,b\"", "\"a,b\""},
	    {"a semicolon", SLICE("a;b"), "\"a;b\"", "\"a;b\""},
	    {"a tab", SLICE("a\tb"), "\"a\tb\"", "\"a\tb\""},
	    {"a quote", SLICE("5\" disk"), "\"5\"\" disk\"", "\"5\"\" disk\""},
	    {"lines", SLICE("a\r\nb"), "\"a\r\nb\"", "\"a\r\nb\""},
	    {"a mark", SLICE("\xef\xbb\xbf"), "\"\xef\xbb\xbf\"", "\"\xef\xbb\xbf\""},
	    {"a formula", SLICE("=1+1"), "'=1+1", "'=1+1"},
	    {"a formula with a comma", SLICE("=A(1,2)"), "\"'=A(1,2)\"", "\"'=A(1,2)\""},
	    {"plus", SLICE("+49 30"), "'+49 30", "'+49 30"},
	    {"minus", SLICE("-1"), "'-1", "'-1"},
	    {"at", SLICE("@example.net"), "'@example.net", "'@example.net"},
	    {"a tab in front", SLICE("\t=1"), "\"'\t=1\"", "\"'\t=1\""},
	    {"CR in front", SLICE("\r=1"), "\"'\r=1\"", "\"'\r=1\""},
	    {"LF in front", SLICE("\n=1"), "\"'\n=1\"", "\"'\n=1\""},
	    {"an equals sign later", SLICE("a=1"), "a=1", "a=1"},
	    {"an apostrophe", SLICE("'tis"), "'tis", "'tis"},
	    {"apostrophes alone", SLICE("''"), "''", "''"},
	    {"an apostrophe before a formula", SLICE("'=1"), "''=1", "''=1"},
	    {"two of them", SLICE("''@"), "'''@", "'''@"},
	};
	struct arena *arena = arena_new();
	struct csv_reader reader;
	struct csv_record record;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text out;

		print_message("  %s\n", rows[i].claim);
		text_init(&out, 1000);
		csv_write_field(&out, rows[i].value, true);
		csv_write_field(&out, rows[i].value, false);
		csv_end_record(&out);
		assert_string_equal(text_string(&out),
				    arena_printf(arena, "%s,%s\r\n", rows[i].first, rows[i].later));
		csv_begin(&reader, text_slice(&out), arena);
		assert_int_equal(csv_next(&reader, &record), STATUS_OK);
		assert_int_equal(record.count, 2);
		for (size_t field = 0; field < 2; field++)
			assert_true(slice_equal(csv_plain(record.fields[field]), rows[i].value));
		assert_int_equal(csv_next(&reader, &record), STATUS_NOT_FOUND);
		text_clear(&out);
	}
	arena_free(arena);
}

static void
plain_takes_off_what_guards_a_formula(void **state)
{
	static const struct {
		struct slice field, plain;
	} rows[] = {
	    {SLICE(""), SLICE("")},	  {SLICE("'"), SLICE("'")},
	    {SLICE("'a"), SLICE("'a")},	  {SLICE("'@a"), SLICE("@a")},
	    {SLICE("'-"), SLICE("-")},	  {SLICE("'\r"), SLICE("\r")},
	    {SLICE("=1"), SLICE("=1")},	  {SLICE("''=1"), SLICE("'=1")},
	    {SLICE("''a"), SLICE("''a")}, {SLICE("a'=1"), SLICE("a'=1")},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_true(slice_equal(csv_plain(rows[i].field), rows[i].plain));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tables_are_read),
	    cmocka_unit_test(fields_are_bounded),
	    cmocka_unit_test(fields_outlive_the_text),
	    cmocka_unit_test(what_is_written_is_harmless_and_comes_back),
	    cmocka_unit_test(plain_takes_off_what_guards_a_formula),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
