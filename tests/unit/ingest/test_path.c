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
    {" BODY=BINARYMIME", REPLY_OK, 0, false, false},
    {" BODY=BINARYMIME BODY=7BIT", REPLY_BAD_PARAMETER, 0, false, false},
    {" BODY=BINARY", REPLY_BAD_PARAMETER, 0, false, false},
    {" AUTH=<>", REPLY_OK, 0, false, false},
    {" AUTH=a+40b.example", REPLY_OK, 0, false, false},
    {" AUTH=", REPLY_BAD_PARAMETER, 0, false, false},
    {" AUTH=<> AUTH=<>", REPLY_BAD_PARAMETER, 0, false, false},
    {" AUTH=a+0Ab", REPLY_BAD_PARAMETER, 0, false, false},
    {" RET=FULL ENVID=QQ314159", REPLY_OK, 0, false, false},
    {" ret=hdrs", REPLY_OK, 0, false, false},
    {" RET=", REPLY_BAD_PARAMETER, 0, false, false},
    {" RET=SOME", REPLY_BAD_PARAMETER, 0, false, false},
    {" RET=FULL RET=FULL", REPLY_BAD_PARAMETER, 0, false, false},
    {" ENVID=a+2Bb+20c", REPLY_OK, 0, false, false},
    {" ENVID=", REPLY_BAD_PARAMETER, 0, false, false},
    {" ENVID", REPLY_BAD_PARAMETER, 0, false, false},
    {" ENVID=a ENVID=b", REPLY_BAD_PARAMETER, 0, false, false},
    {" ENVID=a=b", REPLY_BAD_PARAMETER, 0, false, false},
    {" ENVID=a+2bb", REPLY_BAD_PARAMETER, 0, false, false},
    {" ENVID=a+2", REPLY_BAD_PARAMETER, 0, false, false},
    {" ENVID=a+0D+0Ab", REPLY_BAD_PARAMETER, 0, false, false},
    {" ENVID=a+7F", REPLY_BAD_PARAMETER, 0, false, false},
    {" ENVID=a+80", REPLY_BAD_PARAMETER, 0, false, false},
    {" ENVID=caf\xc3\xa9", REPLY_BAD_PARAMETER, 0, false, false},
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
keeps_what_a_report_needs(void **state)
{
	struct mail_parameters read;
	char longest[7 + PATH_ENVELOPE_ID_MAX + 2] = " ENVID=";

	(void)state;
	assert_int_equal(path_mail_parameters(SLICE(" RET=FULL ENVID=a+2Bb"), &read), REPLY_OK);
	assert_int_equal(read.returns, RETURN_FULL);
	assert_true(slice_equal(read.envelope_id, SLICE("a+2Bb")));
	assert_int_equal(path_mail_parameters(SLICE(" RET=HDRS"), &read), REPLY_OK);
	assert_int_equal(read.returns, RETURN_HEADERS);
	assert_int_equal(path_mail_parameters(SLICE(""), &read), REPLY_OK);
	assert_int_equal(read.returns, RETURN_UNSAID);
	assert_int_equal(read.envelope_id.size, 0);
	for (size_t i = 0; i < PATH_ENVELOPE_ID_MAX; i++)
		longest[7 + i] = 'x';
	assert_int_equal(path_mail_parameters(slice_from_text(longest), &read), REPLY_OK);
	longest[7 + PATH_ENVELOPE_ID_MAX] = 'x';
	assert_int_equal(path_mail_parameters(slice_from_text(longest), &read),
			 REPLY_BAD_PARAMETER);
	assert_int_equal(path_mail_parameters(SLICE(" BODY=BINARYMIME"), &read), REPLY_OK);
	assert_true(read.binary && !read.eight_bit);
}

struct wishes_row {
	const char *text;
	bool utf8;
	enum reply reply;
	unsigned notify;
	const char *original;
};

static const struct wishes_row wishes[] = {
    {"", false, REPLY_OK, 0, ""},
    {"  ", false, REPLY_OK, 0, ""},
    {"x", false, REPLY_BAD_PARAMETER, 0, ""},
    {" SIZE=1", false, REPLY_UNKNOWN_PARAMETER, 0, ""},
    {" NOTIFY=NEVER", false, REPLY_OK, NOTIFY_NEVER, ""},
    {" notify=success,DELAY", false, REPLY_OK, NOTIFY_SUCCESS | NOTIFY_DELAY, ""},
    {" NOTIFY=SUCCESS,FAILURE,DELAY", false, REPLY_OK,
     NOTIFY_SUCCESS | NOTIFY_FAILURE | NOTIFY_DELAY, ""},
    {" NOTIFY=NEVER,FAILURE", false, REPLY_BAD_PARAMETER, 0, ""},
    {" NOTIFY=FAILURE,NEVER", false, REPLY_BAD_PARAMETER, 0, ""},
    {" NOTIFY=FAILURE,FAILURE", false, REPLY_BAD_PARAMETER, 0, ""},
    {" NOTIFY=MAYBE", false, REPLY_BAD_PARAMETER, 0, ""},
    {" NOTIFY=FAILURE,", false, REPLY_BAD_PARAMETER, 0, ""},
    {" NOTIFY=", false, REPLY_BAD_PARAMETER, 0, ""},
    {" NOTIFY", false, REPLY_BAD_PARAMETER, 0, ""},
    {" NOTIFY=DELAY NOTIFY=DELAY", false, REPLY_BAD_PARAMETER, 0, ""},
    {" ORCPT=rfc822;fred@example.net", false, REPLY_OK, 0, "rfc822;fred@example.net"},
    {" NOTIFY=DELAY ORCPT=x-400;/C+3DNO", false, REPLY_OK, NOTIFY_DELAY, "x-400;/C+3DNO"},
    {" ORCPT=fred@example.net", false, REPLY_BAD_PARAMETER, 0, ""},
    {" ORCPT=;fred@example.net", false, REPLY_BAD_PARAMETER, 0, ""},
    {" ORCPT=rfc822;", false, REPLY_BAD_PARAMETER, 0, ""},
    {" ORCPT=rfc 822;a", false, REPLY_BAD_PARAMETER, 0, ""},
    {" ORCPT=rfc_822;a", false, REPLY_BAD_PARAMETER, 0, ""},
    {" ORCPT=rfc822;a+0D+0Ab", false, REPLY_BAD_PARAMETER, 0, ""},
    {" ORCPT=rfc822;a ORCPT=rfc822;a", false, REPLY_BAD_PARAMETER, 0, ""},
    {" ORCPT=utf-8;\\x{E9}t+40b.example", false, REPLY_OK, 0, "utf-8;\\x{E9}t+40b.example"},
    {" ORCPT=utf-8;\xc3\xa9t@b.example", true, REPLY_OK, 0, "utf-8;\xc3\xa9t@b.example"},
    {" ORCPT=utf-8;\xc3\xa9t@b.example", false, REPLY_BAD_PARAMETER, 0, ""},
    {" ORCPT=rfc822;\xc3\xa9t@b.example", true, REPLY_BAD_PARAMETER, 0, ""},
    {" ORCPT=rfc822;+C3+A9t@b.example", true, REPLY_OK, 0, ""},
    {" ORCPT=rfc822;+C3+A9t@b.example", false, REPLY_BAD_PARAMETER, 0, ""},
    {" ORCPT=rfc822;+C3+A9+0Dt@b.example", true, REPLY_BAD_PARAMETER, 0, ""},
    {" ORCPT=utf-8;\xc3t@b.example", true, REPLY_BAD_PARAMETER, 0, ""},
    {" ORCPT=utf-8;a\xe2\x80\xae", true, REPLY_BAD_PARAMETER, 0, ""},
};

static void
reads_parameters_of_rcpt(void **state)
{
	char longest[14 + PATH_ORIGINAL_MAX] = " ORCPT=rfc822;";
	struct recipient_parameters read;

	(void)state;
	for (size_t i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++) {
		const struct wishes_row *row = &wishes[i];
		enum reply reply =
		    path_recipient_parameters(slice_from_text(row->text), row->utf8, &read);

		if (reply != row->reply)
			fail_msg("\"%s\"", row->text);
		if (reply == REPLY_OK &&
		    (read.notify != row->notify ||
		     !slice_equal(read.original, slice_from_text(row->original))))
			fail_msg("\"%s\"", row->text);
	}
	for (size_t i = 14; i < 7 + PATH_ORIGINAL_MAX; i++)
		longest[i] = 'x';
	assert_int_equal(path_recipient_parameters(slice_from_text(longest), false, &read),
			 REPLY_OK);
	longest[7 + PATH_ORIGINAL_MAX] = 'x';
	assert_int_equal(path_recipient_parameters(slice_from_text(longest), false, &read),
			 REPLY_BAD_PARAMETER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(takes_paths),
	    cmocka_unit_test(reads_parameters_of_mail),
	    cmocka_unit_test(keeps_what_a_report_needs),
	    cmocka_unit_test(reads_parameters_of_rcpt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
