/*
 * What is shown of a letter, a message or one that is attached to it, wherever that is: on its page
 * in the portal, in a PDF that is saved there, in one that is mailed.  Read by a reader, all
 * at once, and put into template values; which template they are for is decided elsewhere.
 */
#ifndef MESSENGER_SHOWN_LETTER_H
#define MESSENGER_SHOWN_LETTER_H

#include "base/language.h"
#include "base/template.h"
#include "mail/file_kind.h"
#include "mail/reader.h"
#include "mail/reading_page.h"

#define SHOWN_FILES_MAX ((size_t)1000)

/* On paper there are no lists of archives, and more pictures. */
enum shown_form { SHOWN_ON_PAGE, SHOWN_ON_PAPER };

struct shown {
	struct arena *arena;
	enum shown_form form;
	const struct language *language;
	const char *label; /* of the message, for the log */
	const struct source *message;
	const struct manifest *manifest;
	const struct part *letter; /* NULL: the message itself */
	const char
	    *letters_url; /* where attached letters are, each behind its number; "" nowhere */
	/* What was read. */
	struct page_wish wish;
	struct page_reading page;
	bool failed; /* nothing could be read, or it was a makeshift from the beginning */
};

/* Read it, at most so many bytes of text (PAGE_TEXT_MAX), what is seen in the first of its files
 * included: each look reads a chunk or two of the message. */
enum status shown_read(struct reader *reader, size_t text_max, struct shown *shown) MUST_CHECK;

/* reading_page; what cannot be read is no failure, but *failed_out, and the page is empty. */
enum status shown_ask(struct reader *reader, const struct page_wish *wish, struct arena *arena,
		      struct page_reading *page_out, bool *failed_out) MUST_CHECK;

/* All values of its templates but those of its text and its files. */
void shown_put(const struct shown *shown, struct template_values *values);

/* Whether a part is a file that is listed; those of a letter, at most SHOWN_FILES_MAX, and their
 * number; which kind one is; and as what it is looked into: false, as nothing. */
bool shown_is_file(const struct part *part);
size_t shown_list_files(const struct manifest *manifest, const struct part *letter,
			struct arena *arena, const struct part ***parts_out);
enum file_kind shown_file_kind(const struct part *part);
bool shown_look(const struct part *part, struct page_look *look_out);

/* The HTML body that the portal shows in its layout, the first of them; NULL when there is none. */
const struct part *shown_html(const struct manifest *manifest, const struct part *letter);

/* A date as a header has it, for readers of that language: English ones keep the header's own
 * words, which are English; so does what cannot be read as a date. */
const char *
shown_date(const struct language *language, const char *written, int64_t time, struct arena *arena);

#endif
