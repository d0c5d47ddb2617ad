/* Letters as GMime reads them.  With LETTERS=folder in the environment every letter is also written
 * there, for tests/letters/check to show to other readers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <gmime/gmime.h>
#include <stdlib.h>
#include <string.h>

#include "mail/compose.h"

#define AN_HOUR 1795327281 /* Sun, 22 Nov 2026 06:01:21 +0000 */

static struct letter
some_letter(void)
{
	return (struct letter){
	    .from = {"Example Ltd", "postern@example.com"},
	    .to = {"Fred", "fred@example.net"},
	    .reply_to = {"", ""},
	    .subject = "A letter",
	    .message_id = "<one@example.com>",
	    .in_reply_to = "",
	    .references = "",
	    .date = AN_HOUR,
	};
}

static void
keep(const char *name, struct slice bytes)
{
	const char *folder = getenv("LETTERS");
	char path[512];
	FILE *file;

	if (folder == NULL)
		return;
	snprintf(path, sizeof(path), "%s/%s.eml", folder, name);
	file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes.data, 1, bytes.size, file), bytes.size);
	assert_int_equal(fclose(file), 0);
}

/* What other readers must find as well: NAME.KIND holds one text per line. */
static void
expect(const char *name, const char *kind, const char *text)
{
	const char *folder = getenv("LETTERS");
	char path[512];
	FILE *file;

	if (folder == NULL)
		return;
	snprintf(path, sizeof(path), "%s/%s.%s", folder, name, kind);
	file = fopen(path, "ab");
	assert_non_null(file);
	fprintf(file, "%s\n", text);
	assert_int_equal(fclose(file), 0);
}

/* What must hold for every letter: CRLF alone ends lines, ASCII, no line too long. */
static void
check_form(const char *name, struct slice bytes)
{
	size_t line = 0;

	for (size_t i = 0; i < bytes.size; i++) {
		if (bytes.data[i] == '\r' && (i + 1 == bytes.size || bytes.data[i + 1] != '\n'))
			fail_msg("%s: bare CR at %zu", name, i);
		if (bytes.data[i] == '\n' && (i == 0 || bytes.data[i - 1] != '\r'))
			fail_msg("%s: bare LF at %zu", name, i);
		if (bytes.data[i] == '\0' || bytes.data[i] >= 0x7f)
			fail_msg("%s: byte %d at %zu", name, bytes.data[i], i);
		line = bytes.data[i] == '\n' ? 0 : line + 1;
		if (line > 999)
			fail_msg("%s: long line at %zu", name, i);
	}
	assert_true(bytes.size > 2 && bytes.data[bytes.size - 1] == '\n');
	keep(name, bytes);
}

static GMimeMessage *
parse(struct slice bytes)
{
	GMimeStream *stream =
	    g_mime_stream_mem_new_with_buffer((const char *)bytes.data, bytes.size);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);

	g_object_unref(parser);
	g_object_unref(stream);
	assert_non_null(message);
	return message;
}

/* The decoded bytes of a part, NUL-terminated, with LF line ends in text; g_free. */
static char *
content_of(GMimeObject *object)
{
	GMimeStream *stream = g_mime_stream_mem_new();
	GByteArray *array;
	char *text;

	assert_true(GMIME_IS_PART(object));
	g_mime_data_wrapper_write_to_stream(g_mime_part_get_content(GMIME_PART(object)), stream);
	array = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
	text = g_malloc(array->len + 1);
	memcpy(text, array->data, array->len);
	text[array->len] = '\0';
	g_object_unref(stream);
	for (char *at = text; (at = strstr(at, "\r\n")) != NULL;)
		memmove(at, at + 1, strlen(at));
	return text;
}

static GMimeObject *
part_of(GMimeMessage *message, int number)
{
	GMimeObject *object = g_mime_message_get_mime_part(message);

	assert_true(GMIME_IS_MULTIPART(object));
	return g_mime_multipart_get_part(GMIME_MULTIPART(object), number);
}

static const struct {
	const char *claim;
	const char *subject;
	const char *result; /* NULL: the same */
} subjects[] = {
    {"plain", "Hello there", NULL},
    {"german", "Grüße aus Köln", NULL},
    {"emoji", "😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀", NULL},
    {"line-end", "Hello\r\nBcc: evil@example.com", "Hello  Bcc: evil@example.com"},
    {"encoded-line-end", "=?utf-8?Q?=0D=0ABcc:_x?=", NULL},
    {"controls",
     "a\x01"
     "b\x7f"
     "c\xc2\x85"
     "d\xe2\x80\xae"
     "e",
     "abc de"},
    {"broken",
     "a\xff"
     "b",
     "a\xef\xbf\xbd"
     "b"},
    {"blanks", "a  b   c", NULL},
    {"folded",
     "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
     "sixteen seventeen eighteen nineteen twenty",
     NULL},
    {"endless",
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaa",
     NULL},
    {"mixed", "漢字 and words, 漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字 and more words after",
     NULL},
};

static void
writes_subjects(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++) {
		struct letter letter = some_letter();
		const char *result =
		    subjects[i].result == NULL ? subjects[i].subject : subjects[i].result;
		GMimeMessage *message;
		char name[64];
		struct text out;

		text_init(&out, 65536);
		letter.subject = subjects[i].subject;
		assert_int_equal(compose_text(&letter, SLICE("Hello\n"), &out), STATUS_OK);
		snprintf(name, sizeof(name), "subject-%s", subjects[i].claim);
		expect(name, "subject", result);
		check_form(name, text_slice(&out));
		message = parse(text_slice(&out));
		if (strcmp(g_mime_message_get_subject(message), result) != 0)
			fail_msg("%s: %s", subjects[i].claim, g_mime_message_get_subject(message));
		assert_null(g_mime_object_get_header(GMIME_OBJECT(message), "Bcc"));
		g_object_unref(message);
		text_clear(&out);
	}
}

static const struct {
	const char *claim;
	const char *name;
	const char *result;
} names[] = {
    {"atoms", "Fred Smith", NULL},
    {"comma", "Smith, Fred", NULL},
    {"quotes", "Fred \"F\\S\" O'Neil <x@example.com>", NULL},
    {"umlaut", "Jürgen Müller", NULL},
    {"line-end", "Fred\r\nBcc: evil@example.com", "Fred  Bcc: evil@example.com"},
    {"looks-encoded", "=?utf-8?Q?Boss?=", NULL},
    {"long-umlaut", "Vorstandsvorsitzender der Größten Gesellschaft für Überraschungen, Zürich",
     NULL},
    {"none", "", ""},
};

static void
writes_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct letter letter = some_letter();
		const char *result = names[i].result == NULL ? names[i].name : names[i].result;
		GMimeMessage *message;
		InternetAddress *address;
		char name[64];
		struct text out;

		text_init(&out, 65536);
		letter.reply_to.name = names[i].name;
		letter.reply_to.address = "fred@example.net";
		assert_int_equal(compose_text(&letter, SLICE("Hello\n"), &out), STATUS_OK);
		snprintf(name, sizeof(name), "name-%s", names[i].claim);
		expect(name, "reply-to", result);
		check_form(name, text_slice(&out));
		message = parse(text_slice(&out));
		assert_int_equal(internet_address_list_length(g_mime_message_get_reply_to(message)),
				 1);
		address =
		    internet_address_list_get_address(g_mime_message_get_reply_to(message), 0);
		if (strcmp(internet_address_get_name(address) == NULL
			       ? ""
			       : internet_address_get_name(address),
			   result) != 0)
			fail_msg("%s: %s", names[i].claim, internet_address_get_name(address));
		assert_string_equal(
		    internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(address)),
		    "fred@example.net");
		g_object_unref(message);
		text_clear(&out);
	}
}

static void
refuses_what_cannot_be_written(void **state)
{
	static const char *const addresses[] = {
	    "a@b\r\nBcc: c@d", "a@b<c@d", "a@b>c@d", "a@b>, <c@d", "a@b, c@d",
	    "a b@c",	       "",	  "a\x7f@b", "a\xff@b"};
	struct letter letter = some_letter();
	struct text out;

	(void)state;
	text_init(&out, 65536);
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		letter.to.address = addresses[i];
		assert_int_equal(compose_text(&letter, SLICE("x"), &out), STATUS_INVALID);
	}
	letter = some_letter();
	letter.message_id = "one@example.com";
	assert_int_equal(compose_text(&letter, SLICE("x"), &out), STATUS_INVALID);
	text_clear(&out);
	text_init(&out, 200);
	letter = some_letter();
	assert_int_equal(compose_text(&letter, SLICE("x"), &out), STATUS_TOO_LARGE);
	text_clear(&out);
}

static void
writes_threads_and_marks(void **state)
{
	struct letter letter = some_letter();
	GMimeMessage *message;
	GMimeReferences *ids;
	struct text many;
	struct text out;

	(void)state;
	text_init(&many, 65536);
	text_init(&out, 65536);
	for (int i = 0; i < 200; i++)
		text_printf(&many, "<number-%d@example.com>\r\n\t", i);
	text_append_text(&many, " broken <has blank@x> <line\r\nend@x> <last@example.com>");
	letter.references = text_string(&many);
	letter.in_reply_to = "<last@example.com> (comment)";
	letter.automatic = true;
	assert_int_equal(compose_text(&letter, SLICE("x"), &out), STATUS_OK);
	check_form("thread", text_slice(&out));
	message = parse(text_slice(&out));
	assert_string_equal(g_mime_message_get_message_id(message), "one@example.com");
	assert_string_equal(g_mime_object_get_header(GMIME_OBJECT(message), "In-Reply-To"),
			    "<last@example.com>");
	ids = g_mime_references_parse(
	    NULL, g_mime_object_get_header(GMIME_OBJECT(message), "References"));
	assert_int_equal(g_mime_references_length(ids), 50);
	assert_string_equal(g_mime_references_get_message_id(ids, 0), "number-0@example.com");
	assert_string_equal(g_mime_references_get_message_id(ids, 1), "number-152@example.com");
	assert_string_equal(g_mime_references_get_message_id(ids, 49), "last@example.com");
	assert_string_equal(g_mime_object_get_header(GMIME_OBJECT(message), "Auto-Submitted"),
			    "auto-generated");
	assert_string_equal(
	    g_mime_object_get_header(GMIME_OBJECT(message), "X-Auto-Response-Suppress"), "All");
	assert_string_equal(g_mime_object_get_header(GMIME_OBJECT(message), "Date"),
			    "Sun, 22 Nov 2026 06:01:21 +0000");
	g_mime_references_free(ids);
	g_object_unref(message);
	text_clear(&out);
	text_clear(&many);
}

static const struct {
	const char *claim;
	const char *body;
	const char *result;
} bodies[] = {
    {"ascii", "Hello\nWorld\n", NULL},
    {"umlauts", "Grüße\n\nKöln\n", NULL},
    {"line-ends", "a\r\nb\rc\nd", "a\nb\nc\nd\n"},
    {"from", "From here\n.\n..\n", NULL},
    {"blanks", "ä \nb\t\n =20 \n", NULL},
    {"broken",
     "a\xff\x01"
     "b\n",
     "a\xef\xbf\xbd"
     "b\n"},
    {"long",
     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxä\n",
     NULL},
    {"edge", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx=\nä\n",
     NULL},
};

static void
writes_bodies(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct letter letter = some_letter();
		const char *result = bodies[i].result == NULL ? bodies[i].body : bodies[i].result;
		GMimeMessage *message;
		char *content;
		char name[64];
		struct text out;

		text_init(&out, 65536);
		assert_int_equal(compose_text(&letter, slice_from_text(bodies[i].body), &out),
				 STATUS_OK);
		snprintf(name, sizeof(name), "body-%s", bodies[i].claim);
		expect(name, "body", result);
		check_form(name, text_slice(&out));
		/* Servers on the way may take blanks from the ends of lines. */
		assert_null(strstr(text_string(&out), " \r\n"));
		message = parse(text_slice(&out));
		content = content_of(g_mime_message_get_mime_part(message));
		if (strcmp(content, result) != 0)
			fail_msg("%s: %s", bodies[i].claim, content);
		g_free(content);
		g_object_unref(message);
		text_clear(&out);
	}
}

static void
writes_bounces(void **state)
{
	struct letter letter = some_letter();
	const struct failure failures[] = {
	    {.recipient = "fred@example.net",
	     .original = "rfc822;Fred+2Bhome@example.net",
	     .action = "failed",
	     .status = "5.1.1",
	     .host = "mx.example.net",
	     .tried_at = 1700000000,
	     .diagnostic = "550 5.1.1 No such user\r\nBcc: evil@example.com =?utf-8?q?x?= (Größe)"},
	    {.recipient = "j\xc3\xbcrgen@example.net",
	     .original = "rfc822;a+0D+0AEvil:+20x",
	     .action = "delayed",
	     .status = "nonsense",
	     .host = "x\r\nEvil: y",
	     .retry_until = 1700000000,
	     .diagnostic = "not finished in time"},
	    {.recipient = "mary@example.net",
	     .action = "failed",
	     .status = "5.+1.1",
	     .diagnostic = "not a status either"},
	};
	struct report told = {.host = "portal.example.com",
			      .envelope_id = "one+3Dtwo",
			      .arrived_at = 1699999999,
			      .failures = failures,
			      .failure_count = 3,
			      .original_header = "Subject: Größe\nTo: fred@example.net\n"};
	GMimeMessage *message;
	GMimeObject *report;
	char *content;
	struct text out;

	(void)state;
	text_init(&out, 65536);
	letter.automatic = true;
	letter.auto_submitted = "auto-replied";
	assert_int_equal(compose_report(&letter, SLICE("Sorry: Größe\n"), &told, &out), STATUS_OK);
	check_form("bounce", text_slice(&out));
	message = parse(text_slice(&out));
	report = g_mime_message_get_mime_part(message);
	assert_string_equal(g_mime_object_get_content_type_parameter(report, "report-type"),
			    "delivery-status");
	assert_int_equal(g_mime_multipart_get_count(GMIME_MULTIPART(report)), 3);
	content = content_of(part_of(message, 0));
	assert_string_equal(content, "Sorry: Größe\n");
	g_free(content);
	content = content_of(part_of(message, 1));
	assert_string_equal(
	    content, "Original-Envelope-Id: one=two\nReporting-MTA: dns; portal.example.com\n"
		     "Arrival-Date: Tue, 14 Nov 2023 22:13:19 +0000\n\n"
		     "Original-Recipient: rfc822; Fred+home@example.net\n"
		     "Final-Recipient: rfc822; fred@example.net\nAction: failed\nStatus: 5.1.1\n"
		     "Remote-MTA: dns; mx.example.net\n"
		     "Diagnostic-Code: smtp; 550 5.1.1 No such user Bcc: evil@example.com\n"
		     " .?utf-8?q?x?= .Gr....e.\n"
		     "Last-Attempt-Date: Tue, 14 Nov 2023 22:13:20 +0000\n\n"
		     "Final-Recipient: utf-8; j\\x{FC}rgen@example.net\nAction: delayed\n"
		     "Status: 4.0.0\nDiagnostic-Code: x-postern; not finished in time\n"
		     "Will-Retry-Until: Tue, 14 Nov 2023 22:13:20 +0000\n\n"
		     "Final-Recipient: rfc822; mary@example.net\nAction: failed\n"
		     "Status: 5.0.0\nDiagnostic-Code: x-postern; not a status either\n");
	g_free(content);
	content = content_of(part_of(message, 2));
	assert_string_equal(content, "Subject: Größe\nTo: fred@example.net\n");
	g_free(content);
	assert_string_equal(g_mime_object_get_header(GMIME_OBJECT(message), "Auto-Submitted"),
			    "auto-replied");
	g_object_unref(message);
	text_clear(&out);
}

/* A reader that knows RFC 6533 gets addresses as they are, and the whole message byte for byte. */
static void
writes_global_reports(void **state)
{
	struct letter letter = some_letter();
	const struct failure failure = {.recipient = "j\xc3\xbcrgen@example.net",
					.original = "utf-8;j\xc3\xbcrgen@example.net",
					.action = "failed",
					.status = "5.1.1",
					.diagnostic = ""};
	struct report told = {.host = "portal.example.com",
			      .utf8 = true,
			      .failures = &failure,
			      .failure_count = 1,
			      .original = SLICE("Subject: Gr\xc3\xb6\xc3\x9f"
						"e\r\n\r\n.dot \r\n")};
	struct text out;

	(void)state;
	text_init(&out, 65536);
	assert_int_equal(compose_report(&letter, SLICE("Sorry\n"), &told, &out), STATUS_OK);
	assert_non_null(
	    strstr(text_string(&out), "Content-Type: message/global-delivery-status\r\n"));
	assert_non_null(strstr(text_string(&out),
			       "Original-Recipient: utf-8; j\xc3\xbcrgen@example.net\r\n"
			       "Final-Recipient: utf-8; j\xc3\xbcrgen@example.net\r\n"));
	assert_non_null(strstr(text_string(&out),
			       "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n"
			       "\r\nSubject: Gr\xc3\xb6\xc3\x9f"
			       "e\r\n\r\n.dot \r\n"));
	text_clear(&out);
}

static void
check_receipt(enum receipt_kind kind, const char *disposition)
{
	struct letter letter = some_letter();
	GMimeMessage *message;
	char *content, wanted[512];
	struct text out;

	text_init(&out, 65536);
	assert_int_equal(compose_receipt(&letter, SLICE("It was opened.\n"), "portal.example.com",
					 "fred@example.net", "<original@example.com>", kind, &out),
			 STATUS_OK);
	check_form("receipt", text_slice(&out));
	message = parse(text_slice(&out));
	assert_string_equal(g_mime_object_get_content_type_parameter(
				g_mime_message_get_mime_part(message), "report-type"),
			    "disposition-notification");
	content = content_of(part_of(message, 1));
	snprintf(wanted, sizeof(wanted),
		 "Reporting-UA: portal.example.com; Postern\n"
		 "Final-Recipient: rfc822; fred@example.net\n"
		 "Original-Message-ID: <original@example.com>\n"
		 "Disposition: %s\n",
		 disposition);
	assert_string_equal(content, wanted);
	g_free(content);
	g_object_unref(message);
	text_clear(&out);
}

static void
writes_receipts(void **state)
{
	(void)state;
	check_receipt(RECEIPT_OPENED, "manual-action/MDN-sent-automatically; displayed");
	check_receipt(RECEIPT_EXPIRED, "automatic-action/MDN-sent-automatically; deleted");
	check_receipt(RECEIPT_TAKEN, "manual-action/MDN-sent-automatically; displayed\n"
				     "X-Postern-Event: file-taken");
	check_receipt(RECEIPT_REPLIED, "manual-action/MDN-sent-automatically; displayed\n"
				       "X-Postern-Event: replied");
}

static enum status
append_to_text(void *context, struct slice bytes)
{
	text_append(context, bytes);
	return STATUS_OK;
}

/* Join flowed lines as RFC 3676 section 4.1 says. */
static char *
unflow(const char *text)
{
	GString *out = g_string_new("");

	while (*text != '\0') {
		const char *end = strchr(text, '\n');
		const char *begin = *text == ' ' ? text + 1 : text;
		bool flows = end > begin && end[-1] == ' ' && strncmp(begin, "-- \n", 4) != 0;

		g_string_append_len(out, begin, end - begin);
		if (!flows)
			g_string_append_c(out, '\n');
		text = end + 1;
	}
	return g_string_free(out, FALSE);
}

static void
writes_a_reply_alone(void **state)
{
	static const char body[] =
	    "Dear Ann,\r\n\r\n> quoted\r\n leading\r\nFrom here on a long paragraph that must be "
	    "broken "
	    "into several lines, because nobody wants to read it on one, grüße.\r\n"
	    "trailing   \r\n-- \r\nFred\r\n";
	static const char result[] =
	    "Dear Ann,\n\n> quoted\n leading\nFrom here on a long paragraph that must be broken "
	    "into several lines, because nobody wants to read it on one, grüße.\n"
	    "trailing\n-- \nFred\n";
	struct letter letter = some_letter();
	struct arena *arena = arena_new();
	struct reply_writer *writer;
	GMimeMessage *message;
	GMimeObject *part;
	struct text out;
	struct sink sink = {&out, append_to_text};
	char *content;
	char *joined;

	(void)state;
	text_init_in(&out, arena, 1 << 20);
	assert_int_equal(reply_open(&letter, false, &sink, arena, &writer), STATUS_OK);
	assert_int_equal(reply_file_begin(writer, "x", "y/z"), STATUS_CONFLICT);
	assert_int_equal(reply_body(writer, slice_from_text(body)), STATUS_OK);
	assert_int_equal(reply_body(writer, slice_from_text(body)), STATUS_CONFLICT);
	assert_int_equal(reply_file_begin(writer, "x", "y/z"), STATUS_CONFLICT);
	assert_int_equal(reply_close(writer), STATUS_OK);
	check_form("reply-alone", text_slice(&out));
	message = parse(text_slice(&out));
	part = g_mime_message_get_mime_part(message);
	assert_string_equal(g_mime_object_get_content_type_parameter(part, "format"), "flowed");
	content = content_of(part);
	joined = unflow(content);
	assert_string_equal(joined, result);
	for (const char *at = content; *at != '\0';) {
		size_t size = strcspn(at, "\n");

		assert_true(size <= 76);
		at += size + 1;
	}
	g_free(joined);
	g_free(content);
	g_object_unref(message);
	arena_free(arena);
}

static const struct {
	const char *claim;
	const char *name;
	const char *result;
	const char *type;
	const char *type_result;
} files[] = {
    {"plain", "report.pdf", "report.pdf", "application/pdf", "application/pdf"},
    {"umlaut", "Übersicht für März.ods", "Übersicht für März.ods", "text/plain; charset=x",
     "text/plain"},
    {"line-end", "a\r\nContent-Type: text/html\r\n\r\n<script>.txt", "html    <script>.txt",
     "a\r\nb: c/d", "application/octet-stream"},
    {"path", "../../etc/passwd", "passwd", "message/rfc822", "application/octet-stream"},
    {"windows-path", "C:\\temp\\evil.exe", "evil.exe", "multipart/mixed",
     "application/octet-stream"},
    {"quotes", "a\"b;c.txt", "a\"b;c.txt", "", "application/octet-stream"},
    {"reversed",
     "a\xe2\x80\xae"
     "fdp.exe",
     "afdp.exe", "image/png", "image/png"},
    {"dots", "..", "file", "image", "application/octet-stream"},
    {"looks-encoded", "=?utf-8?Q?x?=", "=?utf-8?Q?x?=", "image/", "application/octet-stream"},
    {"long", "漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字.txt",
     "漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字.txt",
     "image/png", "image/png"},
    {"blank", "a b.txt", "a b.txt", "image/png", "image/png"},
};

#define FILE_COUNT (sizeof(files) / sizeof(files[0]))

/* File number i holds i * 1000 + i bytes, written in pieces of changing size. */
static void
fill(unsigned char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		bytes[i] = (unsigned char)(i * 7 + i / 251);
}

static void
writes_files(void **state)
{
	struct letter letter = some_letter();
	struct arena *arena = arena_new();
	static unsigned char bytes[FILE_COUNT * 1001];
	struct reply_writer *writer;
	GMimeMessage *message;
	struct text out;
	struct sink sink = {&out, append_to_text};

	(void)state;
	fill(bytes, sizeof(bytes));
	text_init_in(&out, arena, 1 << 20);
	assert_int_equal(reply_open(&letter, true, &sink, arena, &writer), STATUS_OK);
	assert_int_equal(reply_file_begin(writer, "x", "y/z"), STATUS_CONFLICT);
	assert_int_equal(reply_body(writer, SLICE("See the files\n")), STATUS_OK);
	for (size_t i = 0; i < FILE_COUNT; i++) {
		size_t size = i * 1001;
		size_t step = 1;

		expect("reply-files", "files", files[i].result);
		assert_int_equal(reply_file_begin(writer, files[i].name, files[i].type), STATUS_OK);
		assert_int_equal(reply_close(writer), STATUS_CONFLICT);
		for (size_t at = 0; at < size; at += step - 1) {
			size_t end = at + step < size ? at + step : size;

			assert_int_equal(reply_file_write(writer, slice_of(bytes + at, end - at)),
					 STATUS_OK);
			step = step * 3 % 997 + 1;
			if (end == size)
				break;
			at = end - step + 1;
		}
		assert_int_equal(reply_file_end(writer), STATUS_OK);
	}
	assert_int_equal(reply_close(writer), STATUS_OK);
	check_form("reply-files", text_slice(&out));
	message = parse(text_slice(&out));
	assert_int_equal(
	    g_mime_multipart_get_count(GMIME_MULTIPART(g_mime_message_get_mime_part(message))),
	    FILE_COUNT + 1);
	for (size_t i = 0; i < FILE_COUNT; i++) {
		GMimePart *part = GMIME_PART(part_of(message, (int)i + 1));
		GMimeStream *stream = g_mime_stream_mem_new();
		GByteArray *array;
		char *type = g_mime_content_type_get_mime_type(
		    g_mime_object_get_content_type(GMIME_OBJECT(part)));

		if (strcmp(g_mime_part_get_filename(part), files[i].result) != 0)
			fail_msg("%s: %s", files[i].claim, g_mime_part_get_filename(part));
		if (strcmp(type, files[i].type_result) != 0)
			fail_msg("%s: %s", files[i].claim, type);
		g_mime_data_wrapper_write_to_stream(g_mime_part_get_content(part), stream);
		array = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
		assert_int_equal(array->len, i * 1001);
		if (array->len > 0)
			assert_memory_equal(array->data, bytes, array->len);
		g_free(type);
		g_object_unref(stream);
	}
	g_object_unref(message);
	arena_free(arena);
}

/* Everybody who gets it stands there, and nobody who could not be written to. */
static void
writes_those_who_get_a_copy(void **state)
{
	static const struct mailbox cc[] = {{"Gina, G.", "gina@example.net"},
					    {"", "bob@corp.example"},
					    {"Jürgen", "juergen@example.net"}};
	static const struct mailbox evil[] = {{"", "a@example.net"},
					      {"", "b@example.net>\r\nBcc: x"}};
	struct letter letter = some_letter();
	GMimeMessage *message;
	InternetAddressList *list;
	struct text out;

	(void)state;
	letter.cc = cc;
	letter.cc_count = 3;
	text_init(&out, 1 << 16);
	assert_int_equal(compose_text(&letter, SLICE("Hello\n"), &out), STATUS_OK);
	check_form("copies", text_slice(&out));
	message = parse(text_slice(&out));
	list = g_mime_message_get_addresses(message, GMIME_ADDRESS_TYPE_CC);
	assert_int_equal(internet_address_list_length(list), 3);
	assert_string_equal(internet_address_get_name(internet_address_list_get_address(list, 0)),
			    "Gina, G.");
	for (int i = 0; i < 3; i++)
		assert_string_equal(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(
					internet_address_list_get_address(list, i))),
				    cc[i].address);
	g_object_unref(message);
	text_reset(&out);
	letter.cc = evil;
	letter.cc_count = 2;
	assert_int_equal(compose_text(&letter, SLICE("Hello\n"), &out), STATUS_INVALID);
	text_clear(&out);
}

/* Files of a draft are written alone, and copied from there byte for byte. */
static void
copies_files_from_another_writer(void **state)
{
	struct letter letter = some_letter();
	static unsigned char bytes[1001];
	struct text draft, whole, copied;
	struct sink draft_sink = {&draft, append_to_text}, whole_sink = {&whole, append_to_text},
		    copied_sink = {&copied, append_to_text};
	struct reply_writer *writer;

	(void)state;
	fill(bytes, sizeof(bytes));
	for (size_t size = 0; size <= sizeof(bytes); size += 77) {
		struct arena *arena = arena_new();
		struct slice written;
		struct source source;
		size_t from, to;

		text_init_in(&draft, arena, 1 << 16);
		text_init_in(&whole, arena, 1 << 16);
		text_init_in(&copied, arena, 1 << 16);
		reply_open_files(&draft_sink, arena, &writer);
		assert_int_equal(reply_body(writer, SLICE("no")), STATUS_CONFLICT);
		assert_int_equal(reply_file_begin(writer, "a.bin", "a/b"), STATUS_OK);
		from = draft.size;
		assert_int_equal(reply_file_write(writer, slice_of(bytes, size)), STATUS_OK);
		assert_int_equal(reply_file_end(writer), STATUS_OK);
		to = draft.size;
		written = text_slice(&draft);
		source = source_from_slice(&written);

		assert_int_equal(reply_open(&letter, true, &copied_sink, arena, &writer),
				 STATUS_OK);
		assert_int_equal(reply_body(writer, SLICE("See")), STATUS_OK);
		assert_int_equal(reply_file_copy(writer, &source, from, to), STATUS_CONFLICT);
		assert_int_equal(reply_file_begin(writer, "a.bin", "a/b"), STATUS_OK);
		assert_int_equal(reply_file_copy(writer, &source, from, to), STATUS_OK);
		assert_int_equal(reply_file_end(writer), STATUS_OK);
		assert_int_equal(reply_close(writer), STATUS_OK);

		assert_int_equal(reply_open(&letter, true, &whole_sink, arena, &writer), STATUS_OK);
		assert_int_equal(reply_body(writer, SLICE("See")), STATUS_OK);
		assert_int_equal(reply_file_begin(writer, "a.bin", "a/b"), STATUS_OK);
		assert_int_equal(reply_file_write(writer, slice_of(bytes, size)), STATUS_OK);
		assert_int_equal(reply_file_end(writer), STATUS_OK);
		assert_int_equal(reply_close(writer), STATUS_OK);
		/* But for their boundaries the two are one. */
		assert_int_equal(copied.size, whole.size);
		check_form("copied", text_slice(&copied));
		arena_free(arena);
	}
}

#define L100                                                                                       \
	"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567" \
	"890123456789"
#define L900 L100 L100 L100 L100 L100 L100 L100 L100 L100
#define HEAD "Subject: x\r\n\r\n"

static const struct {
	const char *claim;
	struct slice message;
	enum reply_carriage carriage;
} messages[] = {
    {"plain", SLICE(HEAD "one\r\n.\r\n"), REPLY_SEVEN_BIT},
    {"nothing but a header", SLICE("Subject: x\r\n"), REPLY_SEVEN_BIT},
    {"no line end at the end", SLICE(HEAD "one"), REPLY_SEVEN_BIT},
    {"bytes above 127", SLICE(HEAD "gr\xc3\xbc\xc3\x9f\r\n"), REPLY_EIGHT_BIT},
    {"the same in its header", SLICE("Subject: gr\xc3\xbc\r\n\r\none\r\n"), REPLY_ENCODED},
    {"a line of 998",
     SLICE(HEAD L900 "01234567890123456789012345678901234567890123456789012345678901"
		     "234567890123456789012345678901234567\r\n"),
     REPLY_SEVEN_BIT},
    {"a line of 999",
     SLICE(HEAD L900 "01234567890123456789012345678901234567890123456789012345678901"
		     "2345678901234567890123456789012345678\r\n"),
     REPLY_ENCODED},
    {"a zero", SLICE(HEAD "o\0e\r\n"), REPLY_ENCODED},
    {"a bare LF", SLICE(HEAD "one\ntwo\r\n"), REPLY_ENCODED},
    {"a bare CR", SLICE(HEAD "one\rtwo\r\n"), REPLY_ENCODED},
    {"a bare CR at the end", SLICE(HEAD "one\r"), REPLY_ENCODED},
};

/* A whole message stands in a reply as it is, and where that cannot be as a file. */
static void
carries_messages(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		struct arena *arena = arena_new();
		struct letter letter = some_letter();
		struct source source = source_from_slice(&messages[i].message);
		enum reply_carriage carriage;
		struct reply_writer *writer;
		struct text out;
		struct sink sink = {&out, append_to_text};
		struct slice written;
		bool there, eight;

		assert_int_equal(reply_message_carriage(&source, &carriage), STATUS_OK);
		if (carriage != messages[i].carriage)
			fail_msg("%s: %d", messages[i].claim, (int)carriage);
		letter.eight_bit = carriage == REPLY_EIGHT_BIT;
		text_init_in(&out, arena, 1 << 16);
		assert_int_equal(reply_open(&letter, true, &sink, arena, &writer), STATUS_OK);
		assert_int_equal(reply_message(writer, "a.eml", &source, carriage),
				 STATUS_CONFLICT);
		assert_int_equal(reply_body(writer, SLICE("See")), STATUS_OK);
		assert_int_equal(reply_message(writer, "a.eml", &source, carriage), STATUS_OK);
		assert_int_equal(reply_close(writer), STATUS_OK);
		if (carriage != REPLY_EIGHT_BIT)
			check_form(messages[i].claim, text_slice(&out));
		written = text_slice(&out);
		there = memmem(written.data, written.size, messages[i].message.data,
			       messages[i].message.size) != NULL;
		eight = memmem(written.data, written.size, "Encoding: 8bit", 14) != NULL;
		if (there != (carriage != REPLY_ENCODED) || eight != (carriage == REPLY_EIGHT_BIT))
			fail_msg("%s: it does not stand there as it should", messages[i].claim);
		arena_free(arena);
	}
}

static const struct {
	const char *claim;
	const char *typed;
	const char *written;
} levels[] = {
    {"one level", "> a", "> a\r\n"},
    {"no blank is needed", ">a", "> a\r\n"},
    {"blanks between marks go", "> > >a", ">>> a\r\n"},
    {"inner blanks stay", ">   a", ">   a\r\n"},
    {"an empty line", "> ", ">\r\n"},
    {"a long line flows within its level",
     ">> 123456789 123456789 123456789 123456789 123456789 123456789 123456789 123456789",
     ">> 123456789 123456789 123456789 123456789 123456789 123456789 \r\n"
     ">> 123456789 123456789\r\n"},
    {"its signature is one", "> -- ", "> -- \r\n"},
};

static void
keeps_the_level_of_quotations(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		struct letter letter = some_letter();
		struct arena *arena = arena_new();
		struct reply_writer *writer;
		struct text out;
		struct sink sink = {&out, append_to_text};
		const char *body;

		text_init_in(&out, arena, 1 << 16);
		assert_int_equal(reply_open(&letter, false, &sink, arena, &writer), STATUS_OK);
		assert_int_equal(reply_body(writer, slice_from_text(levels[i].typed)), STATUS_OK);
		assert_int_equal(reply_close(writer), STATUS_OK);
		body = strstr(text_string(&out), "\r\n\r\n");
		assert_non_null(body);
		if (strcmp(body + 4, levels[i].written) != 0)
			fail_msg("%s: %s", levels[i].claim, body + 4);
		arena_free(arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(writes_subjects),
	    cmocka_unit_test(writes_names),
	    cmocka_unit_test(refuses_what_cannot_be_written),
	    cmocka_unit_test(writes_threads_and_marks),
	    cmocka_unit_test(writes_bodies),
	    cmocka_unit_test(writes_bounces),
	    cmocka_unit_test(writes_global_reports),
	    cmocka_unit_test(writes_receipts),
	    cmocka_unit_test(writes_a_reply_alone),
	    cmocka_unit_test(writes_files),
	    cmocka_unit_test(writes_those_who_get_a_copy),
	    cmocka_unit_test(copies_files_from_another_writer),
	    cmocka_unit_test(keeps_the_level_of_quotations),
	    cmocka_unit_test(carries_messages),
	};

	g_mime_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
