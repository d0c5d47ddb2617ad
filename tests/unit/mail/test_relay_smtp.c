/* The relay beside a server that plays a script: what it says and sends, and what it makes of the
 * answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>

#include "base/secret.h"
#include "tests/unit/mail/script_server.h"

static void
tells_recipients_apart(void **state)
{
	static const struct step script[] = {
	    GREET,
	    HELLO("250-PIPELINING\r\n250-SIZE 1000\r\n250-8BITMIME\r\n"),
	    {"MAIL FROM:<ann@example.com> SIZE=25\r\n", ""},
	    {"RCPT TO:<a@example.net>\r\n", ""},
	    {"RCPT TO:<b@example.net>\r\n", ""},
	    {"RCPT TO:<c@example.net>\r\n", ""},
	    {"DATA\r\n", "250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n550-5.1.1 No such\r\n550 5.1.1 user\r\n"
			 "451 4.3.0 Later\r\n354 Go\r\n"},
	    {"Subject: x\r\n", ""},
	    {"\r\n", ""},
	    {"..\r\n", ""},
	    {"..a\r\n", ""},
	    {"b.\r\n", ""},
	    {".\r\n", "250 2.0.0 queued as 1\r\n"},
	    END,
	};
	static const struct step *const scripts[] = {script, NULL};
	struct relay_recipient recipients[] = {{.address = "a@example.net"},
					       {.address = "b@example.net"},
					       {.address = "c@example.net"}};
	struct arena *arena = arena_new();
	struct server server = {0};
	struct relay *relay;

	(void)state;
	relay = begin(&server, scripts, NULL);
	assert_int_equal(send_letter(relay, "ann@example.com", recipients, 3,
				     SLICE("Subject: x\r\n\r\n.\r\n.a\r\nb.\r\n"), arena),
			 STATUS_OK);
	end(&server, relay);
	assert_int_equal(recipients[0].outcome, RELAY_SENT);
	assert_string_equal(recipients[0].reply, "250 2.0.0 queued as 1");
	assert_int_equal(recipients[1].outcome, RELAY_REFUSED);
	assert_string_equal(recipients[1].status, "5.1.1");
	assert_string_equal(recipients[1].reply, "550 5.1.1 No such user");
	assert_int_equal(recipients[2].outcome, RELAY_LATER);
	assert_string_equal(recipients[2].status, "4.3.0");
	arena_free(arena);
}

/* Makes a body in three pieces, or breaks off behind the second. */
struct maker {
	bool breaks;
	size_t calls;
};

static enum status
make_body(void *context, const struct sink *sink)
{
	struct maker *maker = context;
	enum status status;

	maker->calls++;
	status = sink_write(sink, SLICE("first\r\n."));
	if (status == STATUS_OK)
		status = sink_write(sink, SLICE("second\r\n"));
	if (status == STATUS_OK && maker->breaks)
		return STATUS_INTERNAL;
	return status == STATUS_OK ? sink_write(sink, SLICE(".third")) : status;
}

/* One letter whose body is made while it is sent. */
static enum status
send_made(const struct step *script, struct maker *maker, struct relay_recipient *recipient,
	  struct arena *arena)
{
	const struct step *const scripts[] = {script, NULL};
	struct slice header = SLICE("Subject: x\r\n\r\n");
	struct source source = source_from_slice(&header);
	struct relay_making making = {make_body, maker, 1000};
	struct relay_letter letter = {.id = "letter",
				      .sender = "ann@example.com",
				      .recipients = recipient,
				      .count = 1,
				      .source = &source,
				      .making = &making};
	struct server server = {0};
	struct relay *relay;
	enum status status;

	relay = begin(&server, scripts, NULL);
	status = relay_send(relay, &letter, arena);
	end(&server, relay);
	return status;
}

static void
makes_a_body_while_it_is_sent(void **state)
{
	static const struct step script[] = {
	    GREET,
	    HELLO("250-SIZE 1100\r\n"),
	    {"MAIL FROM:<ann@example.com> SIZE=1014\r\n", "250 Ok\r\n"},
	    {"RCPT", "250 Ok\r\n"},
	    {"DATA\r\n", "354 Go\r\n"},
	    {"Subject: x\r\n", ""},
	    {"\r\n", ""},
	    {"first\r\n", ""},
	    {"..second\r\n", ""},
	    {"..third\r\n", ""},
	    {".\r\n", "250 Ok\r\n"},
	    END,
	};
	struct relay_recipient recipient = {.address = "fred@example.net"};
	struct arena *arena = arena_new();
	struct maker maker = {0};

	(void)state;
	assert_int_equal(send_made(script, &maker, &recipient, arena), STATUS_OK);
	assert_int_equal(recipient.outcome, RELAY_SENT);
	assert_int_equal(maker.calls, 1);
	arena_free(arena);
}

static void
does_not_make_what_the_server_would_not_take(void **state)
{
	static const struct step script[] = {GREET, HELLO("250-SIZE 500\r\n"), END};
	struct relay_recipient recipient = {.address = "fred@example.net"};
	struct arena *arena = arena_new();
	struct maker maker = {0};

	(void)state;
	assert_int_equal(send_made(script, &maker, &recipient, arena), STATUS_OK);
	assert_int_equal(recipient.outcome, RELAY_REFUSED);
	assert_string_equal(recipient.status, "5.3.4");
	assert_int_equal(maker.calls, 0);
	arena_free(arena);
}

/* Half a letter must never look like a whole one. */
static void
does_not_end_a_letter_that_could_not_be_made(void **state)
{
	static const struct step script[] = {
	    GREET,
	    HELLO(""),
	    {"MAIL", "250 Ok\r\n"},
	    {"RCPT", "250 Ok\r\n"},
	    {"DATA\r\n", "354 Go\r\n"},
	    {"Subject: x\r\n", ""},
	    {"\r\n", ""},
	    {"first\r\n", ""},
	    {"..second\r\n", ""},
	    END,
	};
	struct relay_recipient recipient = {.address = "fred@example.net"};
	struct arena *arena = arena_new();
	struct maker maker = {.breaks = true};

	(void)state;
	assert_int_equal(send_made(script, &maker, &recipient, arena), STATUS_INTERNAL);
	assert_int_equal(recipient.outcome, RELAY_LATER);
	arena_free(arena);
}

static const struct {
	const char *claim;
	struct step script[12];
	const char *address;
	const char *bytes;
	enum status status;
	enum relay_outcome outcome;
	const char *code;
} stories[] = {
    {"without pipelining",
     {GREET,
      HELLO(""),
      {"MAIL FROM:<ann@example.com>\r\n", "250 Ok\r\n"},
      {"RCPT TO:<fred@example.net>\r\n", "250 Ok\r\n"},
      {"DATA\r\n", "354 Go\r\n"},
      {"<data>", "250 Ok\r\n"}},
     "fred@example.net",
     "x\r\n",
     STATUS_OK,
     RELAY_SENT,
     "2.0.0"},
    {"a letter without a last line end gets one",
     {GREET,
      HELLO(""),
      {"MAIL", "250 Ok\r\n"},
      {"RCPT", "250 Ok\r\n"},
      {"DATA\r\n", "354 Go\r\n"},
      {"x\r\n", ""},
      {".\r\n", "250 Ok\r\n"}},
     "fred@example.net",
     "x",
     STATUS_OK,
     RELAY_SENT,
     "2.0.0"},
    {"8 bits are announced",
     {GREET,
      HELLO("250-8BITMIME\r\n"),
      {"MAIL FROM:<ann@example.com> BODY=8BITMIME\r\n", "250 Ok\r\n"},
      {"RCPT", "250 Ok\r\n"},
      {"DATA\r\n", "354 Go\r\n"},
      {"<data>", "250 Ok\r\n"}},
     "fred@example.net",
     "\xc3\xa4\r\n",
     STATUS_OK,
     RELAY_SENT,
     "2.0.0"},
    {"8 bits go without the offer",
     {GREET,
      HELLO(""),
      {"MAIL FROM:<ann@example.com>\r\n", "250 Ok\r\n"},
      {"RCPT", "250 Ok\r\n"},
      {"DATA\r\n", "354 Go\r\n"},
      {"\xc3\xa4\r\n", ""},
      {".\r\n", "250 Ok\r\n"}},
     "fred@example.net",
     "\xc3\xa4\r\n",
     STATUS_OK,
     RELAY_SENT,
     "2.0.0"},
    {"UTF-8 addresses where offered",
     {GREET,
      HELLO("250-SMTPUTF8\r\n"),
      {"MAIL FROM:<ann@example.com> SMTPUTF8\r\n", "250 Ok\r\n"},
      {"RCPT TO:<j\xc3\xbcrgen@example.net>\r\n", "250 Ok\r\n"},
      {"DATA\r\n", "354 Go\r\n"},
      {"<data>", "250 Ok\r\n"}},
     "j\xc3\xbcrgen@example.net",
     "x\r\n",
     STATUS_OK,
     RELAY_SENT,
     "2.0.0"},
    {"UTF-8 addresses elsewhere",
     {GREET, HELLO("")},
     "j\xc3\xbcrgen@example.net",
     "x\r\n",
     STATUS_OK,
     RELAY_REFUSED,
     "5.6.7"},
    {"larger than the limit",
     {GREET, HELLO("250-SIZE 4\r\n")},
     "fred@example.net",
     "xxx\r\n",
     STATUS_OK,
     RELAY_REFUSED,
     "5.3.4"},
    {"no limit told",
     {GREET, HELLO("250-SIZE 0\r\n"), {"MAIL", "550 5.7.1 Go away\r\n"}},
     "fred@example.net",
     "xxx\r\n",
     STATUS_OK,
     RELAY_REFUSED,
     "5.7.1"},
    {"MAIL put off",
     {GREET, HELLO(""), {"MAIL", "451 4.7.1 Greylisted\r\n"}},
     "fred@example.net",
     "x\r\n",
     STATUS_OK,
     RELAY_LATER,
     "4.7.1"},
    {"MAIL refused with everything sent already",
     {GREET,
      HELLO("250-PIPELINING\r\n"),
      {"MAIL", ""},
      {"RCPT", ""},
      {"DATA", "550 5.7.1 No\r\n503 5.5.1 What\r\n503 5.5.1 What\r\n"}},
     "fred@example.net",
     "x\r\n",
     STATUS_OK,
     RELAY_REFUSED,
     "5.7.1"},
    {"all refused but DATA taken",
     {GREET,
      HELLO("250-PIPELINING\r\n"),
      {"MAIL", ""},
      {"RCPT", ""},
      {"DATA", "250 Ok\r\n550 5.1.1 No\r\n354 Go\r\n"},
      {".\r\n", "554 5.5.1 None\r\n"}},
     "fred@example.net",
     "x\r\n",
     STATUS_OK,
     RELAY_REFUSED,
     "5.1.1"},
    {"DATA refused",
     {GREET,
      HELLO(""),
      {"MAIL", "250 Ok\r\n"},
      {"RCPT", "250 Ok\r\n"},
      {"DATA", "554 5.7.1 No\r\n"}},
     "fred@example.net",
     "x\r\n",
     STATUS_OK,
     RELAY_REFUSED,
     "5.7.1"},
    {"content refused",
     {GREET,
      HELLO(""),
      {"MAIL", "250 Ok\r\n"},
      {"RCPT", "250 Ok\r\n"},
      {"DATA", "354 Go\r\n"},
      {"<data>", "554 5.7.1 Spam\r\n"}},
     "fred@example.net",
     "x\r\n",
     STATUS_OK,
     RELAY_REFUSED,
     "5.7.1"},
    {"421 at RCPT",
     {GREET,
      HELLO(""),
      {"MAIL", "250 Ok\r\n"},
      {"RCPT", "421 4.3.2 Shutting down\r\n"},
      {"", NULL}},
     "fred@example.net",
     "x\r\n",
     STATUS_OK,
     RELAY_LATER,
     "4.3.2"},
    {"drop before the dot",
     {GREET, HELLO(""), {"MAIL", "250 Ok\r\n"}, {"RCPT", "250 Ok\r\n"}, {"DATA", NULL}},
     "fred@example.net",
     "x\r\n",
     STATUS_UNAVAILABLE,
     RELAY_LATER,
     "4.4.2"},
    {"drop behind the dot",
     {GREET,
      HELLO(""),
      {"MAIL", "250 Ok\r\n"},
      {"RCPT", "250 Ok\r\n"},
      {"DATA", "354 Go\r\n"},
      {"<data>", NULL}},
     "fred@example.net",
     "x\r\n",
     STATUS_UNAVAILABLE,
     RELAY_LATER,
     "4.4.2"},
    {"a promise without having seen the letter",
     {GREET, HELLO(""), {"MAIL", "250 Ok\r\n"}, {"RCPT", "250 Ok\r\n"}, {"DATA", "250 Ok\r\n"}},
     "fred@example.net",
     "x\r\n",
     STATUS_UNAVAILABLE,
     RELAY_LATER,
     "4.4.2"},
    {"no SMTP at all",
     {GREET, HELLO(""), {"MAIL", "HTTP/1.1 200 OK\r\n"}},
     "fred@example.net",
     "x\r\n",
     STATUS_UNAVAILABLE,
     RELAY_LATER,
     "4.4.2"},
    {"greeted by 554",
     {{"", "554 No service\r\n"}},
     "fred@example.net",
     "x\r\n",
     STATUS_UNAVAILABLE,
     RELAY_LATER,
     "4.4.1"},
};

static void
tells_each_story(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		struct arena *arena = arena_new();
		struct server server = {0};
		struct relay_recipient recipient;
		enum status status =
		    send_one(stories[i].script, NULL, stories[i].address,
			     slice_from_text(stories[i].bytes), arena, &recipient, &server);

		if (status != stories[i].status || recipient.outcome != stories[i].outcome ||
		    strcmp(recipient.status, stories[i].code) != 0)
			fail_msg("%s: %s, outcome %d, %s %s", stories[i].claim, status_text(status),
				 recipient.outcome, recipient.status, recipient.reply);
		arena_free(arena);
	}
}

static void
keeps_the_connection(void **state)
{
	static const struct step first[] = {GREET, HELLO(""), LETTER, LETTER, {"MAIL", NULL}};
	static const struct step second[] = {GREET, HELLO(""), LETTER, END};
	static const struct step *const scripts[] = {first, second, NULL};
	struct relay_recipient recipient = {.address = "fred@example.net"};
	struct arena *arena = arena_new();
	struct server server = {0};
	struct relay *relay;

	(void)state;
	relay = begin(&server, scripts, NULL);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(send_letter(relay, "", &recipient, 1, SLICE("x\r\n"), arena),
				 STATUS_OK);
		assert_int_equal(recipient.outcome, RELAY_SENT);
	}
	end(&server, relay);
	assert_non_null(strstr(server.seen, "MAIL FROM:<>\r\n"));
	arena_free(arena);
}

static void
pipelines_many_recipients(void **state)
{
	enum { COUNT = 120 };
	static struct step script[COUNT + 6];
	static const struct step *const scripts[] = {script, NULL};
	struct relay_recipient recipients[COUNT];
	struct arena *arena = arena_new();
	struct server server = {0};
	struct relay *relay;
	size_t at = 0;

	(void)state;
	script[at++] = (struct step)GREET;
	script[at++] = (struct step)HELLO("250-PIPELINING\r\n");
	script[at++] = (struct step){"MAIL", "250 Ok\r\n"};
	for (int i = 0; i < COUNT; i++) {
		recipients[i] = (struct relay_recipient){
		    .address = arena_printf(arena, "user-%d@example.net", i)};
		script[at++] =
		    (struct step){arena_printf(arena, "RCPT TO:<user-%d@example.net>\r\n", i),
				  i % 2 == 0 ? "250 Ok\r\n" : "550 5.1.1 No\r\n"};
	}
	script[at++] = (struct step){"DATA", "354 Go\r\n"};
	script[at++] = (struct step){"<data>", "250 Ok\r\n"};
	relay = begin(&server, scripts, NULL);
	assert_int_equal(send_letter(relay, "", recipients, COUNT, SLICE("x\r\n"), arena),
			 STATUS_OK);
	end(&server, relay);
	for (int i = 0; i < COUNT; i++)
		assert_int_equal(recipients[i].outcome, i % 2 == 0 ? RELAY_SENT : RELAY_REFUSED);
	arena_free(arena);
}

#define DSN_OFFERS "250-DSN\r\n250-CHUNKING\r\n250-BINARYMIME\r\n"

/* What was asked for is handed on where it is offered, and only there. */
static const struct {
	const char *claim;
	struct relay_letter letter;
	struct relay_recipient recipient;
	const char *bytes;
	struct step script[8];
	enum relay_outcome outcome;
	const char *code;
	bool told;
} wishes[] = {
    {"all of DSN",
     {.id = "x",
      .sender = "ann@example.com",
      .returns = RELAY_RETURN_HEADERS,
      .envelope_id = "a+2Bb"},
     {.address = "fred@example.net",
      .notify = RELAY_NOTIFY_SUCCESS | RELAY_NOTIFY_DELAY,
      .original = "rfc822;Fred+2Bx@example.net"},
     "x\r\n",
     {GREET,
      HELLO(DSN_OFFERS),
      {"MAIL FROM:<ann@example.com> RET=HDRS ENVID=a+2Bb\r\n", "250 Ok\r\n"},
      {"RCPT TO:<fred@example.net> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;Fred+2Bx@example.net\r\n",
       "250 Ok\r\n"},
      {"DATA\r\n", "354 Go\r\n"},
      {"<data>", "250 Ok\r\n"}},
     RELAY_SENT,
     "2.0.0",
     true},
    {"nothing without the offer",
     {.id = "x", .sender = "ann@example.com", .returns = RELAY_RETURN_FULL, .envelope_id = "a"},
     {.address = "fred@example.net", .notify = RELAY_NOTIFY_NEVER, .original = "rfc822;x"},
     "x\r\n",
     {GREET,
      HELLO(""),
      {"MAIL FROM:<ann@example.com>\r\n", "250 Ok\r\n"},
      {"RCPT TO:<fred@example.net>\r\n", "250 Ok\r\n"},
      {"DATA\r\n", "354 Go\r\n"},
      {"<data>", "250 Ok\r\n"}},
     RELAY_SENT,
     "2.0.0",
     false},
    {"nothing that could end a command",
     {.id = "x", .sender = "ann@example.com", .envelope_id = "a\r\nRSET"},
     {.address = "fred@example.net", .notify = RELAY_NOTIFY_NEVER, .original = "x y"},
     "x\r\n",
     {GREET,
      HELLO(DSN_OFFERS),
      {"MAIL FROM:<ann@example.com>\r\n", "250 Ok\r\n"},
      {"RCPT TO:<fred@example.net> NOTIFY=NEVER\r\n", "250 Ok\r\n"},
      {"DATA\r\n", "354 Go\r\n"},
      {"<data>", "250 Ok\r\n"}},
     RELAY_SENT,
     "2.0.0",
     true},
    {"a binary letter goes by BDAT, dots and all",
     {.id = "x", .sender = "ann@example.com", .binary = true},
     {.address = "fred@example.net"},
     "a\n.\r\n",
     {GREET,
      HELLO(DSN_OFFERS),
      {"MAIL FROM:<ann@example.com> BODY=BINARYMIME\r\n", "250 Ok\r\n"},
      {"RCPT TO:<fred@example.net>\r\n", "250 Ok\r\n"},
      {"BDAT 5 LAST\r\n", ""},
      {"a\n", ""},
      {".\r\n", "250 Ok\r\n"}},
     RELAY_SENT,
     "2.0.0",
     true},
    {"or not at all",
     {.id = "x", .sender = "ann@example.com", .binary = true},
     {.address = "fred@example.net"},
     "a\r\n",
     {GREET, HELLO("250-CHUNKING\r\n")},
     RELAY_REFUSED,
     "5.6.3",
     false},
    {"a header of 8 bits, as it was announced",
     {.id = "x", .sender = "ann@example.com", .utf8 = true},
     {.address = "fred@example.net"},
     "Subject: \xc3\xbc\r\n\r\nx\r\n",
     {GREET, HELLO("250-8BITMIME\r\n")},
     RELAY_REFUSED,
     "5.6.7",
     false},
    {"a body of 8 bits needs no SMTPUTF8",
     {.id = "x", .sender = "ann@example.com", .utf8 = true},
     {.address = "fred@example.net"},
     "Subject: u\r\n\r\n\xc3\xbc\r\n",
     {GREET,
      HELLO("250-8BITMIME\r\n250-SMTPUTF8\r\n"),
      {"MAIL FROM:<ann@example.com> BODY=8BITMIME\r\n", "250 Ok\r\n"},
      {"RCPT", "250 Ok\r\n"},
      {"DATA\r\n", "354 Go\r\n"},
      {"<data>", "250 Ok\r\n"}},
     RELAY_SENT,
     "2.0.0",
     false},
};

static void
hands_on_what_is_offered(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++) {
		const struct step *const scripts[] = {wishes[i].script, NULL};
		struct slice bytes = slice_from_text(wishes[i].bytes);
		struct source source = source_from_slice(&bytes);
		struct relay_recipient recipient = wishes[i].recipient;
		struct relay_letter letter = wishes[i].letter;
		struct arena *arena = arena_new();
		struct server server = {0};
		struct relay *relay;

		letter.recipients = &recipient;
		letter.count = 1;
		letter.source = &source;
		relay = begin(&server, scripts, NULL);
		assert_int_equal(relay_send(relay, &letter, arena), STATUS_OK);
		end(&server, relay);
		if (recipient.outcome != wishes[i].outcome || recipient.told != wishes[i].told ||
		    strcmp(recipient.status, wishes[i].code) != 0)
			fail_msg("%s: outcome %d, %s", wishes[i].claim, recipient.outcome,
				 recipient.reply);
		arena_free(arena);
	}
}

static void
comes_back_when_nobody_answers(void **state)
{
	struct relay_recipient recipient = {.address = "fred@example.net"};
	struct arena *arena = arena_new();
	struct server server = {0};
	struct relay *relay;
	static const struct step *const none[] = {NULL};

	(void)state;
	relay = begin(&server, none, NULL);
	/* A port where nobody listens any more. */
	stop(&server);
	assert_int_equal(send_letter(relay, "", &recipient, 1, SLICE("x\r\n"), arena),
			 STATUS_UNAVAILABLE);
	assert_int_equal(recipient.outcome, RELAY_LATER);
	assert_string_equal(recipient.status, "4.4.1");
	relay_close(relay);
	arena_free(arena);
}

static void
impatient(struct relay_settings *settings)
{
	settings->timeout_seconds = 1;
}

static void
does_not_wait_for_ever(void **state)
{
	static const struct step script[] = {GREET, HELLO(""), {"MAIL", "250-One\r\n250-"}, END};
	struct relay_recipient recipient;
	struct arena *arena = arena_new();
	struct server server = {0};

	(void)state;
	assert_int_equal(send_one(script, impatient, "fred@example.net", SLICE("x\r\n"), arena,
				  &recipient, &server),
			 STATUS_UNAVAILABLE);
	assert_int_equal(recipient.outcome, RELAY_LATER);
	arena_free(arena);
}

static void
refuses_settings_without_sense(void **state)
{
	static const char *const short_print[] = {"12:34"};
	struct relay_settings settings = {
	    .host = "a/b", .port = 25, .name = "", .helo_name = "x", .timeout_seconds = 1};
	struct relay *relay;

	(void)state;
	assert_int_equal(relay_open(&settings, &relay), STATUS_INVALID);
	settings.host = "there";
	settings.helo_name = "x\r\nMAIL";
	assert_int_equal(relay_open(&settings, &relay), STATUS_INVALID);
	settings.helo_name = "x";
	settings.tls = RELAY_TLS_FINGERPRINT;
	assert_int_equal(relay_open(&settings, &relay), STATUS_INVALID);
	settings.fingerprints = short_print;
	settings.fingerprint_count = 1;
	assert_int_equal(relay_open(&settings, &relay), STATUS_INVALID);
	settings.tls = RELAY_TLS_MAY;
	settings.user = "x";
	settings.password_file = "/nowhere";
	assert_int_equal(relay_open(&settings, &relay), STATUS_INVALID);
}

static int
set_up(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	secret_prepare_process();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tells_recipients_apart),
	    cmocka_unit_test(makes_a_body_while_it_is_sent),
	    cmocka_unit_test(does_not_make_what_the_server_would_not_take),
	    cmocka_unit_test(does_not_end_a_letter_that_could_not_be_made),
	    cmocka_unit_test(tells_each_story),
	    cmocka_unit_test(keeps_the_connection),
	    cmocka_unit_test(pipelines_many_recipients),
	    cmocka_unit_test(hands_on_what_is_offered),
	    cmocka_unit_test(comes_back_when_nobody_answers),
	    cmocka_unit_test(does_not_wait_for_ever),
	    cmocka_unit_test(refuses_settings_without_sense),
	};

	return cmocka_run_group_tests_name("mail/relay_smtp", tests, set_up, NULL);
}
