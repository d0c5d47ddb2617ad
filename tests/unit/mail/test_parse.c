/* From bytes to parts: roles, ranges, names, bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/encode.h"
#include "mail/body.h"
#include "mail/header.h"
#include "mail/parse.h"

static struct slice message_bytes;

static enum status
parse(const char *text, struct arena *arena, struct source *source, struct manifest *manifest)
{
	static const struct edits none;

	message_bytes = slice_from_text(text);
	*source = source_from_slice(&message_bytes);
	return mail_parse(source, &none, arena, manifest);
}

static const char *
part_bytes(const struct source *source, const struct part *part, struct arena *arena)
{
	struct source decoded;
	char *bytes = arena_alloc(arena, (size_t)part->decoded_size + 1);

	assert_int_equal(body_open(source, part, arena, &decoded), STATUS_OK);
	assert_int_equal(decoded.size, part->decoded_size);
	assert_int_equal(
	    source_read_exactly(&decoded, 0, (unsigned char *)bytes, (size_t)part->decoded_size),
	    STATUS_OK);
	return bytes;
}

/* The tree as text: role, type, name and content of each part. */
static const char *
describe(const struct source *source, const struct manifest *manifest, struct arena *arena)
{
	static const char roles[] = "?CTHFI";
	const char *all = "";

	for (size_t i = 0; i < manifest->part_count; i++) {
		const struct part *part = &manifest->parts[i];

		all = arena_printf(arena, "%s%u%c%s", all, part->parent, roles[part->role],
				   part->name);
		if (part->role != PART_CONTAINER)
			all = arena_printf(arena, "%s(%s)", all, part_bytes(source, part, arena));
		all = arena_printf(arena, "%s ", all);
	}
	return all;
}

#define MULTIPART(kind) "Content-Type: multipart/" kind "; boundary=b\r\n\r\n"
#define PART(header, body) "--b\r\n" header "\r\n\r\n" body "\r\n"
#define END "--b--\r\n"
#define TEXT "Content-Type: text/plain"
#define HTML "Content-Type: text/html"

static void
test_roles(void **state)
{
	static const char *const rows[][3] = {
	    {"one text", "Subject: x\r\n\r\nhello\r\n", "0T(hello\r\n) "},
	    {"one HTML", HTML "\r\n\r\n<b>", "0H(<b>) "},
	    {"one picture", "Content-Type: image/png\r\n\r\nx", "0F(x) "},
	    {"empty body", "A: b\r\n\r\n", "0T() "},
	    {"garbage", "no header here", "0T(no header here) "},
	    {"text as attachment",
	     "Content-Type: text/plain; name=\"a.txt\"\r\nContent-Disposition: attachment\r\n\r\nx",
	     "0Fa.txt(x) "},
	    {"alternative", MULTIPART("alternative") PART(TEXT, "a") PART(HTML, "b") END,
	     "0C 0T(a) 0H(b) "},
	    {"alternative with calendar",
	     MULTIPART("alternative") PART(TEXT, "a") PART(HTML, "b")
		 PART("Content-Type: text/calendar", "c") END,
	     "0C 0T(a) 0H(b) 0F(c) "},
	    {"the last of two alike", MULTIPART("alternative") PART(TEXT, "a") PART(TEXT, "b") END,
	     "0C 0F(a) 0T(b) "},
	    {"mixed with file",
	     MULTIPART("mixed") PART(TEXT, "a")
		 PART("Content-Type: application/pdf; name=a.pdf", "b") END,
	     "0C 0T(a) 0Fa.pdf(b) "},
	    {"text behind a file is a piece of the body",
	     MULTIPART("mixed") PART(TEXT, "a") PART("Content-Type: image/png", "b") PART(TEXT, "c")
		 END,
	     "0C 0T(a) 0F(b) 0T(c) "},
	    {"named text behind the body is a file",
	     MULTIPART("mixed") PART(TEXT, "a") PART(TEXT "; name=n.txt", "b") END,
	     "0C 0T(a) 0Fn.txt(b) "},
	    {"named text as the body", MULTIPART("mixed") PART(TEXT "; name=n.txt", "b") END,
	     "0C 0Tn.txt(b) "},
	    {"related",
	     MULTIPART("related") PART(HTML, "a")
		 PART("Content-Type: image/png\r\nContent-ID: <i@x>", "b")
		     PART("Content-Type: image/png", "c") END,
	     "0C 0H(a) 0I(b) 0F(c) "},
	    {"signed",
	     MULTIPART("signed") PART(TEXT, "a")
		 PART("Content-Type: application/pgp-signature", "s") END,
	     "0C 0T(a) 0F(s) "},
	    {"encrypted",
	     MULTIPART("encrypted") PART("Content-Type: application/pgp-encrypted", "v")
		 PART("Content-Type: application/octet-stream", "x") END,
	     "0C 0F(v) 0F(x) "},
	    {"attached message is a file, and what is in it",
	     MULTIPART("mixed") PART(TEXT, "a")
		 PART("Content-Type: message/rfc822", "Subject: s\r\n\r\ninner") END,
	     "0C 0T(a) 0F(Subject: s\r\n\r\ninner) 2T(inner) "},
	    {"attached message in base64",
	     MULTIPART("mixed")
		 PART("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64",
		      "U3ViamVjdDogcw0KDQppbm5lcg==") END,
	     "0C 0F(Subject: s\r\n\r\ninner) 1T(inner) "},
	    {"file named .eml that is a letter",
	     MULTIPART("mixed") PART("Content-Type: application/octet-stream; name=a.eml",
				     "Subject: s\r\n\r\ninner") END,
	     "0C 0Fa.eml(Subject: s\r\n\r\ninner) 1T(inner) "},
	    {"file named .eml that is none",
	     MULTIPART("mixed") PART("Content-Type: application/octet-stream; name=a.eml",
				     "X-Y: s\r\n\r\ninner") END,
	     "0C 0Fa.eml(X-Y: s\r\n\r\ninner) "},
	    {"returned header",
	     MULTIPART("report") PART(TEXT, "a")
		 PART("Content-Type: text/rfc822-headers", "Subject: s") END,
	     "0C 0T(a) 0F(Subject: s) 2T() "},
	    {"letter in a letter in base64",
	     "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n"
	     "Q29udGVudC1UeXBlOiBtdWx0aXBhcnQvbWl4ZWQ7IGJvdW5kYXJ5PWIKCi0tYgpDb250ZW50LVR5cGU6"
	     "IG1lc3NhZ2UvcmZjODIyCgpTdWJqZWN0OiB4CgpkZWVwCi0tYi0tCg==",
	     "0F(Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n"
	     "\nSubject: x\n\ndeep\n--b--\n) 0C 1F(Subject: x\n\ndeep) 2T(deep) "},
	    {"uuencode in a text",
	     "A: b\r\n\r\nbefore\r\nbegin 644 a.txt\r\n#8V%T\r\n`\r\nend\r\nbehind\r\n",
	     "0T(before\r\nbegin 644 a.txt\r\n#8V%T\r\n`\r\nend\r\nbehind\r\n) 0Fa.txt(cat) "},
	    {"uuencode twice, in quoted-printable, the last without end",
	     "Content-Transfer-Encoding: quoted-printable\r\n\r\nbegin 644 a\r\n#8V%T\r\nend\r\n"
	     "begin 600 =62\r\n#9&]G\r\n",
	     "0T(begin 644 a\r\n#8V%T\r\nend\r\nbegin 600 b\r\n#9&]G\r\n) 0Fa(cat) 0Fb(dog) "},
	    {"lines that end in CR alone", "Subject: x\r\rhello\r", "0T(Subject: x\r\rhello\r) "},
	    {"boundary behind a parameter without a value",
	     "Content-Type: multipart/mixed; protected; boundary=\"b\"\r\n\r\n" PART(TEXT, "a") END,
	     "0C 0T(a) "},
	    {"name of a type that is none",
	     "Content-Type: application-x-gzip; name=\"a.gz\"\r\nContent-Disposition: attachment"
	     "\r\n\r\nx",
	     "0Fa.gz(x) "},
	    {"name in pieces, in a charset of its own",
	     "Content-Type: image/png; name*0*=x-mac-cyrillic''%8F%F0; name*1*=%E8;\r\n"
	     " name*2=\".png\"\r\n\r\nx",
	     "0F\xd0\x9f\xd1\x80\xd0\xb8.png(x) "},
	    {"what only begins like uuencode", "A: b\r\n\r\nbegin 644 the day\r\nwith a walk\r\n",
	     "0T(begin 644 the day\r\nwith a walk\r\n) "},
	    {"attached multipart message is a file to its last byte",
	     MULTIPART("mixed") PART("Content-Type: message/rfc822",
				     "Content-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\n\r\n"
				     "x\r\n--i--\r\nepilogue") END,
	     "0C 0F(Content-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\n\r\nx\r\n--i--\r\n"
	     "epilogue) 1C 2T(x) "},
	    {"message at the root is looked into",
	     "Content-Type: message/rfc822\r\n\r\nSubject: s\r\n\r\ninner", "0C 0T(inner) "},
	    {"digest", MULTIPART("digest") "--b\r\n\r\nSubject: s\r\n\r\nx\r\n" END,
	     "0C 0F(Subject: s\r\n\r\nx) 1T(x) "},
	    {"preamble and epilogue are not parts",
	     MULTIPART("mixed") "pre\r\n" PART(TEXT, "a") END "epi\r\n", "0C 0T(a) "},
	    {"boundary never closed", MULTIPART("mixed") PART(TEXT, "a") "--b\r\n\r\nb\r\n",
	     "0C 0T(a) 0T(b\r\n) "},
	    {"boundary never opened", MULTIPART("mixed") "text\r\n", "0T(text\r\n) "},
	    {"multipart without boundary", "Content-Type: multipart/mixed\r\n\r\n--x\r\n\r\na",
	     "0T(--x\r\n\r\na) "},
	    {"part without header", MULTIPART("mixed") "--b\r\n\r\na\r\n" END, "0C 0T(a) "},
	    {"part without blank line", MULTIPART("mixed") "--b\r\n" TEXT "\r\n" END, "0C 0T() "},
	    {"bare LF", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\na\n--b--\n",
	     "0C 0T(a) "},
	    {"blanks behind the boundary", MULTIPART("mixed") "--b \t\r\n\r\na\r\n--b-- \r\n",
	     "0C 0T(a) "},
	    {"longer boundary is another", MULTIPART("mixed") "--b\r\n\r\na\r\n--bc\r\n" END,
	     "0C 0T(a\r\n--bc) "},
	    {"inner multipart left open ends with the outer",
	     MULTIPART(
		 "mixed") "--b\r\nContent-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\n\r\n"
			  "x\r\n" PART(TEXT, "y") END,
	     "0C 0C 1T(x) 0T(y) "},
	    {"base64", "Content-Transfer-Encoding: Base64\r\n\r\naGVs\r\nbG8=\r\n", "0T(hello) "},
	    {"base64 with rubbish",
	     "Content-Transfer-Encoding: base64 (x)\r\n\r\na!GVs bG8\r\n=", "0T(hello) "},
	    {"quoted-printable",
	     "Content-Transfer-Encoding: quoted-printable\r\n\r\na=3Db=\r\nc=zz\r\n",
	     "0T(a=bc=zz\r\n) "},
	    {"base64 without its padding", "Content-Transfer-Encoding: base64\r\n\r\naGVsbG8\r\n",
	     "0T(hello) "},
	    {"uuencode",
	     "Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 a\r\n#86)C\r\n`\r\nend\r\nx",
	     "0T(abc) "},
	    {"uuencode without its end",
	     "Content-Transfer-Encoding: uuencode\r\n\r\nbegin 6 a\n#86)C", "0T(abc) "},
	    {"uuencode that promises more than it has",
	     "Content-Transfer-Encoding: uuencode\r\n\r\nbegin 6 a\nM\nM\nM86)C\n", "0T(abc) "},
	    {"header without blank line", "A: b\r\nhello there\r\n", "0T(hello there\r\n) "},
	    {"header without blank line in a part",
	     MULTIPART("mixed") "--b\r\n" TEXT "\r\nhello there\r\n" END, "0C 0T(hello there) "},
	    {"text before the blank line", "A: b\r\nhello\r\n\r\nthere", "0T(hello\r\n\r\nthere) "},
	    {"broken line among fields", "A: b\r\nhello\r\nC: d\r\n\r\nthere", "0T(there) "},
	    {"mbox line is no body", "From x Mon\r\nA: b\r\n", "0T() "},
	    {"unknown encoding stays", "Content-Transfer-Encoding: x-own\r\n\r\nabc", "0T(abc) "},
	    {"two content types: the first counts",
	     "Content-Type: text/plain\r\nContent-Type: text/html\r\n\r\nx", "0T(x) "},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new();
		struct manifest manifest;
		struct source source;
		const char *found;

		assert_int_equal(parse(rows[i][1], arena, &source, &manifest), STATUS_OK);
		found = describe(&source, &manifest, arena);
		if (strcmp(found, rows[i][2]) != 0)
			fail_msg("%s: %s", rows[i][0], found);
		arena_free(arena);
	}
}

static void
test_names(void **state)
{
	static const char *const rows[][2] = {
	    {"filename=\"../../etc/passwd\"", "passwd"},
	    {"filename=\"..\\\\..\\\\evil.exe\"", "evil.exe"},
	    {"filename=\".htaccess\"", "htaccess"},
	    {"filename=\"a\xe2\x80\xae"
	     "fdp.exe\"",
	     "afdp.exe"},
	    {"filename=\"CON\"", "_CON"},
	    {"filename=\"aux.txt\"", "_aux.txt"},
	    {"filename=\"a<b>:c|d?e*.txt\"", "a_b__c_d_e_.txt"},
	    {"filename=\"  a   b. \"", "a b"},
	    {"filename*=utf-8''%e2%82%ac%20rates.txt", "\xe2\x82\xac rates.txt"},
	    {"filename*0=\"long\"; filename*1=\"er.txt\"", "longer.txt"},
	    {"filename*0*=utf-8''a%0d; filename*1*=%0ab.txt", "ab.txt"},
	    {"filename=\"=?utf-8?Q?J=C3=BC.pdf?=\"", "J\xc3\xbc.pdf"},
	    {"filename=\"..\"", ""},
	    {"filename=\"/\"", ""},
	    {"", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new();
		struct manifest manifest;
		struct source source;

		assert_int_equal(
		    parse(arena_printf(arena, "Content-Disposition: attachment; %s\r\n\r\nx",
				       rows[i][0]),
			  arena, &source, &manifest),
		    STATUS_OK);
		if (strcmp(manifest.parts[0].name, rows[i][1]) != 0)
			fail_msg("%s: %s", rows[i][0], manifest.parts[0].name);
		arena_free(arena);
	}
}

static void
test_long_name_keeps_its_ending(void **state)
{
	struct arena *arena = arena_new();
	struct manifest manifest;
	struct source source;
	char name[400];

	(void)state;
	memset(name, 'n', sizeof(name));
	memcpy(name + sizeof(name) - 5, ".pdf", 5);
	assert_int_equal(
	    parse(
		arena_printf(arena, "Content-Disposition: attachment; filename=%s\r\n\r\nx", name),
		arena, &source, &manifest),
	    STATUS_OK);
	assert_int_equal(strlen(manifest.parts[0].name), 200);
	assert_string_equal(manifest.parts[0].name + 196, ".pdf");
	arena_free(arena);
}

static void
test_headers(void **state)
{
	static const char text[] =
	    "Subject: =?utf-8?Q?a=0D=0Ab?=\r\nFrom: A <a@x>\r\nTo: b@x, C <c@x>\r\nTo: d@x\r\n"
	    "Cc: e@x\r\nReply-To: f@x\r\nDate: Mon,\r\n 1 Jan\r\nMessage-ID: (c) <i@x> z\r\n"
	    "References: <1@x>\r\n <2@x> junk <3 @x>\r\nIn-Reply-To: your mail <1@x>\r\n"
	    "Disposition-Notification-To: G <g@x>\r\nAuto-Submitted: auto-replied\r\n\r\n";
	struct arena *arena = arena_new();
	struct manifest manifest;
	struct source source;

	(void)state;
	assert_int_equal(parse(text, arena, &source, &manifest), STATUS_OK);
	assert_string_equal(manifest.subject, "a  b");
	assert_string_equal(manifest.from.name, "A");
	assert_string_equal(manifest.from.address, "a@x");
	assert_int_equal(manifest.to_count, 3);
	assert_string_equal(manifest.to[2].address, "d@x");
	assert_int_equal(manifest.cc_count, 1);
	assert_int_equal(manifest.reply_to_count, 1);
	assert_string_equal(manifest.date, "Mon, 1 Jan");
	assert_string_equal(manifest.message_id, "<i@x>");
	assert_string_equal(manifest.in_reply_to, "<1@x>");
	assert_string_equal(manifest.references, "<1@x> <2@x>");
	assert_string_equal(manifest.receipt_to, "g@x");
	assert_string_equal(manifest.auto_submitted, "auto-replied");
	arena_free(arena);
}

static void
test_digest_is_of_the_decoded_bytes(void **state)
{
	struct arena *arena = arena_new();
	struct manifest manifest;
	struct source source;
	char hex[65];

	(void)state;
	assert_int_equal(
	    parse("Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n"
		  "\r\nYWJj\r\n",
		  arena, &source, &manifest),
	    STATUS_OK);
	encode_hex(slice_of(manifest.parts[0].sha256, 32), hex);
	/* FIPS 180-2 appendix B.1: SHA-256 of "abc" */
	assert_string_equal(hex,
			    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	arena_free(arena);
}

/* `depth` multiparts, each in the one before. */
static char *
nested(size_t depth)
{
	char *text = malloc(depth * 100 + 100);
	size_t at = 0;

	for (size_t i = 0; i < depth; i++)
		at += (size_t)sprintf(
		    text + at, "Content-Type: multipart/mixed; boundary=b%zu\r\n\r\n--b%zu\r\n", i,
		    i);
	sprintf(text + at, "\r\nbottom\r\n");
	return text;
}

static void
test_depth_is_bounded(void **state)
{
	struct arena *arena = arena_new();
	char *text = nested(1000);
	struct manifest manifest;
	struct source source;

	(void)state;
	assert_int_equal(parse(text, arena, &source, &manifest), STATUS_OK);
	assert_true(manifest.truncated);
	assert_int_equal(manifest.part_count, MANIFEST_DEPTH_MAX);
	assert_int_equal(manifest.parts[MANIFEST_DEPTH_MAX - 1].role, PART_FILE);
	free(text);
	text = nested(MANIFEST_DEPTH_MAX - 1);
	assert_int_equal(parse(text, arena, &source, &manifest), STATUS_OK);
	assert_false(manifest.truncated);
	assert_int_equal(manifest.parts[MANIFEST_DEPTH_MAX - 1].role, PART_TEXT);
	free(text);
	arena_free(arena);
}

static void
test_number_is_bounded_and_nothing_lost(void **state)
{
	struct arena *arena = arena_new();
	size_t count = MANIFEST_PARTS_MAX + 100;
	char *text = malloc(count * 10 + 200);
	struct manifest manifest;
	const struct part *last;
	struct source source;
	size_t at;

	(void)state;
	at = (size_t)sprintf(text, "Content-Type: multipart/mixed; boundary=b\r\n\r\n");
	for (size_t i = 0; i < count; i++)
		at += (size_t)sprintf(text + at, "--b\n\nx\n");
	sprintf(text + at, "--b--\n");
	assert_int_equal(parse(text, arena, &source, &manifest), STATUS_OK);
	assert_true(manifest.truncated);
	assert_int_equal(manifest.part_count, MANIFEST_PARTS_MAX);
	last = &manifest.parts[MANIFEST_PARTS_MAX - 1];
	assert_int_equal(last->role, PART_FILE);
	assert_int_equal(last->offset + last->size, source.size);
	free(text);
	arena_free(arena);
}

static void
test_large_header_of_a_part_is_content(void **state)
{
	struct arena *arena = arena_new();
	size_t size = HEADER_BLOCK_MAX + 5000;
	char *text = malloc(size + 200);
	struct manifest manifest;
	struct source source;
	size_t at;

	(void)state;
	at = (size_t)sprintf(text, MULTIPART("mixed") "--b\r\nX: ");
	memset(text + at, 'x', size);
	strcpy(text + at + size, "\r\n\r\nbody\r\n--b--\r\n");
	assert_int_equal(parse(text, arena, &source, &manifest), STATUS_OK);
	assert_true(manifest.truncated);
	assert_int_equal(manifest.part_count, 2);
	assert_int_equal(manifest.parts[1].role, PART_FILE);
	assert_true(manifest.parts[1].size > size);
	free(text);
	arena_free(arena);
}

static int
prepare(void **state)
{
	(void)state;
	mail_prepare();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_roles),
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_long_name_keeps_its_ending),
	    cmocka_unit_test(test_headers),
	    cmocka_unit_test(test_digest_is_of_the_decoded_bytes),
	    cmocka_unit_test(test_depth_is_bounded),
	    cmocka_unit_test(test_number_is_bounded_and_nothing_lost),
	    cmocka_unit_test(test_large_header_of_a_part_is_content),
	};

	return cmocka_run_group_tests(tests, prepare, NULL);
}
