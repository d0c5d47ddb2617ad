/*
 * What a recipient has written so far, as the partial `thread` shows it below the
 * message: the draft, and the replies that were sent.
 */
#ifndef PORTAL_THREAD_VALUES_H
#define PORTAL_THREAD_VALUES_H

#include "portal/page.h"

/* draft_at, draft_files, replies (a list).  What cannot be read is left out. */
void thread_put(const struct request *request, struct template_values *values);

/* One reply: when, to, text, text_cut, files (a list of name and size_text), file_count. */
void thread_put_sent(const struct request *request, struct template_values *values,
		     const struct writing *sent);

#endif
