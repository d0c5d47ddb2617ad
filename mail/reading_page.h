/*
 * All that a page needs of a stranger's message, in one task: the header of an
 * attached letter, the text with its pictures between, what invitations and reports
 * say, and what is seen in files.  As in mail/reading.h, whatever comes back is
 * checked, and STATUS_INVALID and STATUS_TOO_LARGE say that the message cannot be shown.
 */
#ifndef MAIL_READING_PAGE_H
#define MAIL_READING_PAGE_H

#include "mail/archive.h"
#include "mail/calendar.h"
#include "mail/picture.h"
#include "mail/reading.h"
#include "mail/report.h"
#include "mail/spans.h"

#define PAGE_LOOKS_MAX ((size_t)1000)
#define PAGE_LETTERS_MAX ((size_t)50)
#define PAGE_TEXT_MAX ((size_t)524288)
#define PAGE_SPANS_MAX ((size_t)20000) /* of all texts; those beyond are words alone */

enum page_look_kind { LOOK_PICTURE = 1, LOOK_ARCHIVE, LOOK_TEXT };

/* A file to be looked into: its number, and as what. */
struct page_look {
	uint32_t part;
	enum page_look_kind kind;
};

/* What a page wants; several together. */
#define PAGE_HEAD 1U	/* headers, of an attached letter */
#define PAGE_LETTERS 2U /* the letters attached to it */
#define PAGE_TEXT 4U
#define PAGE_PIECES 8U	/* with PAGE_TEXT: also which picture stood between the texts */
#define PAGE_EXTRAS 16U /* invitations and reports */

struct page_wish {
	const char *label; /* for the log */
	const struct source *message;
	const struct manifest *manifest;
	const struct part *letter; /* NULL: the message itself */
	unsigned wants;
	size_t text_max; /* bytes of all texts, at most PAGE_TEXT_MAX; of a text file the same */
	const struct page_look *looks;
	size_t look_count; /* at most PAGE_LOOKS_MAX */
	size_t names_max;  /* names in one archive */
};

struct page_letter {
	const struct part *part;
	struct mailbox from;
	const char *subject;
	const char *date;
	int64_t sent_at;
};

/* A text, or a picture that stood between texts. */
struct page_piece {
	const struct part *picture; /* NULL: a text */
	struct slice text;	    /* clean UTF-8 with LF line ends */
	const struct span *spans;   /* of it, where it was HTML */
	size_t span_count;
};

struct page_event {
	struct calendar_event event;
	enum calendar_method method;
};

/* What was seen in a file; the rest is empty where `seen` is false. */
struct page_sight {
	bool seen;
	struct picture picture;
	struct archive_listing listing;
	struct slice text;
	bool text_cut;
};

struct page_reading {
	struct manifest headers; /* with PAGE_HEAD; without parts */
	struct page_letter *letters;
	size_t letter_count;
	struct page_piece *pieces;
	size_t piece_count;
	bool text_cut;	   /* it goes on */
	bool html_refused; /* some HTML is beyond what is safe to parse */
	struct page_event *events;
	size_t event_count;
	struct report_recipient *recipients;
	size_t recipient_count;
	bool more_recipients;
	struct page_sight *sights; /* of each look, in their order */
};

/* A reading in which nothing was found, for a page that goes on without. */
struct page_reading reading_page_empty(const struct page_wish *wish, struct arena *arena);

enum status reading_page(struct reader *reader, const struct page_wish *wish, struct arena *arena,
			 struct page_reading *page_out) MUST_CHECK;

/* Take over what a task answered to that wish.  STATUS_INVALID: it makes no sense.  Pure. */
enum status reading_page_check(struct slice bytes, const struct page_wish *wish,
			       struct arena *arena, struct page_reading *page_out) MUST_CHECK;

#endif
