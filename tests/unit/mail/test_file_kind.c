/* What a file is for people, by its name and its type. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mail/file_kind.h"

static const struct {
	const char *claim;
	struct slice name;
	const char *type;
	enum file_kind kind;
} rows[] = {
    {"by its ending", SLICE("a.pdf"), "application/octet-stream", FILE_KIND_PDF},
    {"in any case", SLICE("A.DocX"), "", FILE_KIND_WORD},
    {"the last ending counts", SLICE("offer.pdf.exe"), "application/pdf", FILE_KIND_PROGRAM},
    {"Windows drops dots and blanks", SLICE("a.exe. ."), "image/png", FILE_KIND_PROGRAM},
    {"the name before the type", SLICE("a.js"), "image/png", FILE_KIND_PROGRAM},
    {"a long ending", SLICE("a.settingcontent-ms"), "", FILE_KIND_PROGRAM},
    {"a longer one", SLICE("a.settingcontent-ms1"), "", FILE_KIND_OTHER},
    {"part of an ending", SLICE("a.ex"), "", FILE_KIND_OTHER},
    {"two endings in one", SLICE("a.exe com"), "", FILE_KIND_OTHER},
    {"an ending that is no ASCII", SLICE("a.\xc3\xa9"), "text/plain", FILE_KIND_TEXT},
    {"a path", SLICE("a.exe/b"), "", FILE_KIND_OTHER},
    {"no name", SLICE(""), "application/pdf", FILE_KIND_PDF},
    {"a dot only", SLICE("."), "", FILE_KIND_OTHER},
    {"a name that is an ending", SLICE(".exe"), "", FILE_KIND_PROGRAM},
    {"all pictures", SLICE("x"), "Image/X-Any", FILE_KIND_PICTURE},
    {"but for one that runs", SLICE("x"), "image/svg+xml", FILE_KIND_WEB},
    {"a page", SLICE("x.HTM"), "text/plain", FILE_KIND_WEB},
    {"a sheet with macros", SLICE("x.xlsm"), "", FILE_KIND_MACRO},
    {"a type that is none", SLICE("x"), "a b", FILE_KIND_OTHER},
    {"a type without a slash", SLICE("x"), "image", FILE_KIND_OTHER},
};

static void
test_kinds(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum file_kind kind = file_kind_of(rows[i].name, slice_from_text(rows[i].type));

		if (kind != rows[i].kind)
			fail_msg("%s: %d", rows[i].claim, (int)kind);
		assert_int_equal(file_kind_is_risky(kind), kind >= FILE_KIND_WEB);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_kinds)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
