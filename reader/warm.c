#include "reader/warm.h"

#include <gmime/gmime.h>

#include "mail/parse.h"
#include "mail/reading_page.h"
#include "pdf/task.h"

/* glibc's converters are modules on disk, by which the MIME library reads file names (RFC 2231). An
 * open one can be opened again without a look at the disk; of all others the names are guessed. */
static const char *const converted[] = {
    "us-ascii",	    "iso-8859-1",     "iso-8859-2",   "iso-8859-3",   "iso-8859-4",
    "iso-8859-5",   "iso-8859-6",     "iso-8859-7",   "iso-8859-8",   "iso-8859-9",
    "iso-8859-10",  "iso-8859-13",    "iso-8859-14",  "iso-8859-15",  "iso-8859-16",
    "windows-1250", "windows-1251",   "windows-1252", "windows-1253", "windows-1254",
    "windows-1255", "windows-1256",   "windows-1257", "windows-1258", "koi8-r",
    "koi8-u",	    "utf-7",	      "utf-16",	      "gb2312",	      "gbk",
    "gb18030",	    "big5",	      "shift_jis",    "euc-jp",	      "iso-2022-jp",
    "euc-kr",	    "ks_c_5601-1987", "tis-620",      "macintosh",
};

/* A letter of all kinds, so that every library is met once. */
static const char letter[] =
    "From: =?iso-8859-1?Q?Andr=E9?= <a@example.org>\r\n"
    "To: b@example.org\r\n"
    "Subject: =?utf-8?B?V8OkcmU=?=\r\n"
    "Content-Type: multipart/mixed; boundary=b\r\n"
    "\r\n"
    "--b\r\nContent-Type: text/plain; charset=iso-8859-15; format=flowed\r\n\r\ntext \r\n"
    "--b\r\nContent-Type: application/octet-stream; name*=iso-8859-1''na%EFve\r\n"
    "Content-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\nAAEC\r\n"
    "--b\r\nContent-Type: text/calendar; charset=utf-8\r\n\r\n"
    "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:s\r\n"
    "DTSTART;TZID=Europe/Berlin:20260105T100000\r\nRRULE:FREQ=WEEKLY;BYDAY=MO\r\n"
    "END:VEVENT\r\nEND:VCALENDAR\r\n"
    "--b--\r\n";
static const char page[] = "Content-Type: text/html; charset=windows-1252\r\n\r\n"
			   "<p style=\"color:red\">a <a href=\"https://example.org\">b</a></p>";

static void
read_layouts(const struct source *source, const struct manifest *manifest, struct arena *arena)
{
	for (size_t i = 0; i < manifest->part_count; i++) {
		struct text text;

		if (manifest->parts[i].role != PART_HTML)
			continue;
		text_init(&text, 65536);
		if (reading_original(reader_within(), "", source, manifest, &manifest->parts[i],
				     arena, &text) != STATUS_OK)
			text_reset(&text);
		text_clear(&text);
	}
}

/* What comes of it does not matter. */
static void
read_all(const char *message)
{
	struct arena *arena = arena_new();
	struct slice bytes = slice_from_text(message);
	struct source source = source_from_slice(&bytes);
	const struct letter_question question = {.label = "", .stored = &source};
	struct letter_reading reading;
	struct page_reading shown;

	if (reading_letter(reader_within(), &question, arena, &reading) == STATUS_OK) {
		const struct page_wish wish = {.label = "",
					       .message = &source,
					       .manifest = &reading.manifest,
					       .wants = PAGE_LETTERS | PAGE_TEXT | PAGE_EXTRAS,
					       .text_max = 65536};

		if (reading_page(reader_within(), &wish, arena, &shown) == STATUS_OK)
			read_layouts(&source, &reading.manifest, arena);
	}
	arena_free(arena);
}

void
warm_up(void)
{
	mail_prepare();
	/* Kept open for ever. */
	for (size_t i = 0; i < sizeof(converted) / sizeof(converted[0]); i++)
		/* NOLINTNEXTLINE(performance-no-int-to-ptr): so iconv_open tells of a failure. */
		if (g_mime_iconv_open("UTF-8", converted[i]) == (iconv_t)-1)
			continue;
	read_all(letter);
	read_all(page);
	pdf_task_warm();
}
