/* ctl/output: hostile cells stay in their place, and JSON stays JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "ctl/output.h"

static const struct output_column one_text[] = {{"value", "VALUE", OUTPUT_TEXT, 0}};
static const struct output_column pair[] = {{"value", "VALUE", OUTPUT_TEXT, 8},
					    {"end", "END", OUTPUT_TEXT, 0}};

/* Everything printed by one list of so many rows, on the heap. */
static char *
print_list(enum output_form form, const struct output_column *columns, size_t count,
	   const struct output_cell *cells, size_t rows)
{
	struct arena *arena = arena_new();
	char *printed = NULL;
	size_t size;
	FILE *out = open_memstream(&printed, &size);
	struct output *output = output_open(out, form, arena);

	output_list(output, "things", columns, count, cells, rows);
	assert_true(output_close(output));
	fclose(out);
	arena_free(arena);
	return printed;
}

static void
hostile_cells_stay_on_their_line(void **state)
{
	static const struct {
		const char *claim;
		const char *value;
		const char *line;
	} rows[] = {
	    {"plain text", "as it is", "as it is"},
	    {"nothing", "", "-"},
	    {"blanks alone", " \t ", "-"},
	    {"a line end", "one\r\ntwo", "one  two"},
	    {"a tab", "one\ttwo", "one two"},
	    {"an escape sequence", "\x1b[2J\x1b]0;title\x07", "[2J]0;title"},
	    {"DEL and backspace", "a\x7f\bb", "ab"},
	    {"the C1 form of it",
	     "a\xc2\x9b"
	     "31mb",
	     "a31mb"},
	    {"a bidi override",
	     "a\xe2\x80\xae"
	     "fdp.exe",
	     "afdp.exe"},
	    {"line and paragraph separator",
	     "a\xe2\x80\xa8"
	     "b\xe2\x80\xa9"
	     "c",
	     "a b c"},
	    {"broken UTF-8", "a\xff\xc3", "a\xef\xbf\xbd\xef\xbf\xbd"},
	    {"other scripts stay", "Grüße 世界", "Grüße 世界"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct output_cell cell = output_text(rows[i].value);
		char *printed = print_list(OUTPUT_PLAIN, one_text, 1, &cell, 1);
		char expected[256];

		print_message("%s\n", rows[i].claim);
		snprintf(expected, sizeof(expected), "VALUE\n%s\n", rows[i].line);
		assert_string_equal(printed, expected);
		free(printed);
	}
}

static void
cells_are_cut_on_a_terminal_only(void **state)
{
	static const struct {
		const char *claim;
		const char *value;
		const char *cut;
	} rows[] = {
	    {"one that fits", "12345678", "12345678  |"},
	    {"one that does not", "123456789", "1234567…  |"},
	    {"wide characters count twice", "世界世界世界", "世界世…   |"},
	    {"marks above count nothing",
	     "e\xcc\x81"
	     "e\xcc\x81"
	     "e\xcc\x81"
	     "e\xcc\x81"
	     "e\xcc\x81",
	     "e\xcc\x81"
	     "e\xcc\x81"
	     "e\xcc\x81"
	     "e\xcc\x81"
	     "e\xcc\x81     |"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct output_cell cells[] = {output_text(rows[i].value), output_text("|"),
						    output_text("12345678"), output_text("|")};
		char *printed = print_list(OUTPUT_TERMINAL, pair, 2, cells, 2);
		char expected[256];

		print_message("%s\n", rows[i].claim);
		snprintf(expected, sizeof(expected), "VALUE     END\n%s\n12345678  |\n",
			 rows[i].cut);
		assert_string_equal(printed, expected);
		free(printed);
		printed = print_list(OUTPUT_PLAIN, pair, 2, cells, 2);
		assert_non_null(strstr(printed, rows[i].value));
		free(printed);
	}
}

static void
json_escapes_everything(void **state)
{
	static const struct {
		const char *claim;
		const char *value;
		const char *read; /* NULL: null */
	} rows[] = {
	    {"nothing", "", NULL},
	    {"quotes and backslashes", "\"}],\\u0000", "\"}],\\u0000"},
	    {"controls", "\x01\x1b[2J\r\n\t\x7f", "\x01\x1b[2J\r\n\t\x7f"},
	    {"other scripts", "Grüße 世界 \xf0\x9f\x94\x92", "Grüße 世界 \xf0\x9f\x94\x92"},
	    {"a bidi override",
	     "a\xe2\x80\xae"
	     "b",
	     "a\xe2\x80\xae"
	     "b"},
	    {"broken UTF-8", "a\xff\xc3", "a\xef\xbf\xbd\xef\xbf\xbd"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct output_cell cell = output_text(rows[i].value);
		char *printed = print_list(OUTPUT_JSON, one_text, 1, &cell, 1);
		json_t *root = json_loads(printed, JSON_REJECT_DUPLICATES, NULL);
		json_t *value =
		    json_object_get(json_array_get(json_object_get(root, "things"), 0), "value");

		print_message("%s\n", rows[i].claim);
		assert_non_null(root);
		if (rows[i].read == NULL)
			assert_true(json_is_null(value));
		else
			assert_string_equal(json_string_value(value), rows[i].read);
		for (const char *byte = printed; *byte != '\0'; byte++)
			assert_true(*byte == '\n' || (*byte >= ' ' && *byte < 0x7f));
		json_decref(root);
		free(printed);
	}
}

static const struct output_column kinds[] = {
    {"text", "text", OUTPUT_TEXT, 0},	    {"words", "words", OUTPUT_WORDS, 0},
    {"number", "number", OUTPUT_NUMBER, 0}, {"flag", "flag", OUTPUT_FLAG, 0},
    {"time", "time", OUTPUT_TIME, 0},	    {"never", "never", OUTPUT_TIME, 0},
    {NULL, "people", OUTPUT_TEXT, 0},	    {"programs", NULL, OUTPUT_TEXT, 0},
};

static char *
print_groups(enum output_form form)
{
	struct arena *arena = arena_new();
	char *printed = NULL;
	size_t size;
	FILE *out = open_memstream(&printed, &size);
	struct output *output = output_open(out, form, arena);
	const struct output_cell cells[] = {
	    output_text("a"),	       output_text("two words"),    output_number(-7),
	    output_number(1),	       output_number(1795327281),   output_number(0),
	    output_text("for people"), output_text("for programs"),
	};
	struct output_cell inner = output_text("inside");

	output_record(output, kinds, sizeof(kinds) / sizeof(kinds[0]), cells);
	output_list(output, "none", one_text, 1, NULL, 0);
	for (int i = 0; i < 2; i++) {
		output_group_begin(output, "groups");
		output_list(output, "things", one_text, 1, &inner, 1);
		output_group_end(output);
	}
	output_note(output, "That is all.");
	assert_true(output_close(output));
	fclose(out);
	arena_free(arena);
	return printed;
}

static void
one_description_serves_both(void **state)
{
	char *printed = print_groups(OUTPUT_PLAIN);

	(void)state;
	assert_string_equal(printed, "text    a\n"
				     "words   two words\n"
				     "number  -7\n"
				     "flag    yes\n"
				     "time    2026-11-22 06:01\n"
				     "never   -\n"
				     "people  for people\n"
				     "\nVALUE\ninside\n"
				     "\nVALUE\ninside\n"
				     "That is all.\n");
	free(printed);
	printed = print_groups(OUTPUT_JSON);
	for (char *byte = printed; *byte != '\0'; byte++)
		if (*byte == '\n')
			*byte = ' ';
	assert_string_equal(
	    printed,
	    "{   \"text\": \"a\",   \"words\": [     \"two\",     \"words\"   ],   "
	    "\"number\": -7,   \"flag\": true,   \"time\": \"2026-11-22T06:01:21Z\",   "
	    "\"never\": null,   \"programs\": \"for programs\",   \"none\": [],   "
	    "\"groups\": [     {       \"things\": [         {           "
	    "\"value\": \"inside\"         }       ]     },     {       "
	    "\"things\": [         {           \"value\": \"inside\"         }       ]     "
	    "}   ] } ");
	free(printed);
}

static void
a_full_disk_is_noticed(void **state)
{
	static const enum output_form forms[] = {OUTPUT_PLAIN, OUTPUT_JSON};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct arena *arena = arena_new();
		FILE *full = fopen("/dev/full", "w");
		struct output *output = output_open(full, forms[i], arena);
		struct output_cell cell = output_text("x");

		output_list(output, "things", one_text, 1, &cell, 1);
		assert_false(output_close(output));
		fclose(full);
		arena_free(arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(hostile_cells_stay_on_their_line),
	    cmocka_unit_test(cells_are_cut_on_a_terminal_only),
	    cmocka_unit_test(json_escapes_everything),
	    cmocka_unit_test(one_description_serves_both),
	    cmocka_unit_test(a_full_disk_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
