/* pdf/password: prepared as readers of PDF prepare it, or refused with the reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "pdf/password.h"

#define TEN "xxxxxxxxxx"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define M127 HUNDRED TEN TEN "xxxxxxx"

static const struct {
	const char *claim;
	const char *typed;
	const char *again; /* NULL: the same */
	const char *prepared;
	unsigned faults;
} rows[] = {
    {"words", "correct horse", NULL, "correct horse", 0},
    {"umlauts", "Größe", NULL, "Größe", 0},
    {"a letter and its mark are one", "o\xcc\x88", NULL, "ö", 0},
    {"a ligature is its letters", "\xef\xac\x81sh", NULL, "fish", 0},
    {"a wide letter is a letter", "\xef\xbc\xa1", NULL, "A", 0},
    {"a hard blank is a blank", "a\xc2\xa0z", NULL, "a z", 0},
    {"a soft hyphen is nothing", "a\xc2\xadz", NULL, "az", 0},
    {"emoji", "\xf0\x9f\x98\x80", NULL, "\xf0\x9f\x98\x80", 0},
    {"hebrew", "שלום", NULL, "שלום", 0},
    {"blanks stand where they stood", " a ", NULL, " a ", 0},
    {"127 bytes", M127, NULL, M127, 0},
    {"128 bytes", M127 "x", NULL, NULL, PDF_PASSWORD_TOO_LONG},
    {"127 letters of two bytes", "ääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääää",
     NULL, NULL, PDF_PASSWORD_TOO_LONG},
    {"far too much",
     HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED, NULL,
     NULL, PDF_PASSWORD_TOO_LONG},
    {"nothing", "", NULL, NULL, PDF_PASSWORD_MISSING},
    {"nothing but what is nothing", "\xc2\xad", NULL, NULL, PDF_PASSWORD_MISSING},
    {"two", "a", "b", NULL, PDF_PASSWORDS_DIFFER},
    {"one of two", "", "b", NULL, PDF_PASSWORDS_DIFFER},
    {"a control", "a\x07", NULL, NULL, PDF_PASSWORD_NOT_TEXT},
    {"no text", "a\xff", NULL, NULL, PDF_PASSWORD_NOT_TEXT},
    {"both directions", "שלום a", NULL, NULL, PDF_PASSWORD_NOT_TEXT},
};

static void
as_it_should_be(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *again = rows[i].again == NULL ? rows[i].typed : rows[i].again;
		struct secret password = {NULL, 0};
		unsigned faults = pdf_password_prepare(slice_from_text(rows[i].typed),
						       slice_from_text(again), &password);

		if (faults != rows[i].faults)
			fail_msg("%s: %x", rows[i].claim, faults);
		if (faults == 0 &&
		    !slice_equal(secret_slice(&password), slice_from_text(rows[i].prepared)))
			fail_msg("%s: something else", rows[i].claim);
		secret_clear(&password);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(as_it_should_be)};

	secret_prepare_process();
	return cmocka_run_group_tests_name("pdf/password", tests, NULL, NULL);
}
