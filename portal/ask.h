/*
 * What a request asks of the reader about its opened message (mail/reading_page.h).  That a
 * message cannot be read is no failure of a page: it says so, and offers the message as a file.
 */
#ifndef PORTAL_ASK_H
#define PORTAL_ASK_H

#include "mail/reading_page.h"
#include "portal/request.h"

/* What the log calls the opened message; in the request's arena. */
const char *ask_label(const struct request *request);

/* A wish about the opened message, or a letter attached to it; the caller adds what it wants. */
struct page_wish ask_wish(const struct request *request, const struct part *letter);

/* *failed_out: nothing could be found out, and the page is empty. */
enum status ask_page(const struct request *request, const struct page_wish *wish,
		     struct page_reading *page_out, bool *failed_out) MUST_CHECK;

/* The bytes of a part, to be given out as they are. */
enum status ask_open(const struct request *request, const struct part *part,
		     struct source *source_out) MUST_CHECK;

#endif
