/* base/config: reading, faults and printing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/config.h"

static const struct config_option general[] = {
    {"database", CONFIG_TEXT, "host=/run/db", 0, 0, false, "where the database is"},
    {"smtp.listen", CONFIG_LIST, "127.0.0.1:10025, [::1]:10025", 0, 0, false, "addresses"},
    {"smtp.size", CONFIG_SIZE, "50 MB", 1024, 1 << 30, true, "largest message"},
    {NULL, 0, NULL, 0, 0, false, NULL},
};
static const struct config_option portal[] = {
    {"portal.keys", CONFIG_PATH, "keys/portal.keys", 0, 0, false, "key file"},
    {"portal.name", CONFIG_TEXT, NULL, 0, 0, true, "name shown to people"},
    {"smtp.timeout", CONFIG_DURATION, "5 min", 1, 3600, true, "silence before a line is cut"},
    {"portal.workers", CONFIG_NUMBER, "4", 1, 64, false, "threads"},
    {"portal.receipts", CONFIG_FLAG, "true", 0, 0, true, "offer receipts"},
    {"portal.words", CONFIG_LIST, "", 0, 0, true, "words"},
    {"smtp.clients", CONFIG_ROWS, "", 0, 0, true, "rules, first match"},
    {"smtp.clients[].networks", CONFIG_LIST, NULL, 0, 0, true, "networks"},
    {"smtp.clients[].size", CONFIG_SIZE, "1 MB", 1, 1 << 30, true, "largest message"},
    {"smtp.clients[].tls", CONFIG_FLAG, "false", 0, 0, true, "TLS needed"},
    {NULL, 0, NULL, 0, 0, false, NULL},
};
static const struct config_option *const tables[] = {general, portal, NULL};

static char folder[] = "/tmp/postern-config-XXXXXX";
static char path[64];
static char faults[8192];

static int
make_folder(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/postern.conf", folder);
	return 0;
}

static int
remove_folder(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

/* Load `text` as the file; the faults go into `faults`. */
static enum status
load(const char *text, struct config **config_out)
{
	FILE *file = fopen(path, "w");
	FILE *out = fmemopen(faults, sizeof(faults), "w");
	enum status status;

	assert_non_null(file);
	assert_non_null(out);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
	memset(faults, 0, sizeof(faults));
	status = config_load(path, tables, out, config_out);
	fclose(out);
	return status;
}

static void
defaults_hold_where_nothing_is_set(void **state)
{
	struct config *config;
	char keys[96];
	size_t count;

	(void)state;
	assert_int_equal(load("portal : { name = \"P\"; };", &config), STATUS_OK);
	assert_string_equal(config_text(config, "database"), "host=/run/db");
	assert_int_equal(config_number(config, "smtp.size"), 50 * 1048576);
	assert_int_equal(config_number(config, "smtp.timeout"), 300);
	assert_true(config_flag(config, "portal.receipts"));
	assert_string_equal(config_list(config, "smtp.listen", &count)[0], "127.0.0.1:10025");
	assert_int_equal(count, 2);
	assert_string_equal(config_list(config, "smtp.listen", &count)[1], "[::1]:10025");
	config_list(config, "portal.words", &count);
	assert_int_equal(count, 0);
	snprintf(keys, sizeof(keys), "%s/keys/portal.keys", folder);
	assert_string_equal(config_text(config, "portal.keys"), keys);
	config_free(config);
	config_free(NULL);
}

static void
values_are_read_by_kind(void **state)
{
	static const struct {
		const char *setting, *name;
		int64_t number;
	} rows[] = {
	    {"smtp : { size = 4096; }", "smtp.size", 4096},
	    {"smtp : { size = \"64 KB\"; }", "smtp.size", 65536},
	    {"smtp : { size = \"1GB\"; }", "smtp.size", 1 << 30},
	    {"smtp : { size = \"2000 B\"; }", "smtp.size", 2000},
	    {"smtp : { timeout = 90; }", "smtp.timeout", 90},
	    {"smtp : { timeout = \"15 s\"; }", "smtp.timeout", 15},
	    {"smtp : { timeout = \"1 h\"; }", "smtp.timeout", 3600},
	    {"portal2 : { }", "portal.workers", 4},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct config *config;
		char text[200];

		print_message("  %s\n", rows[i].setting);
		snprintf(text, sizeof(text), "%s; portal : { name = \"P\"; }", rows[i].setting);
		assert_int_equal(load(text, &config), STATUS_OK);
		assert_int_equal(config_number(config, rows[i].name), rows[i].number);
		config_free(config);
	}
}

static void
every_fault_is_told_with_file_and_line(void **state)
{
	static const struct {
		int line;
		const char *words;
	} expected[] = {
	    {1, "database has a value of a kind"},
	    {3, "smtp.size is out of range"},
	    {4, "smtp.timeout expects a duration"},
	    {5, "smtp.listen item 2 is not a text"},
	    {6, "no such option: smtp.colour"},
	    {9, "portal.workers expects a whole number"},
	    {10, "portal.receipts expects true or false"},
	    {11, "portal.words expects a list"},
	    {12, "portal.keys does not take a list"},
	    {14, "no such option: colour"},
	    {0, "portal.name must be set"},
	};
	struct config *config = NULL;
	size_t lines = 0;

	(void)state;
	assert_int_equal(load("database = 1.5;\n"
			      "smtp : {\n"
			      "  size = 12;\n"
			      "  timeout = \"soon\";\n"
			      "  listen = ( \"a\", 2 );\n"
			      "  colour = \"red\";\n"
			      "};\n"
			      "portal : {\n"
			      "  workers = -1;\n"
			      "  receipts = \"maybe\";\n"
			      "  words = \"one\";\n"
			      "  keys = ( \"a\" );\n"
			      "};\n"
			      "colour = 1;\n",
			      &config),
			 STATUS_INVALID);
	assert_null(config);
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		char start[200];

		snprintf(start, sizeof(start), "%s:%d: %s", path, expected[i].line,
			 expected[i].words);
		print_message("  %s\n", start);
		assert_non_null(strstr(faults, start));
	}
	/* Each once: a wrong value is not also a missing one. */
	for (const char *c = faults; *c != '\0'; c++)
		lines += *c == '\n';
	assert_int_equal(lines, sizeof(expected) / sizeof(expected[0]));
}

static void
numbers_that_do_not_fit_are_refused(void **state)
{
	static const char *const rows[] = {
	    "smtp : { size = \"99999999999999999999\"; }",
	    "smtp : { size = \"9999999999 GB\"; }",
	    "smtp : { size = \"-5 MB\"; }",
	    "smtp : { size = \"5 mb\"; }",
	    "smtp : { size = \" 5 MB\"; }",
	    "smtp : { size = \"\"; }",
	    "smtp : { timeout = \"5 years\"; }",
	    "smtp : { timeout = 3601; }",
	    "smtp : { timeout = 0; }",
	    "portal : { workers = \"4 MB\"; }",
	    "portal : { workers = 65; }",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct config *config;

		print_message("  %s\n", rows[i]);
		assert_int_equal(load(rows[i], &config), STATUS_INVALID);
		/* Its own fault besides the missing name. */
		assert_non_null(strchr(strchr(faults, '\n') + 1, '\n'));
	}
}

static void
what_cannot_be_read_says_where(void **state)
{
	struct config *config;
	char start[200];
	FILE *out;

	(void)state;
	assert_int_equal(load("portal : {\n name = ;\n};", &config), STATUS_INVALID);
	snprintf(start, sizeof(start), "%s:2: ", path);
	assert_non_null(strstr(faults, start));
	assert_int_equal(load("database = \"a\";\ndatabase = \"b\";", &config), STATUS_INVALID);
	snprintf(start, sizeof(start), "%s:2: ", path);
	assert_non_null(strstr(faults, start));
	memset(faults, 0, sizeof(faults));
	out = fmemopen(faults, sizeof(faults), "w");
	assert_non_null(out);
	assert_int_equal(config_load("/nowhere/postern.conf", tables, out, &config),
			 STATUS_INVALID);
	fclose(out);
	assert_non_null(strstr(faults, "/nowhere/postern.conf:0: "));
}

static void
rows_are_configurations_of_their_own(void **state)
{
	struct config *config;
	const struct config *row;
	size_t count;

	(void)state;
	assert_int_equal(load("portal : { name = \"P\"; };\n"
			      "smtp : { clients = (\n"
			      "  { networks = ( \"a\", \"b\" ); tls = true; },\n"
			      "  { networks = ( \"c\" ); size = \"2 MB\"; } ); };",
			      &config),
			 STATUS_OK);
	assert_int_equal(config_row_count(config, "smtp.clients"), 2);
	row = config_row(config, "smtp.clients", 0);
	assert_string_equal(config_list(row, "smtp.clients[].networks", &count)[1], "b");
	assert_int_equal(count, 2);
	assert_true(config_flag(row, "smtp.clients[].tls"));
	assert_int_equal(config_number(row, "smtp.clients[].size"), 1048576);
	row = config_row(config, "smtp.clients", 1);
	assert_false(config_flag(row, "smtp.clients[].tls"));
	assert_int_equal(config_number(row, "smtp.clients[].size"), 2097152);
	config_free(config);
}

/* What a program finds, at the place where it stands or should. */
static enum status
check(const struct config *config, FILE *out)
{
	config_fault(config, "smtp.timeout", out, "is wrong");
	config_fault(config, "smtp.size", out, "is wrong too");
	for (size_t i = 0; i < config_row_count(config, "smtp.clients"); i++) {
		const struct config *row = config_row(config, "smtp.clients", i);

		config_fault(row, "smtp.clients[].size", out, "is odd");
		config_fault(row, "smtp.clients[].tls", out, "is odd");
	}
	return STATUS_INVALID;
}

static void
faults_of_tables_rows_and_checks_come_together(void **state)
{
	static config_check *const checks[] = {check, NULL};
	static const char *const expected[] = {
	    ":2: smtp.clients item 1 is not a group",
	    ":3: no such option: smtp.clients[].colour",
	    ":4: smtp.clients[].networks must be set",
	    ":4: smtp.clients[].size is out of range",
	    ":5: smtp.timeout is wrong",
	    ":0: smtp.size is wrong too",
	    ":3: smtp.clients[].size is odd",
	    ":4: smtp.clients[].tls is odd",
	    ":0: portal.name must be set",
	};
	struct config *config;
	FILE *out;

	(void)state;
	assert_int_equal(load("smtp : { clients = (\n"
			      "  \"x\",\n"
			      "  { networks = ( \"a\" ); colour = 1; size = 7; },\n"
			      "  { size = 0; } );\n"
			      "  timeout = 9; };",
			      &config),
			 STATUS_INVALID);
	out = fmemopen(faults, sizeof(faults), "w");
	assert_non_null(out);
	memset(faults, 0, sizeof(faults));
	assert_int_equal(config_try(path, tables, checks, out), STATUS_INVALID);
	fclose(out);
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		char line[200];

		snprintf(line, sizeof(line), "%s%s", path, expected[i]);
		print_message("  %s\n", line);
		assert_non_null(strstr(faults, line));
	}
	/* The table said it already. */
	assert_null(strstr(faults, ":4: smtp.clients[].size is odd"));
}

static void
a_file_is_read_again(void **state)
{
	struct config *config, *again;
	FILE *file;

	(void)state;
	assert_int_equal(load("portal : { name = \"one\"; };", &config), STATUS_OK);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs("portal : { name = \"two\"; workers = 7; };", file);
	fclose(file);
	assert_int_equal(config_reload_logged(config, NULL, &again), STATUS_OK);
	assert_string_equal(config_text(again, "portal.name"), "two");
	assert_string_equal(config_text(config, "portal.name"), "one");
	config_free(again);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs("portal : { name = 3.5; };", file);
	fclose(file);
	assert_int_equal(config_reload_logged(config, NULL, &again), STATUS_INVALID);
	config_free(config);
}

static void
print(const struct config *config, char *text, size_t size)
{
	FILE *out = fmemopen(text, size, "w");

	assert_non_null(out);
	config_print(config, out);
	assert_int_equal(fclose(out), 0);
}

static void
what_is_printed_reads_back(void **state)
{
	struct config *config, *again;
	char first[4096] = "", second[4096] = "";
	size_t count;

	(void)state;
	assert_int_equal(load("database = \"a \\\"b\\\" \\\\ c\\nd\\te\";\n"
			      "smtp : { clients = ( { networks = ( \"n\" ); }, { networks = ( ); "
			      "tls = true; } ); "
			      "listen = ( \"x\", \"y\\\"z\" ); size = \"64 KB\"; timeout = 7; };\n"
			      "portal : { name = \"Gr\xc3\xbc\xc3\x9f"
			      "e\"; receipts = false; workers = 9; keys = \"k\"; };\n",
			      &config),
			 STATUS_OK);
	print(config, first, sizeof(first));
	assert_int_equal(load(first, &again), STATUS_OK);
	print(again, second, sizeof(second));
	assert_string_equal(first, second);
	assert_string_equal(config_text(again, "database"), "a \"b\" \\ c\nd\te");
	assert_string_equal(config_text(again, "portal.name"), config_text(config, "portal.name"));
	assert_string_equal(config_text(again, "portal.keys"), config_text(config, "portal.keys"));
	assert_int_equal(config_number(again, "smtp.size"), 65536);
	assert_int_equal(config_number(again, "smtp.timeout"), 7);
	assert_int_equal(config_number(again, "portal.workers"), 9);
	assert_false(config_flag(again, "portal.receipts"));
	assert_string_equal(config_list(again, "smtp.listen", &count)[1], "y\"z");
	assert_int_equal(count, 2);
	config_free(config);
	config_free(again);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(defaults_hold_where_nothing_is_set),
	    cmocka_unit_test(values_are_read_by_kind),
	    cmocka_unit_test(every_fault_is_told_with_file_and_line),
	    cmocka_unit_test(numbers_that_do_not_fit_are_refused),
	    cmocka_unit_test(what_cannot_be_read_says_where),
	    cmocka_unit_test(rows_are_configurations_of_their_own),
	    cmocka_unit_test(faults_of_tables_rows_and_checks_come_together),
	    cmocka_unit_test(a_file_is_read_again),
	    cmocka_unit_test(what_is_printed_reads_back),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
