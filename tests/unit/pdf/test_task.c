/* pdf/task, pdf/enclose, pdf/canvas: a document goes in, a PDF comes out that another reading of it
 * opens with its password and with no other, and that holds the files as they were. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <qpdf/qpdf-c.h>

#include "base/secret.h"
#include "mail/parse.h"
#include "mail/reading.h"
#include "pdf/ask.h"
#include "pdf/task.h"
#include "tests/unit/pdf/fonts_here.h"

#define PASSWORD                                                                                   \
	"gr\xc3\xb6\xc3\x9f"                                                                       \
	"er \xf0\x9f\x98\x80"

static const char letter[] =
    "From: a@example.org\r\nSubject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    "--b\r\nContent-Type: text/plain\r\n\r\nHello\r\n"
    "--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n"
    "Content-Disposition: attachment; filename=one.bin\r\n\r\nAAECAwQFBgcICQ==\r\n"
    "--b\r\nContent-Type: text/plain\r\n"
    "Content-Disposition: attachment; filename=two.txt\r\n\r\nThe second.\r\n--b--\r\n";

static const struct document_head head = {.title = "Gr\xc3\xb6\xc3\x9f"
						   "e",
					  .author = "Example",
					  .language = "de",
					  .made_at = 1780000000,
					  .page_words = "%1/%2",
					  .unseen_words = "unseen %1",
					  .text_name = "text.txt"};

struct asking {
	struct arena *arena;
	struct slice bytes; /* of the message */
	struct source message;
	struct manifest manifest;
	struct document *document;
	struct slice logo;
	const char *password;
	uint32_t parts[2];
	size_t part_count;
	struct reading_job job;
};

static void
begin(struct asking *asking)
{
	const struct letter_question question = {.label = "test", .stored = &asking->message};
	struct letter_reading reading;

	*asking = (struct asking){.arena = arena_new(),
				  .bytes = slice_of(letter, sizeof(letter) - 1),
				  .password = PASSWORD};
	asking->message = source_from_slice(&asking->bytes);
	assert_int_equal(reading_letter(reader_within(), &question, asking->arena, &reading),
			 STATUS_OK);
	asking->manifest = reading.manifest;
	asking->document = document_new(asking->arena, &head);
	document_add(asking->document, DOCUMENT_TITLE, SLICE("Hello"));
	document_add(asking->document, DOCUMENT_LINES, SLICE("line \xf0\x9f\x98\x80\n"));
	for (uint32_t i = 0; i < asking->manifest.part_count; i++)
		if (asking->manifest.parts[i].role == PART_FILE)
			asking->parts[asking->part_count++] = i;
	assert_int_equal(asking->part_count, 2);
}

static enum status
ask(struct asking *asking)
{
	struct text *request = text_new_in(asking->arena, reading_tasks[READING_PDF].request_max);
	struct slice document, manifest;

	asking->job = (struct reading_job){.message = &asking->message, .arena = asking->arena};
	text_init_in(&asking->job.result, asking->arena, 1);
	assert_int_equal(document_pack(asking->document, &document), STATUS_OK);
	assert_int_equal(manifest_write(&asking->manifest, asking->arena, &manifest), STATUS_OK);
	pack_bytes(request, document);
	pack_bytes(request, asking->logo);
	pack_bytes(request, slice_from_text(asking->password));
	pack_number(request, asking->part_count, 4);
	for (size_t i = 0; i < asking->part_count; i++) {
		pack_number(request, asking->parts[i], 4);
		pack_bytes(request, i == 0 ? SLICE("\xc3\x9c.bin") : SLICE("two.txt"));
		pack_bytes(request, SLICE("text/plain"));
	}
	pack_bytes(request, manifest);
	asking->job.request = text_slice(request);
	return pdf_task_run(&asking->job);
}

static bool
opens(struct slice pdf, const char *password)
{
	qpdf_data qpdf = qpdf_init();
	bool opened;

	qpdf_silence_errors(qpdf);
	qpdf_set_suppress_warnings(qpdf, 1);
	opened = (qpdf_read_memory(qpdf, "it", (const char *)pdf.data, pdf.size, password) &
		  QPDF_ERRORS) == 0;
	qpdf_cleanup(&qpdf);
	return opened;
}

static void
only_its_password_opens_it(void **state)
{
	static const char *const wrong[] = {"", "x", PASSWORD "x",
					    "gr\xc3\xb6\xc3\x9f"
					    "er"};
	struct asking asking;
	struct slice pdf;

	(void)state;
	begin(&asking);
	assert_int_equal(ask(&asking), STATUS_OK);
	pdf = asking.job.given;
	assert_true(pdf_is_whole(pdf, true));
	assert_true(opens(pdf, PASSWORD));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(opens(pdf, wrong[i]));
	/* R6, AES-256, and nothing to be read. */
	assert_true(slice_find(pdf, SLICE("/AESV3"), 0) != SLICE_NONE);
	assert_true(slice_find(pdf, SLICE("/R 6"), 0) != SLICE_NONE);
	assert_true(slice_find(pdf, SLICE("/RC4"), 0) == SLICE_NONE);
	assert_true(slice_find(pdf, SLICE("The second"), 0) == SLICE_NONE);
	assert_true(slice_find(pdf, SLICE("two.txt"), 0) == SLICE_NONE);
	assert_true(slice_find(pdf, slice_from_text(PASSWORD), 0) == SLICE_NONE);
	arena_free(asking.arena);
}

static void
files_are_in_it(void **state)
{
	struct asking asking;
	qpdf_data qpdf = qpdf_init();
	qpdf_oh names;

	(void)state;
	begin(&asking);
	assert_int_equal(ask(&asking), STATUS_OK);
	assert_int_equal(qpdf_read_memory(qpdf, "it", (const char *)asking.job.given.data,
					  asking.job.given.size, PASSWORD),
			 QPDF_SUCCESS);
	names = qpdf_oh_get_key(qpdf, qpdf_get_root(qpdf), "/Names");
	names = qpdf_oh_get_key(qpdf, qpdf_oh_get_key(qpdf, names, "/EmbeddedFiles"), "/Names");
	assert_int_equal(qpdf_oh_get_array_n_items(qpdf, names), 6);
	for (int i = 0; i < 3; i++) {
		static const char *const wanted[] = {"text.txt", "\xc3\x9c.bin", "two.txt"};
		static const struct slice content[] = {SLICE("Hello\n\nline \xf0\x9f\x98\x80\n"),
						       SLICE("\0\1\2\3\4\5\6\7\10\11"),
						       SLICE("The second.")};
		qpdf_oh file = qpdf_oh_get_array_item(qpdf, names, i * 2 + 1);
		qpdf_oh stream = qpdf_oh_get_key(qpdf, qpdf_oh_get_key(qpdf, file, "/EF"), "/UF");
		unsigned char *bytes = NULL;
		QPDF_BOOL filtered;
		size_t size;

		assert_string_equal(
		    qpdf_oh_get_utf8_value(qpdf, qpdf_oh_get_key(qpdf, file, "/UF")), wanted[i]);
		assert_int_equal(
		    qpdf_oh_get_stream_data(qpdf, stream, qpdf_dl_all, &filtered, &bytes, &size),
		    QPDF_SUCCESS);
		assert_true(slice_equal(slice_of(bytes, size), content[i]));
		free(bytes);
	}
	qpdf_cleanup(&qpdf);
	arena_free(asking.arena);
}

static void
without_a_password_it_is_open(void **state)
{
	struct asking asking;

	(void)state;
	begin(&asking);
	asking.password = "";
	assert_int_equal(ask(&asking), STATUS_OK);
	assert_true(pdf_is_whole(asking.job.given, false));
	/* Who asked for a password does not take it. */
	assert_false(pdf_is_whole(asking.job.given, true));
	assert_true(slice_find(asking.job.given, SLICE("The second."), 0) != SLICE_NONE);
	arena_free(asking.arena);
}

static void
nonsense_is_refused(void **state)
{
	struct asking asking;
	struct slice request;

	(void)state;
	begin(&asking);
	assert_int_equal(ask(&asking), STATUS_OK);
	request = asking.job.request;
	for (size_t size = 0; size < request.size; size += 7) {
		asking.job.request = slice_part(request, 0, size);
		assert_int_equal(pdf_task_run(&asking.job), STATUS_INVALID);
	}
	asking.parts[0] = 99;
	assert_int_equal(ask(&asking), STATUS_INVALID);
	arena_free(asking.arena);
}

/* Whatever a logo's file is, the name stands there. */
static void
a_broken_logo_hides_nothing(void **state)
{
	static const struct slice logos[] = {SLICE(""), SLICE("\x89PNG\r\n\x1a\n"),
					     SLICE("GIF89a")};
	struct asking asking;
	size_t first = 0, without;

	(void)state;
	begin(&asking);
	asking.password = "";
	assert_int_equal(ask(&asking), STATUS_OK);
	without = asking.job.given.size;
	arena_free(asking.arena);
	for (size_t i = 0; i < sizeof(logos) / sizeof(logos[0]); i++) {
		begin(&asking);
		asking.password = "";
		asking.logo = logos[i];
		document_add_letterhead(asking.document, SLICE("House"), false, NULL, 0);
		assert_int_equal(ask(&asking), STATUS_OK);
		/* The same pages, and so nearly the same bytes: dates are in there. */
		if (i == 0)
			first = asking.job.given.size;
		assert_int_equal(asking.job.given.size, first);
		assert_true(first > without);
		arena_free(asking.arena);
	}
}

/* A size beyond what may be, whatever the message says. */
static void
files_are_bounded(void **state)
{
	struct asking asking;
	unsigned char *large;

	(void)state;
	begin(&asking);
	large = arena_alloc(asking.arena, (size_t)PDF_FILES_SIZE_MAX + 100);
	asking.bytes = slice_of(large, (size_t)PDF_FILES_SIZE_MAX + 100);
	asking.message = source_from_slice(&asking.bytes);
	asking.part_count = 1;
	asking.manifest.parts[asking.parts[0]].encoding = PART_IDENTITY;
	asking.manifest.parts[asking.parts[0]].offset = 0;
	asking.manifest.parts[asking.parts[0]].size = PDF_FILES_SIZE_MAX + 1;
	asking.manifest.parts[asking.parts[0]].decoded_size = PDF_FILES_SIZE_MAX + 1;
	assert_int_equal(ask(&asking), STATUS_TOO_LARGE);
	asking.manifest.parts[asking.parts[0]].size = PDF_FILES_SIZE_MAX;
	asking.manifest.parts[asking.parts[0]].decoded_size = PDF_FILES_SIZE_MAX;
	assert_int_equal(ask(&asking), STATUS_OK);
	assert_true(asking.job.given.size > PDF_FILES_SIZE_MAX);
	assert_true(asking.job.given.size < reading_tasks[READING_PDF].result_max);
	arena_free(asking.arena);
}

static void
what_is_whole(void **state)
{
	static const struct {
		struct slice bytes;
		bool whole;
	} rows[] = {
	    {SLICE("%PDF-1.7\nxxxxx%%EOF\n"), true},
	    {SLICE("%PDF-1.7\nxxxxx%%EOF"), false},
	    {SLICE("%PDF-2\nxxxxx%%EOF\n"), false},
	    {SLICE("<script>%%EOF\n"), false},
	    {SLICE("%PDF-1."), false},
	    {SLICE(""), false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(pdf_is_whole(rows[i].bytes, false), rows[i].whole);
	assert_false(pdf_is_whole(rows[0].bytes, true));
	assert_true(pdf_is_whole(SLICE("%PDF-1.7\n<< /Encrypt 1 0 R >>\n%%EOF\n"), true));
}

static void
without_fonts_there_is_none(void **state)
{
	struct asking asking;

	(void)state;
	begin(&asking);
	assert_int_equal(fonts_load(NULL, 0), 0);
	assert_int_equal(ask(&asking), STATUS_INVALID);
	assert_int_equal(fonts_load(fonts_here, FONTS_HERE_COUNT), FONTS_HERE_COUNT);
	arena_free(asking.arena);
}

static int
set_up(void **state)
{
	secret_prepare_process();
	mail_prepare();
	return set_up_fonts(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(only_its_password_opens_it),
	    cmocka_unit_test(files_are_in_it),
	    cmocka_unit_test(without_a_password_it_is_open),
	    cmocka_unit_test(nonsense_is_refused),
	    cmocka_unit_test(a_broken_logo_hides_nothing),
	    cmocka_unit_test(files_are_bounded),
	    cmocka_unit_test(what_is_whole),
	    cmocka_unit_test(without_fonts_there_is_none),
	};

	return cmocka_run_group_tests_name("pdf/task", tests, set_up, tear_down_fonts);
}
