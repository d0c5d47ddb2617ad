/*
 * What the task "page" is made of.  Inside of mail/reading_page only.
 */
#ifndef MAIL_READING_PAGE_PART_H
#define MAIL_READING_PAGE_PART_H

#include "mail/reading_page.h"
#include "mail/reading_task.h"

/* Whether a part belongs to that letter itself, and not to one that is attached to it. */
bool page_has(const struct manifest *manifest, const struct part *letter, const struct part *part);

/* Each appends its piece of the answer, in this order. */
enum status page_write_head(const struct reading_job *job, const struct page_wish *wish,
			    struct text *out) MUST_CHECK;
void
page_write_letters(const struct reading_job *job, const struct page_wish *wish, struct text *out);
enum status page_write_text(const struct reading_job *job, const struct page_wish *wish,
			    struct text *out) MUST_CHECK;
void
page_write_events(const struct reading_job *job, const struct page_wish *wish, struct text *out);
void
page_write_reports(const struct reading_job *job, const struct page_wish *wish, struct text *out);
enum status page_write_sights(const struct reading_job *job, const struct page_wish *wish,
			      struct text *out) MUST_CHECK;

#endif
