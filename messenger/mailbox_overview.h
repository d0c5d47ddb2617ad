/*
 * Mailboxes as administrators see them: whose, since when, how full; never what lies in one.
 */
#ifndef MESSENGER_MAILBOX_OVERVIEW_H
#define MESSENGER_MAILBOX_OVERVIEW_H

#include "messenger/messenger.h"
#include "store/mailbox.h"

struct mailbox_overview {
	struct mailbox_overview_row row;
	const char *address; /* "" when it does not open */
};

/* STATUS_NOT_FOUND: they have none. */
enum status
messenger_mailbox_show(const struct messenger *messenger, struct slice owner_index,
		       struct arena *arena, struct mailbox_overview *overview_out) MUST_CHECK;
/* Oldest first, behind that one. */
enum status
messenger_mailbox_list_all(const struct messenger *messenger, const struct id *behind, size_t most,
			   struct arena *arena, struct mailbox_overview **list_out,
			   size_t *count_out) MUST_CHECK;

#endif
