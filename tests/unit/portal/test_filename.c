#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mail/file_name.h"
#include "portal/filename.h"

static const struct {
	const char *claim;
	struct slice sent;
	const char *clean;
} rows[] = {
    {"a plain name", SLICE("report.pdf"), "report.pdf"},
    {"letters of the world",
     SLICE("\xc3\x9c"
	   "bersicht \xe2\x82\xac.pdf"),
     "\xc3\x9c"
     "bersicht \xe2\x82\xac.pdf"},
    {"a path", SLICE("../../etc/passwd"), "passwd"},
    {"a Windows path", SLICE("C:\\x\\a.txt"), "a.txt"},
    {"nothing behind the slash", SLICE("a/"), "file"},
    {"dots", SLICE(".."), "file"},
    {"nothing", SLICE(""), "file"},
    {"line ends", SLICE("a\r\nBcc: x"), "aBcc: x"},
    {"NUL", SLICE("a.exe\0.txt"), "a.exe.txt"},
    {"a turned ending", SLICE("a\xe2\x80\xaegpj.exe"), "agpj.exe"},
    {"bytes that are no UTF-8", SLICE("a\xff.txt"), "a\xef\xbf\xbd.txt"},
    {"outer blanks", SLICE("  a.txt "), "a.txt"},
};

static void
test_sent_names_are_cleaned(void **state)
{
	struct arena *arena = arena_new();
	char name[1000];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(filename_clean(rows[i].sent, arena), rows[i].clean) != 0)
			fail_msg("%s: %s", rows[i].claim, filename_clean(rows[i].sent, arena));
	memset(name, 'x', sizeof(name));
	memcpy(name + 900, ".docx", 5);
	assert_int_equal(strlen(filename_clean(slice_of(name, 905), arena)), FILENAME_MAX_BYTES);
	assert_non_null(strstr(filename_clean(slice_of(name, 905), arena), ".docx"));
	arena_free(arena);
}

static void
test_disposition_holds_no_raw_name(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	assert_string_equal(filename_disposition("\xc3\xbc\"\r\n;\\%.pdf", arena),
			    "attachment; filename=\"________.pdf\"; "
			    "filename*=UTF-8''%C3%BC%22%0D%0A%3B%5C%25.pdf");
	assert_string_equal(file_name_or_default("a.b", "image/png"), "a.b");
	assert_string_equal(file_name_or_default("", "image/png"), "picture.png");
	assert_string_equal(file_name_or_default("", "application/x-new"), "file");
	assert_string_equal(filename_disposition("", arena),
			    "attachment; filename=\"file\"; filename*=UTF-8''file");
	arena_free(arena);
}

static void
test_paths_stay_below_their_folder(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	assert_string_equal(filename_path_segment("..", arena), "file");
	assert_string_equal(filename_path_segment("", arena), "file");
	assert_string_equal(filename_path_segment("a/b ?#.txt", arena), "a%2Fb%20%3F%23.txt");
	arena_free(arena);
}

static void
test_types_come_from_the_table(void **state)
{
	static const char *const never[] = {"text/html",
					    "image/svg+xml",
					    "application/xhtml+xml",
					    "text/xml",
					    "text/javascript",
					    "text/plain\r\nX: y",
					    "",
					    "application/x-shockwave-flash"};

	(void)state;
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		assert_string_equal(file_name_content_type(never[i]), "application/octet-stream");
	assert_string_equal(file_name_content_type("Application/PDF"), "application/pdf");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sent_names_are_cleaned),
	    cmocka_unit_test(test_disposition_holds_no_raw_name),
	    cmocka_unit_test(test_paths_stay_below_their_folder),
	    cmocka_unit_test(test_types_come_from_the_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
