/*
 * What the form of a reply (page_reply.c) and its sending (page_reply_send.c) share.
 */
#ifndef PORTAL_REPLYING_H
#define PORTAL_REPLYING_H

#include "portal/page.h"

/* Show the form with what was typed, or where nothing was sent with what the draft has; `flag` is
 * raised (NULL: none). */
void replying_show(const struct request *request, struct answer *answer, int http_status,
		   const char *flag);

/* What the form says, borrowed. */
struct writing replying_typed(const struct request *request);

/* Is anything in it that its writer would miss? */
bool replying_has_words(const struct writing *typed);

#endif
