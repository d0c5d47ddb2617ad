/* Marks: what is one, what nearly is, what is not, and what is left when they are cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "mail/address.h"
#include "mail/marks.h"

static const char *const exceptions[] = {"secure-print@example.org"};
static const char *const subject_marks[] = {"[secure]", "[vertraulich]"};
static const char *const header_marks[] = {"X-Secure: yes", "Sensitivity: company-confidential"};
static const struct mark_rules rules = {
    .address_prefix = "secure-",
    .address_exceptions = exceptions,
    .address_exception_count = 1,
    .subject_marks = subject_marks,
    .subject_mark_count = 2,
    .header_marks = header_marks,
    .header_mark_count = 2,
};

static void
test_address(void **state)
{
	static const struct {
		const char *address;
		enum mark mark;
		const char *clean; /* NULL: as it is */
	} rows[] = {
	    {"secure-fred@example.net", MARK_FOUND, "fred@example.net"},
	    {"SECURE-Fred@Example.NET", MARK_FOUND, "Fred@Example.NET"},
	    {"secure-secure-x@example.net", MARK_FOUND, "secure-x@example.net"},
	    {"\"secure-fred\"@example.net", MARK_FOUND, "fred@example.net"},
	    {"\"secure-a b\"@example.net", MARK_FOUND, "\"a b\"@example.net"},
	    {"\"\\secure-fred\"@example.net", MARK_FOUND, "fred@example.net"},
	    {"secure-j\xc3\xbcrgen@example.net", MARK_FOUND, "j\xc3\xbcrgen@example.net"},
	    {"\xc5\xbf"
	     "ecure-fred@example.net",
	     MARK_FOUND, "fred@example.net"},
	    {"secure-print@example.org", MARK_NONE, NULL},
	    {"Secure-Print@EXAMPLE.org", MARK_NONE, NULL},
	    {"secure-secure-print@example.org", MARK_FOUND, "secure-print@example.org"},
	    {"secuer-fred@example.net", MARK_NEAR, NULL},
	    {"secur-fred@example.net", MARK_NEAR, NULL},
	    {"secrue-fred@example.net", MARK_NEAR, NULL},
	    {"seccure-fred@example.net", MARK_NEAR, NULL},
	    {"sdcure-fred@example.net", MARK_NEAR, NULL},
	    {"ecure-fred@example.net", MARK_NEAR, NULL},
	    {"Secure_fred@example.net", MARK_NEAR, NULL},
	    {"secure.fred@example.net", MARK_NEAR, NULL},
	    {"secure+fred@example.net", MARK_NEAR, NULL},
	    {"secure=fred@example.net", MARK_NEAR, NULL},
	    {"secuer_fred@example.net", MARK_NEAR, NULL},
	    {"\"secure fred\"@example.net", MARK_NEAR, NULL},
	    {"'secure.fred@example.net", MARK_NEAR, NULL},
	    {"secure-@example.net", MARK_NEAR, NULL},
	    {"secure--fred@example.net", MARK_NEAR, NULL},
	    {"secure-.fred@example.net", MARK_NEAR, NULL},
	    /* full-width letters, Cyrillic, an en dash, an accent, a zero-width space */
	    {"\xef\xbd\x93\xef\xbd\x85\xef\xbd\x83\xef\xbd\x95\xef\xbd\x92\xef\xbd\x85-f@x.example",
	     MARK_NEAR, NULL},
	    {"\xd1\x95\xd0\xb5\xd1\x81ure-fred@example.net", MARK_NEAR, NULL},
	    {"secure\xe2\x80\x93"
	     "fred@example.net",
	     MARK_NEAR, NULL},
	    {"s\xc3\xa9"
	     "cure-fred@example.net",
	     MARK_NEAR, NULL},
	    {"sec\xe2\x80\x8bure-fred@example.net", MARK_NEAR, NULL},
	    {"fred@example.net", MARK_NONE, NULL},
	    {"security-team@example.net", MARK_NONE, NULL},
	    {"security@example.net", MARK_NONE, NULL},
	    {"secured@example.net", MARK_NONE, NULL},
	    {"secure@example.net", MARK_NONE, NULL},
	    {"secur@example.net", MARK_NONE, NULL},
	    {"secretary@example.net", MARK_NONE, NULL},
	    {"secret-santa@example.net", MARK_NONE, NULL},
	    {"second-floor@example.net", MARK_NONE, NULL},
	    {"section-secure-x@example.net", MARK_NONE, NULL},
	    {"insecure-fred@example.net", MARK_NONE, NULL},
	    {"fred-secure-x@example.net", MARK_NONE, NULL},
	    {"securitas-gmbh@example.net", MARK_NONE, NULL},
	    {"curie-marie@example.net", MARK_NONE, NULL},
	    {"fred@secure-example.net", MARK_NONE, NULL},
	    {"info@secuer-x.example", MARK_NONE, NULL},
	    {"s-fred@example.net", MARK_NONE, NULL},
	    {"", MARK_NONE, NULL},
	    {"secure-fred", MARK_NONE, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new();
		const char *clean;
		enum mark mark =
		    mark_address(&rules, slice_from_text(rows[i].address), arena, &clean);
		const char *wanted = rows[i].clean == NULL ? rows[i].address : rows[i].clean;

		if (mark != rows[i].mark || strcmp(clean, wanted) != 0)
			fail_msg("%s: %d %s", rows[i].address, (int)mark, clean);
		arena_free(arena);
	}
}

/* Look at a header block and give it back as edited. */
static struct mark_findings
find(const char *header, struct arena *arena, const char **edited)
{
	static struct slice bytes;
	struct source source, after;
	struct mark_findings findings;
	struct header_block block;
	char *text;

	bytes = slice_from_text(header);
	source = source_from_slice(&bytes);
	assert_int_equal(header_read(&source, arena, &block), STATUS_OK);
	assert_int_equal(marks_find(&rules, &block, arena, &findings), STATUS_OK);
	assert_int_equal(edit_source(&source, &findings.edits, arena, &after), STATUS_OK);
	text = arena_alloc(arena, (size_t)after.size + 1);
	assert_int_equal(source_read_exactly(&after, 0, (unsigned char *)text, (size_t)after.size),
			 STATUS_OK);
	*edited = text;
	return findings;
}

static void
test_subject_found(void **state)
{
	static const char *const rows[][3] = {
	    {"at the start", "[secure] Hello", "Hello"},
	    {"at the end", "Hello [secure]", "Hello"},
	    {"in the middle", "Hello [secure] you", "Hello you"},
	    {"any case", "[SeCuRe] Hello", "Hello"},
	    {"without blanks", "Hello[secure]you", "Helloyou"},
	    {"blank before only", "Hello [secure]you", "Hello you"},
	    {"alone", "[secure]", ""},
	    {"twice", "[secure] a [secure] b", "a b"},
	    {"another mark", "[vertraulich] Hallo", "Hallo"},
	    {"made by the cutting", "[sec[secure]ure] x", "x"},
	    {"behind Re", "Re: [secure] Hello", "Re: Hello"},
	    {"first on a folded line", "Hello\r\n [secure] you", "Hello\r\n you"},
	    {"alone on a folded line", "Hello\r\n [secure]\r\n you", "Hello\r\n you"},
	    {"alone on the last line", "Hello\r\n [secure]", "Hello"},
	    {"on a folded line of blanks", "Hello\r\n [secure] \r\n you",
	     "=?UTF-8?B?SGVsbG8gIHlvdQ==?="},
	    {"in an encoded word", "=?utf-8?Q?[secure]_J=C3=BC?=", "=?UTF-8?B?SsO8?="},
	    {"in base64", "=?utf-8?B?W3NlY3VyZV0gSGVsbG8=?=", "Hello"},
	    {"cut between words", "=?utf-8?Q?[sec?= =?utf-8?Q?ure]_Hi?=", "Hi"},
	    {"cut between word and text", "[sec=?utf-8?Q?ure]?= Hi", "Hi"},
	    {"beside an encoded word", "[secure] =?utf-8?Q?=C3=BC?=", "=?utf-8?Q?=C3=BC?="},
	    {"between encoded words", "=?utf-8?Q?a?= [secure] =?utf-8?Q?b?=", "a b"},
	    {"with a NUL inside", "=?utf-8?Q?[sec=00ure]_Hi?=", "Hi"},
	    {"behind a NUL", "=?utf-8?Q?a=00?= [secure]", "=?utf-8?Q?a=00?="},
	    {"in UTF-16", "=?utf-16be?B?AFsAcwBlAGMAdQByAGUAXQ==?=", ""},
	    {"in UTF-7", "=?utf-7?Q?+AFs-secure+AF0-_Hi?=", "Hi"},
	    {"before Latin-1", "[secure] J\xfcrgen", "J\xfcrgen"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new();
		const char *header = arena_printf(
		    arena, "Received: x\r\nSubject: %s\r\nX: [secure]\r\n\r\n[secure]", rows[i][1]);
		const char *wanted[2], *edited;
		struct mark_findings findings = find(header, arena, &edited);
		bool same = false;

		for (size_t j = 0; j < 2; j++) {
			wanted[j] = arena_printf(
			    arena, "Received: x\r\nSubject:%s%s\r\nX: [secure]\r\n\r\n[secure]",
			    j == 0 ? "" : " ", rows[i][2]);
			same = same || strcmp(edited, wanted[j]) == 0;
		}
		if (findings.subject != MARK_FOUND || !same ||
		    strcmp(findings.detail, "subject-mark") != 0)
			fail_msg("%s: %d %s", rows[i][0], (int)findings.subject, edited);
		arena_free(arena);
	}
}

static void
test_subject_near(void **state)
{
	static const struct {
		const char *subject;
		enum mark mark;
	} rows[] = {
	    {"[secuer] Hello", MARK_NEAR},
	    {"[secur] Hello", MARK_NEAR},
	    {"[secured] Hello", MARK_NEAR},
	    {"[ secure ] Hello", MARK_NEAR},
	    {"[[secure ] Hello", MARK_NEAR},
	    {"[se cure] Hello", MARK_NEAR},
	    {"[*secure*] Hello", MARK_NEAR},
	    {"(secure) Hello", MARK_NEAR},
	    {"{Secure} Hello", MARK_NEAR},
	    {"<secure> Hello", MARK_NEAR},
	    {"Hello (secure)", MARK_NEAR},
	    {"[secure) Hello", MARK_NEAR},
	    {"secure: Hello", MARK_NEAR},
	    {"Secure : Hello", MARK_NEAR},
	    {"Re: Fwd: secure: Hello", MARK_NEAR},
	    {"secure] Hello", MARK_NEAR},
	    {"Hello secure]", MARK_NEAR},
	    {"[secure Hello", MARK_NEAR},
	    {"Hello [secure", MARK_NEAR},
	    {"#secure Hello", MARK_NEAR},
	    {"*secure* Hello", MARK_NEAR},
	    {"[vertraulihc] Hallo", MARK_NEAR},
	    {"=?utf-8?Q?[secuer]?= Hello", MARK_NEAR},
	    /* full-width, lenticular brackets, Cyrillic, accent, soft hyphen, mathematical bold */
	    {"\xef\xbc\xbb\xef\xbd\x93\xef\xbd\x85\xef\xbd\x83\xef\xbd\x95\xef\xbd\x92\xef\xbd\x85"
	     "\xef\xbc\xbd x",
	     MARK_NEAR},
	    {"\xe3\x80\x90secure\xe3\x80\x91 x", MARK_NEAR},
	    {"[\xd1\x95\xd0\xb5\xd1\x81ur\xd0\xb5] x", MARK_NEAR},
	    {"[s\xc3\xa9"
	     "cure] x",
	     MARK_NEAR},
	    {"[sec\xc2\xadure] x", MARK_NEAR},
	    {"[\xf0\x9d\x90\xac"
	     "ecure] x",
	     MARK_NEAR},
	    {"Secure your account", MARK_NONE},
	    {"Your secure message", MARK_NONE},
	    {"Is this secure?", MARK_NONE},
	    {"[security] update", MARK_NONE},
	    {"[Security Advisory] curl", MARK_NONE},
	    {"security: patch day", MARK_NONE},
	    {"[secret] santa", MARK_NONE},
	    {"[secretary] wanted", MARK_NONE},
	    {"[insecure] configuration", MARK_NONE},
	    {"[not secure] site", MARK_NONE},
	    {"(we must secure the budget)", MARK_NONE},
	    {"[SECURE-123] ticket opened", MARK_NONE},
	    {"\"Secure\" is the word", MARK_NONE},
	    {"How to stay secure", MARK_NONE},
	    {"Secure, fast, cheap", MARK_NONE},
	    {"[list] secure mail (was: plain)", MARK_NONE},
	    {"secure", MARK_NONE},
	    {"", MARK_NONE},
	    {"[]", MARK_NONE},
	    {"Re: Re: Re:", MARK_NONE},
	    {"the \xe2\x80\x9esecure\xe2\x80\x9c one", MARK_NONE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new();
		const char *header = arena_printf(arena, "Subject: %s\r\n\r\n", rows[i].subject);
		const char *edited;
		struct mark_findings findings = find(header, arena, &edited);

		if (findings.subject != rows[i].mark || strcmp(header, edited) != 0)
			fail_msg("%s: %d", rows[i].subject, (int)findings.subject);
		assert_string_equal(findings.detail,
				    rows[i].mark == MARK_NEAR ? "subject-near-miss" : "");
		arena_free(arena);
	}
}

static void
test_every_subject_counts(void **state)
{
	struct arena *arena = arena_new();
	const char *edited;
	struct mark_findings findings = find(
	    "Subject: a\r\nsubject: [secure] b\r\nSUBJECT: [secure] c\r\n\r\n", arena, &edited);

	(void)state;
	assert_int_equal(findings.subject, MARK_FOUND);
	assert_string_equal(edited, "Subject: a\r\nsubject: b\r\nSUBJECT: c\r\n\r\n");
	arena_free(arena);
}

static void
test_headers(void **state)
{
	static const struct {
		const char *header;
		enum mark mark;
	} rows[] = {
	    {"X-Secure: yes", MARK_FOUND},
	    {"x-secure:YES", MARK_FOUND},
	    {"X-Secure: no\r\nX-Secure: yes", MARK_FOUND},
	    {"X-Secure:\r\n yes", MARK_FOUND},
	    {"X-Secure: =?utf-8?Q?yes?=", MARK_FOUND},
	    {"Sensitivity: Company-Confidential", MARK_FOUND},
	    {"X-Secure: yse", MARK_NEAR},
	    {"X-Secure: yes.", MARK_NEAR},
	    {"X-Secure: true", MARK_NEAR},
	    {"X-Secure: 1", MARK_NEAR},
	    {"X-Secur: yes", MARK_NEAR},
	    {"Sensitivity: company confidential", MARK_NEAR},
	    {"Sensitivity: Company-Confidental", MARK_NEAR},
	    {"X-Secure: no", MARK_NONE},
	    {"X-Secure: false", MARK_NONE},
	    {"X-Secure: 0", MARK_NONE},
	    {"X-Secure:", MARK_NONE},
	    {"Sensitivity: private", MARK_NONE},
	    {"Sensitivity: personal", MARK_NONE},
	    {"X-Security: yes", MARK_NONE},
	    {"X-Spam: yes", MARK_NONE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new();
		const char *edited;
		struct mark_findings findings =
		    find(arena_printf(arena, "%s\r\n\r\n", rows[i].header), arena, &edited);

		if (findings.header != rows[i].mark)
			fail_msg("%s: %d", rows[i].header, (int)findings.header);
		arena_free(arena);
	}
}

static void
test_address_fields(void **state)
{
	static const char *const rows[][3] = {
	    {"bare", " secure-fred@example.net", " fred@example.net"},
	    {"any case", " SECURE-Fred@example.net", " Fred@example.net"},
	    {"angle", " Fred <secure-fred@example.net>", " Fred <fred@example.net>"},
	    {"quoted", " <\"secure-fred\"@example.net>", " <\"fred\"@example.net>"},
	    {"several on a line", " secure-a@x.example, b@x.example, secure-c@x.example",
	     " a@x.example, b@x.example, c@x.example"},
	    {"folded", " a@x.example,\r\n\tsecure-b@x.example,\r\n secure-c@x.example",
	     " a@x.example,\r\n\tb@x.example,\r\n c@x.example"},
	    {"group", " Team: secure-a@x.example, B <secure-b@x.example>;",
	     " Team: a@x.example, B <b@x.example>;"},
	    {"comments", " (one) secure-fred (two) @ (three) example.net",
	     " (one) fred (two) @ (three) example.net"},
	    {"name repeats the address", " \"secure-fred@example.net\" <secure-fred@example.net>",
	     " \"fred@example.net\" <fred@example.net>"},
	    {"name in apostrophes", " 'secure-fred@example.net' <secure-fred@example.net>",
	     " 'fred@example.net' <fred@example.net>"},
	    {"name repeats the local part", " secure-fred <secure-fred@example.net>",
	     " fred <fred@example.net>"},
	    {"comment repeats the address", " secure-fred@example.net (secure-fred@example.net)",
	     " fred@example.net (fred@example.net)"},
	    {"encoded name repeats it",
	     " =?utf-8?Q?secure-fred=40example=2Enet?= <secure-fred@example.net>",
	     " =?utf-8?Q?fred=40example=2Enet?= <fred@example.net>"},
	    {"base64 name repeats it",
	     " =?utf-8?B?c2VjdXJlLWZyZWRAZXhhbXBsZS5uZXQ=?= <secure-fred@example.net>",
	     " \"fred@example.net\"\r\n <fred@example.net>"},
	    {"encoded name with umlaut",
	     " =?utf-8?Q?J=C3=BC_secure-fred=40example=2Enet?= <secure-fred@example.net>",
	     " =?UTF-8?B?SsO8IGZyZWRAZXhhbXBsZS5uZXQ=?=\r\n <fred@example.net>"},
	    {"encoded address", " =?utf-8?Q?secure-fred=40example.net?=", " fred@example.net"},
	    {"escaped local part", " <\"\\secure-fred\"@example.net>", " <fred@example.net>"},
	    {"only once", " secure-secure-x@example.net", " secure-x@example.net"},
	    {"exception stays", " secure-print@example.org, secure-a@x.example",
	     " secure-print@example.org, a@x.example"},
	    {"route", " <@a.example:secure-fred@example.net>", " <@a.example:fred@example.net>"},
	    {"name that only sounds so stays", " \"secure-mail team\" <secure-a@x.example>",
	     " \"secure-mail team\" <a@x.example>"},
	    {"raw Latin-1 name", " J\xfcrgen <secure-j@x.example>", " J\xfcrgen <j@x.example>"},
	    {"commas in a quoted name", " \"Smith, Fred\" <secure-f@x.example>",
	     " \"Smith, Fred\" <f@x.example>"},
	};
	static const char *const fields[] = {"To", "cc", "Resent-To"};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t j = 0; j < 3; j++) {
			struct arena *arena = arena_new();
			const char *header = arena_printf(arena,
							  "A: b\r\n%s:%s\r\nFrom: secure-me@x\r\n"
							  "\r\nsecure-fred@example.net",
							  fields[j], rows[i][1]);
			const char *wanted = arena_printf(arena,
							  "A: b\r\n%s:%s\r\nFrom: secure-me@x\r\n"
							  "\r\nsecure-fred@example.net",
							  fields[j], rows[i][2]);
			const char *edited;
			struct mark_findings findings = find(header, arena, &edited);

			if (!findings.address || strcmp(edited, wanted) != 0)
				fail_msg("%s: %s", rows[i][0], edited);
			arena_free(arena);
		}
}

static void
test_unmarked_stays_byte_for_byte(void **state)
{
	static const char header[] = "Subject: [ x\r\n  y\t\r\nTo: \xff\xfe <a@b>, =?x\r\n\tc@d\r\n"
				     "cc:\r\nbroken\r\nX-Secure: no\r\n\r\n";
	struct arena *arena = arena_new();
	const char *edited;
	struct mark_findings findings = find(header, arena, &edited);

	(void)state;
	assert_int_equal(findings.subject, MARK_NONE);
	assert_false(findings.address);
	assert_int_equal(findings.edits.count, 0);
	assert_string_equal(edited, header);
	arena_free(arena);
}

static void
test_nobody_learns_of_bcc(void **state)
{
	static const struct {
		const char *header;
		const char *edited;
		bool marked;
	} rows[] = {
	    {"A: b\r\nBcc: x@y.example\r\nC: d\r\n\r\nBcc: stays\r\n",
	     "A: b\r\nC: d\r\n\r\nBcc: stays\r\n", false},
	    {"bcc: secure-x@y.example,\r\n z@y.example\r\nTo: secure-a@b.example\r\n\r\n",
	     "To: a@b.example\r\n\r\n", true},
	    {"Resent-Bcc: secure-x@y.example\r\n\r\n", "\r\n", true},
	    {"Bcc:\r\nBcc: =?utf-8?Q?=22?= <x@y.example>\r\n\r\n", "\r\n", false},
	    {"BccX: x@y.example\r\n\r\n", "BccX: x@y.example\r\n\r\n", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new();
		const char *edited;
		struct mark_findings findings = find(rows[i].header, arena, &edited);

		assert_string_equal(edited, rows[i].edited);
		assert_int_equal(findings.address, rows[i].marked);
		arena_free(arena);
	}
}

/* Blocks near the bound on which a careless search starts again at every byte. */
static void
test_linear(void **state)
{
	static const char *const rows[][2] = {
	    {"Subject:", "[secure]"},
	    {"Subject:", "[secure"},
	    {"Subject:", ")"},
	    {"Subject:", "("},
	    {"Subject:", "re:"},
	    {"To:", "secure-!"},
	    {"To:", "secure-a@b,"},
	    {"To:", "\"secure-a@b\" <secure-a@b>,"},
	    {"To:", "=?utf-8?Q?secure-a=40b?=,"},
	};
	char *header = malloc(1000001);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new();
		size_t name = strlen(rows[i][0]), size = strlen(rows[i][1]);
		const char *edited;

		memcpy(header, rows[i][0], name);
		for (size_t j = name; j < 1000000; j++)
			header[j] = rows[i][1][(j - name) % size];
		header[1000000] = '\0';
		find(header, arena, &edited);
		arena_free(arena);
	}
	free(header);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_address),
	    cmocka_unit_test(test_subject_found),
	    cmocka_unit_test(test_subject_near),
	    cmocka_unit_test(test_every_subject_counts),
	    cmocka_unit_test(test_headers),
	    cmocka_unit_test(test_address_fields),
	    cmocka_unit_test(test_unmarked_stays_byte_for_byte),
	    cmocka_unit_test(test_nobody_learns_of_bcc),
	    cmocka_unit_test(test_linear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
