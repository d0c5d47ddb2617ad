/*
 * messenger/pdf_way, factor_wish and passphrase: what may be chosen of PDF, and what stands
 * in its way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "messenger/factor_wish.h"
#include "messenger/passphrase.h"
#include "messenger/pdf_way.h"
#include "pdf/password.h"

static void
words_are_read_as_they_are_written(void **state)
{
	static const enum pdf_way ways[] = {PDF_NONE, PDF_PASSPHRASE, PDF_GENERATED, PDF_PHONE,
					    PDF_SHEET};
	enum pdf_way way;

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		assert_true(pdf_way_read(slice_from_text(pdf_way_word(ways[i])), &way));
		assert_int_equal(way, ways[i]);
	}
	assert_true(pdf_way_read(SLICE("PassPhrase"), &way));
	assert_int_equal(way, PDF_PASSPHRASE);
	assert_true(pdf_way_read(SLICE(""), &way));
	assert_int_equal(way, PDF_NONE);
	assert_false(pdf_way_read(SLICE("pigeon"), &way));
	assert_int_equal(way, PDF_NONE);
}

static void
what_is_not_there_is_not_ready(void **state)
{
	static const struct {
		const char *claim;
		bool always, phone, number;
		int left;
		enum pdf_way way;
		bool ready;
	} rows[] = {
	    {"the portal needs nothing", true, false, false, 0, PDF_NONE, true},
	    {"nor does a passphrase", false, false, false, 0, PDF_PASSPHRASE, true},
	    {"nor what is mailed", false, false, false, 0, PDF_GENERATED, true},
	    {"no factor can be asked for", true, true, true, 9, PDF_PASSPHRASE, false},
	    {"a way to phones and a number", false, true, true, 0, PDF_PHONE, true},
	    {"no way", false, false, true, 0, PDF_PHONE, false},
	    {"no number", false, true, false, 0, PDF_PHONE, false},
	    {"a password is left", false, false, false, 1, PDF_SHEET, true},
	    {"none is left", false, true, true, 0, PDF_SHEET, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct policy policy = {.always_factor = rows[i].always,
					.phone = {.is_set = rows[i].phone}};

		print_message("  %s\n", rows[i].claim);
		assert_int_equal(
		    pdf_way_is_ready(&policy, rows[i].way, rows[i].number, rows[i].left),
		    rows[i].ready);
	}
}

static void
wishes_that_do_not_go_are_named(void **state)
{
	static const struct {
		const char *claim;
		struct factor_wish wish;
		struct factor_means means;
		bool always;
		unsigned faults;
	} rows[] = {
	    {"a passphrase", {.pdf = PDF_PASSPHRASE}, {.domain = true}, false, 0},
	    {"a factor is demanded",
	     {.pdf = PDF_GENERATED},
	     {.domain = true},
	     true,
	     FAULT_PDF_FACTOR},
	    {"the portal, and a factor is demanded", {.pdf = PDF_NONE}, {.domain = true}, true, 0},
	    {"a phone for a domain",
	     {.pdf = PDF_PHONE},
	     {.domain = true},
	     false,
	     FAULT_FACTOR_DOMAIN},
	    {"a sheet for a domain",
	     {.pdf = PDF_SHEET},
	     {.domain = true},
	     false,
	     FAULT_FACTOR_DOMAIN},
	    {"a phone without a number",
	     {.pdf = PDF_PHONE},
	     {.needs_sheet = true},
	     false,
	     FAULT_PHONE_MISSING},
	    {"one number for both",
	     {.factor = FACTOR_PHONE, .pdf = PDF_PHONE},
	     {.phone = SLICE("sealed")},
	     false,
	     0},
	    {"two sheets",
	     {.factor = FACTOR_SHEET, .pdf = PDF_SHEET},
	     {.sheet_left = 3, .passwords_left = 3},
	     false,
	     FAULT_PDF_SHEETS},
	    {"a template may wait for its sheet", {.pdf = PDF_SHEET}, {.sheet_left = 0}, false, 0},
	    {"a message may not",
	     {.pdf = PDF_SHEET},
	     {.needs_sheet = true, .sheet_left = 9},
	     false,
	     FAULT_SHEET_MISSING},
	    {"of its own sheet a password is left",
	     {.pdf = PDF_SHEET},
	     {.needs_sheet = true, .passwords_left = 1},
	     false,
	     0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct policy policy = {.always_factor = rows[i].always, .phone = {.is_set = true}};
		struct arena *arena = arena_new();
		const char *phone;

		print_message("  %s\n", rows[i].claim);
		assert_int_equal(
		    factor_wish_check(&policy, &rows[i].wish, &rows[i].means, arena, &phone),
		    rows[i].faults);
		arena_free(arena);
	}
}

static void
passphrases_for_a_pdf_are_measured_as_one_reads_them(void **state)
{
	static char longest[PDF_PASSWORD_MAX + 2];
	static const struct {
		const char *claim;
		const char *typed;
		const char *password; /* NULL: it is none */
	} rows[] = {
	    {"as it is", "seven purple herons", "seven purple herons"},
	    {"outer blanks are no part of it", "  seven herons\t", "seven herons"},
	    {"composed and decomposed are one", "Mu\xcc\x88ller", "M\xc3\xbcller"},
	    {"a blank of another script", "seven\xe3\x80\x80herons", "seven herons"},
	    {"what is seen by nobody goes", "seven\xc2\xadherons", "sevenherons"},
	    {"emoji stay", "seven \xf0\x9f\x98\x80", "seven \xf0\x9f\x98\x80"},
	    {"a control", "seven\x07herons", NULL},
	    {"not UTF-8", "seven\xffherons", NULL},
	    {"127 bytes", longest + 1, longest + 1},
	    {"128 bytes", longest, NULL},
	};

	(void)state;
	memset(longest, 'x', PDF_PASSWORD_MAX + 1);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct secret password;
		enum status status;

		print_message("  %s\n", rows[i].claim);
		status = passphrase_for_pdf(slice_from_text(rows[i].typed), &password);
		assert_int_equal(status, rows[i].password == NULL ? STATUS_INVALID : STATUS_OK);
		if (status != STATUS_OK)
			continue;
		assert_true(
		    slice_equal(secret_slice(&password), slice_from_text(rows[i].password)));
		secret_clear(&password);
	}
}

/* The same passphrase is good enough where tries are slowed down, and too weak where not. */
static void
more_is_asked_of_what_can_be_tried_without_end(void **state)
{
	struct policy policy = {.least_guesses = 100, .least_pdf_guesses = 1000000000};
	struct messenger messenger = {.policy = &policy};
	struct passphrase_form form = {.clue = SLICE("What did we ride?"),
				       .passphrase = SLICE("blue bicycle"),
				       .passphrase_again = SLICE("blue bicycle"),
				       .sender = "",
				       .recipient = ""};
	struct strength strength;

	(void)state;
	assert_int_equal(passphrase_check(&messenger, &form, &strength), 0);
	form.for_pdf = true;
	assert_int_equal(passphrase_check(&messenger, &form, &strength),
			 FAULT_PASSPHRASE_GUESSABLE);
	form.passphrase = form.passphrase_again = SLICE("seven purple herons over Delft");
	assert_int_equal(passphrase_check(&messenger, &form, &strength), 0);
	/* Never less than elsewhere. */
	form.passphrase = form.passphrase_again = SLICE("blue bicycle");
	policy.least_pdf_guesses = 0;
	assert_int_equal(passphrase_check(&messenger, &form, &strength), 0);
	policy.least_guesses = INT64_MAX;
	assert_int_equal(passphrase_check(&messenger, &form, &strength),
			 FAULT_PASSPHRASE_GUESSABLE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(words_are_read_as_they_are_written),
	    cmocka_unit_test(what_is_not_there_is_not_ready),
	    cmocka_unit_test(wishes_that_do_not_go_are_named),
	    cmocka_unit_test(passphrases_for_a_pdf_are_measured_as_one_reads_them),
	    cmocka_unit_test(more_is_asked_of_what_can_be_tried_without_end),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
