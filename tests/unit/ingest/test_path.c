#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "ingest/path.h"

struct path_row {
	const char *claims;
	const char *argument;
	const char *mailbox; /* NULL: no path */
	const char *rest;
};

static const struct path_row paths[] = {
    {"a plain path", "FROM:<a@b.example>", "a@b.example", ""},
    {"keyword in any case", "from:<a@b.example>", "a@b.example", ""},
    {"the null path is empty", "FROM:<>", "", ""},
    {"blanks before the path are taken", "FROM:  <a@b.example>", "a@b.example", ""},
    {"parameters stay, with their blank", "FROM:<a@b.example> SIZE=1", "a@b.example", " SIZE=1"},
    {"what follows at once stays too", "FROM:<a@b.example>SIZE=1", "a@b.example", "SIZE=1"},
    {"a quoted bracket is no end", "FROM:<\"a>b\"@c.example>", "\"a>b\"@c.example", ""},
    {"an escaped quote does not end quotes", "FROM:<\"a\\\">\"@c.example>", "\"a\\\">\"@c.example",
     ""},
    {"a source route is left out", "FROM:<@x.example,@y.example:a@b.example>", "a@b.example", ""},
    {"a route of other bytes is none", "FROM:<@x\"y:a@b.example>", NULL, NULL},
    {"a route without end stays", "FROM:<@x.example>", "@x.example", ""},
    {"no bracket", "FROM:a@b.example", NULL, NULL},
    {"no end", "FROM:<a@b.example", NULL, NULL},
    {"no end behind a backslash", "FROM:<\"a\\", NULL, NULL},
    {"end only inside quotes", "FROM:<\"a>", NULL, NULL},
    {"two beginnings", "FROM:<<a@b.example>", NULL, NULL},
    {"another keyword", "TO:<a@b.example>", NULL, NULL},
    {"no colon", "FROM<a@b.example>", NULL, NULL},
    {"keyword alone", "FROM:", NULL, NULL},
    {"nothing", "", NULL, NULL},
};

static void
takes_paths(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		const struct path_row *row = &paths[i];
		struct slice argument = slice_from_text(row->argument);
		struct slice mailbox;
		bool taken = path_take("FROM:", &argument, &mailbox);

		if (taken != (row->mailbox != NULL))
			fail_msg("%s", row->claims);
		if (taken && (!slice_equal(mailbox, slice_from_text(row->mailbox)) ||
			      !slice_equal(argument, slice_from_text(row->rest))))
			fail_msg("%s", row->claims);
	}
}

struct parameter_row {
	const char *text;
	enum reply reply;
	uint64_t size;
	bool eight_bit;
	bool utf8;
};

static const struct parameter_row parameters[] = {
    {"", REPLY_OK, 0, false, false},
    {"   ", REPLY_OK, 0, false, false},
    {" SIZE=0", REPLY_OK, 0, false, false},
    {" SIZE=18446744073709551615", REPLY_OK, UINT64_MAX, false, false},
    {" SIZE=18446744073709551621", REPLY_OK, UINT64_MAX, false, false},
    {" SIZE=99999999999999999999", REPLY_OK, UINT64_MAX, false, false},
    {" SIZE=000000000000000000001", REPLY_BAD_PARAMETER, 0, false, false},
    {" SIZE=+1", REPLY_BAD_PARAMETER, 0, false, false},
    {" SIZE=1x", REPLY_BAD_PARAMETER, 0, false, false},
    {" SIZE", REPLY_BAD_PARAMETER, 0, false, false},
    {" SIZE=1 SIZE=1", REPLY_BAD_PARAMETER, 0, false, false},
    {"SIZE=1", REPLY_BAD_PARAMETER, 0, false, false},
    {" BODY=8BITMIME", REPLY_OK, 0, true, false},
    {" body=7bit", REPLY_OK, 0, false, false},
    {" BODY=BINARYMIME", REPLY_BAD_PARAMETER, 0, false, false},
    {" SMTPUTF8", REPLY_OK, 0, false, true},
    {" SMTPUTF8=", REPLY_BAD_PARAMETER, 0, false, false},
    {" SMTPUTF8 SMTPUTF8", REPLY_BAD_PARAMETER, 0, false, false},
    {"  SMTPUTF8  SIZE=7   BODY=8BITMIME ", REPLY_OK, 7, true, true},
    {" SIZ=1", REPLY_UNKNOWN_PARAMETER, 0, false, false},
    {" SIZES=1", REPLY_UNKNOWN_PARAMETER, 0, false, false},
    {" =1", REPLY_BAD_PARAMETER, 0, false, false},
    {" <b@c.example>", REPLY_BAD_PARAMETER, 0, false, false},
};

static void
reads_parameters_of_mail(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(parameters) / sizeof(parameters[0]); i++) {
		const struct parameter_row *row = &parameters[i];
		struct mail_parameters read;
		enum reply reply = path_mail_parameters(slice_from_text(row->text), &read);

		if (reply != row->reply)
			fail_msg("\"%s\"", row->text);
		if (reply == REPLY_OK &&
		    (read.size != row->size || read.eight_bit != row->eight_bit ||
		     read.utf8 != row->utf8))
			fail_msg("\"%s\"", row->text);
	}
}

static void
knows_no_parameters_of_rcpt(void **state)
{
	(void)state;
	assert_int_equal(path_recipient_parameters(slice_from_text("")), REPLY_OK);
	assert_int_equal(path_recipient_parameters(slice_from_text("  ")), REPLY_OK);
	assert_int_equal(path_recipient_parameters(slice_from_text(" NOTIFY=NEVER")),
			 REPLY_UNKNOWN_PARAMETER);
	assert_int_equal(path_recipient_parameters(slice_from_text("x")), REPLY_BAD_PARAMETER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(takes_paths),
	    cmocka_unit_test(reads_parameters_of_mail),
	    cmocka_unit_test(knows_no_parameters_of_rcpt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
