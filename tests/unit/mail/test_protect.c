/* What of a header is protected, what stays outside, and the framing around it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "mail/header.h"
#include "mail/parse.h"
#include "mail/protect_smime.h"

static const struct protect_policy hidden = {.subject = PROTECT_SUBJECT};

static const char *
read_all(const struct source *source, struct arena *arena)
{
	unsigned char *bytes = arena_alloc(arena, source->size + 1);

	assert_int_equal(source_read_exactly(source, 0, bytes, source->size), STATUS_OK);
	return (const char *)bytes;
}

static const char *outer;
static const char *inner;

static void
protect(const char *message, const struct protect_policy *policy, struct arena *arena)
{
	struct slice *bytes = arena_alloc(arena, sizeof(*bytes));
	struct source *source = arena_alloc(arena, sizeof(*source));
	struct protected_letter letter;

	*bytes = slice_from_text(message);
	*source = source_from_slice(bytes);
	assert_int_equal(protect_header(source, policy, arena, &letter), STATUS_OK);
	outer = arena_text_from(arena, letter.outer);
	inner = read_all(&letter.inner, arena);
}

static void
test_a_letter_becomes_two_headers(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	protect("Received: from a by b;\r\n\tnow\r\n"
		"DKIM-Signature: v=1; d=corp.example\r\n"
		"From: Alice <alice@corp.example>\r\n"
		"To: bob@example.net,\r\n carol@example.net\r\n"
		"Bcc: dave@example.net\r\n"
		"Subject: The merger\r\n"
		"Thread-Topic: The merger\r\n"
		"X-Project: merger\r\n"
		"Message-ID: <1@corp.example>\r\n"
		"MIME-Version: 1.0\r\n"
		"Content-Type: text/plain; charset=utf-8\r\n"
		"Content-Transfer-Encoding: 8bit\r\n"
		"\r\n"
		"Hello.\r\n",
		&hidden, arena);
	assert_string_equal(outer, "Received: from a by b;\r\n\tnow\r\n"
				   "From: Alice <alice@corp.example>\r\n"
				   "To: bob@example.net,\r\n carol@example.net\r\n"
				   "Subject: ...\r\n"
				   "Message-ID: <1@corp.example>\r\n");
	assert_string_equal(inner,
			    "MIME-Version: 1.0\r\n"
			    "Content-Type: text/plain; hp=\"cipher\"; protected-headers=\"v1\"; "
			    "charset=utf-8\r\n"
			    "Content-Transfer-Encoding: 8bit\r\n"
			    "From: Alice <alice@corp.example>\r\n"
			    "To: bob@example.net,\r\n carol@example.net\r\n"
			    "Subject: The merger\r\n"
			    "Thread-Topic: The merger\r\n"
			    "X-Project: merger\r\n"
			    "Message-ID: <1@corp.example>\r\n"
			    "HP-Outer: From: Alice <alice@corp.example>\r\n"
			    "HP-Outer: To: bob@example.net,\r\n carol@example.net\r\n"
			    "HP-Outer: Subject: ...\r\n"
			    "HP-Outer: Message-ID: <1@corp.example>\r\n"
			    "\r\n"
			    "Hello.\r\n");
	arena_free(arena);
}

#define HP "; hp=\"cipher\"; protected-headers=\"v1\""

static void
test_fields_and_what_becomes_of_them(void **state)
{
	static const struct protect_policy shown = {.subject = NULL};
	static const struct protect_policy words = {.subject = "Vertraulich: größer"};
	static const struct {
		const char *claim;
		const char *message;
		const struct protect_policy *policy;
		const char *outer; /* NULL: not compared */
		const char *has;   /* in the inner bytes; NULL: nothing is asked */
		const char *hasnt;
	} rows[] = {
	    {"no type: text", "From: a@b.c\r\n\r\nx", &hidden, "From: a@b.c\r\n",
	     "Content-Type: text/plain" HP "\r\n", NULL},
	    {"an empty type: text", "Content-Type:\r\n\r\nx", &hidden, "",
	     "Content-Type: text/plain" HP "\r\n", NULL},
	    {"no subject, none outside", "From: a@b.c\r\n\r\n", &hidden, "From: a@b.c\r\n", NULL,
	     "Subject"},
	    {"the subject may stay", "Subject: x\r\n\r\n", &shown, "Subject: x\r\n",
	     "HP-Outer: Subject: x\r\n", NULL},
	    {"words in its place are encoded", "Subject: x\r\n\r\n", &words,
	     "Subject: =?UTF-8?B?VmVydHJhdWxpY2g6IGdyw7bDn2Vy?=\r\n", NULL, NULL},
	    {"two subjects: both inside, none outside", "Subject: x\r\nsubject: y\r\n\r\n", &hidden,
	     "Subject: ...\r\n", "Subject: x\r\nsubject: y\r\nHP-Outer: Subject: ...\r\n\r\n",
	     NULL},
	    {"a boundary left open stays whole",
	     "Content-Type: multipart/mixed; boundary=\"abc\r\n\r\n", &hidden, "",
	     "Content-Type: multipart/mixed" HP "; boundary=\"abc\r\n", NULL},
	    {"a semicolon in quotes and comments",
	     "Content-Type: text/plain (a;b) ; name=\"x;hp=clear\"; format=flowed\r\n\r\n", &hidden,
	     NULL, "text/plain (a;b)" HP "; name=\"x;hp=clear\"; format=flowed\r\n", NULL},
	    {"claims of others are dropped",
	     "Content-Type: text/plain; HP=clear;\r\n\tprotected-headers=v1; hp*0=x; "
	     "hp-legacy-display=1;\r\n charset=utf-8;\r\n\r\n",
	     &hidden, NULL, "text/plain" HP ";\r\n charset=utf-8\r\n", "clear"},
	    {"HP-Outer of others is dropped", "HP-Outer: Subject: y\r\nhp-outer: From: y\r\n\r\n",
	     &hidden, "", NULL, "HP-Outer"},
	    {"the second type is dropped",
	     "Content-Type: text/plain\r\nContent-Type: text/html\r\n\r\n", &hidden, "", NULL,
	     "html"},
	    {"no Bcc anywhere", "bcc: x@y.z\r\nResent-Bcc: x@y.z\r\nResent-To: q@r.s\r\n\r\n",
	     &hidden, "Resent-To: q@r.s\r\n", NULL, "x@y.z"},
	    {"bare line ends in fields are mended", "To: a@b.c,\n d@e.f\nX-A: a\rb\n\nbody\n",
	     &hidden, "To: a@b.c,\r\n d@e.f\r\n", "X-A: a b\r\n", NULL},
	    {"bare line ends in the type are mended",
	     "Content-Type: text/plain (a\rb\n c); x=\"d\re\"\n\nbody\n", &hidden, "",
	     "Content-Type: text/plain (a b\r\n c)" HP "; x=\"d e\"\r\n", "\rb"},
	    {"a body is not touched", "X: y\n\nbo\rdy\n\r", &hidden, "", "\r\n\r\nbo\rdy\n\r",
	     NULL},
	    {"a text that begins in the header", "From: a@b.c\r\nHello you\r\n\r\nx", &hidden,
	     "From: a@b.c\r\n", "\r\n\r\nHello you\r\n\r\nx", NULL},
	    {"an mbox line goes", "From alice now\r\nFrom: a@b.c\r\n\r\nx", &hidden,
	     "From: a@b.c\r\n", NULL, "alice"},
	    {"no header at all", "\r\nx", &hidden, "", "\r\n\r\nx", NULL},
	    {"nothing at all", "", &hidden, "", "text/plain" HP "\r\n\r\n", NULL},
	    {"header only", "Subject: x", &hidden, "Subject: ...\r\n", "Subject: x\r\n", NULL},
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		protect(rows[i].message, rows[i].policy, arena);
		if (rows[i].outer != NULL && strcmp(outer, rows[i].outer) != 0)
			fail_msg("%s: outside [%s]", rows[i].claim, outer);
		if (rows[i].has != NULL && strstr(inner, rows[i].has) == NULL)
			fail_msg("%s: inside [%s]", rows[i].claim, inner);
		if (rows[i].hasnt != NULL && strstr(inner, rows[i].hasnt) != NULL)
			fail_msg("%s: inside [%s]", rows[i].claim, inner);
	}
	arena_free(arena);
}

static void
test_too_large_a_header_is_refused(void **state)
{
	struct arena *arena = arena_new();
	struct slice bytes = {NULL, 0};
	struct protected_letter letter;
	struct source source;
	char *message = arena_alloc(arena, HEADER_BLOCK_MAX + 10);

	(void)state;
	memset(message, 'a', HEADER_BLOCK_MAX + 9);
	message[1] = ':';
	bytes = slice_from_text(message);
	source = source_from_slice(&bytes);
	assert_int_equal(protect_header(&source, &hidden, arena, &letter), STATUS_TOO_LARGE);
	/* The largest that is read is also written, mended line by line. */
	for (size_t i = 0; i < HEADER_BLOCK_MAX - 2; i += 4)
		memcpy(message + i, i == 0 ? "To:\n" : " a \n", 4);
	bytes = slice_of(message, HEADER_BLOCK_MAX - 4);
	assert_int_equal(protect_header(&source, &hidden, arena, &letter), STATUS_OK);
	arena_free(arena);
}

static void
test_the_framing_of_smime(void **state)
{
	struct arena *arena = arena_new();
	struct slice entity = SLICE("Content-Type: text/plain\r\n\r\nHello");
	struct slice body = SLICE("TUlNRQ==\r\n");
	struct source source = source_from_slice(&entity);
	struct source encrypted = source_from_slice(&body);
	struct protected_letter letter = {.outer = SLICE("To: a@b.c\r\n")};
	struct source made;
	const char *text, *boundary;

	(void)state;
	assert_int_equal(protect_smime(&letter, false, &encrypted, arena, &made), STATUS_OK);
	text = read_all(&made, arena);
	assert_int_equal(strncmp(text, "To: a@b.c\r\nMIME-Version: 1.0\r\n", 30), 0);
	assert_non_null(strstr(text, "smime-type=enveloped-data;"));
	assert_non_null(strstr(text, "\r\n\r\nTUlNRQ==\r\n"));
	assert_int_equal(protect_smime(&letter, true, &encrypted, arena, &made), STATUS_OK);
	assert_non_null(strstr(read_all(&made, arena), "smime-type=authEnveloped-data;"));

	assert_int_equal(protect_smime_sign(&source, SLICE("SIGNED"), arena, &made), STATUS_OK);
	text = read_all(&made, arena);
	boundary = strstr(text, "\r\n--");
	assert_non_null(boundary);
	boundary = arena_text_from(arena, slice_of(boundary + 4, strcspn(boundary + 4, "\r")));
	assert_non_null(strstr(
	    text, arena_printf(arena, "boundary=\"%s\"\r\n\r\n--%s\r\n%s\r\n--%s\r\n", boundary,
			       boundary, "Content-Type: text/plain\r\n\r\nHello", boundary)));
	assert_non_null(
	    strstr(text, arena_printf(arena, "\r\n\r\nU0lHTkVE\r\n\r\n--%s--\r\n", boundary)));
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_letter_becomes_two_headers),
	    cmocka_unit_test(test_fields_and_what_becomes_of_them),
	    cmocka_unit_test(test_too_large_a_header_is_refused),
	    cmocka_unit_test(test_the_framing_of_smime),
	};

	mail_prepare();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
