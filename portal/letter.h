/*
 * A letter as a page shows it: the message itself, or one that is attached.  Fills in
 * template values for the partials letter_head and letter_body; which page they stand
 * on is decided elsewhere.
 */
#ifndef PORTAL_LETTER_H
#define PORTAL_LETTER_H

#include "messenger/shown_letter.h"
#include "portal/page.h"

#define LETTER_SHOWN_MAX ((size_t)262144) /* bytes of text on a page */

/* Read what its page shows, at most LETTER_SHOWN_MAX of text, or what its PDF does, PAGE_TEXT_MAX
 * of it; what is seen in its files included. */
enum status letter_read(const struct request *request, const struct part *letter,
			enum shown_form form, struct shown *shown_out) MUST_CHECK;

/* Everything of the letter but its files. */
void letter_put(const struct request *request, const struct shown *shown,
		struct template_values *values);

/* The text of the message itself as its page shows it, at most so many bytes; a longer one is cut.
 */
enum status
letter_plain_text(const struct request *request, size_t most, struct text *text) MUST_CHECK;

/* The subject of the letter, "" where it has none, or cannot be read. */
enum status letter_subject(const struct request *request, const struct part *letter,
			   const char **subject_out) MUST_CHECK;

#endif
