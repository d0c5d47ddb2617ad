/*
 * A letter as a page shows it: the message itself, or one that is attached.  Fills in
 * template values for the partials letter_head and letter_body; which page they stand
 * on is decided elsewhere.
 */
#ifndef PORTAL_LETTER_H
#define PORTAL_LETTER_H

#include "mail/reading_page.h"
#include "portal/page.h"

/* What was read of a letter for its page, all at once. */
struct letter_view {
	const struct part *letter; /* NULL: the message itself */
	struct page_wish wish;
	struct page_reading page;
	bool failed; /* nothing could be read, or it was a makeshift from the beginning */
};

#define LETTER_SHOWN_MAX ((size_t)262144) /* bytes of text on a page */

/* Read what its page shows, at most so many bytes of text (PAGE_TEXT_MAX), what is seen in its
 * files included. */
enum status letter_read(const struct request *request, const struct part *letter, size_t text_max,
			struct letter_view *view_out) MUST_CHECK;

/* Everything of the letter but its files; and the same without its text. */
void letter_put(const struct request *request, const struct letter_view *view,
		struct template_values *values);
void letter_put_around(const struct request *request, const struct letter_view *view,
		       struct template_values *values);

/* The text of the message itself as its page shows it, at most so many bytes; a longer one is cut.
 */
enum status
letter_plain_text(const struct request *request, size_t most, struct text *text) MUST_CHECK;

/* Whether a part belongs to that letter itself, and not to one that is attached to it. */
bool
letter_has(const struct manifest *manifest, const struct part *letter, const struct part *part);

/* The subject of the letter, "" where it has none, or cannot be read. */
enum status letter_subject(const struct request *request, const struct part *letter,
			   const char **subject_out) MUST_CHECK;

/* A date as a header has it, for the page's language: English ones keep the header's own words,
 * which are English; so does what cannot be read as a date. */
const char *letter_date(const struct request *request, const char *written, int64_t time);

/* The HTML body that is shown in its layout; NULL when there is none. */
const struct part *letter_html(const struct manifest *manifest, const struct part *letter);

#endif
