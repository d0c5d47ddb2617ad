/*
 * What becomes of a message in its recipient's hands, written down for its
 * sender, and what its recipient lets them know.
 */
#ifndef MESSENGER_RECEIPT_H
#define MESSENGER_RECEIPT_H

#include "messenger/open.h"

/* The last byte of this file was handed to the recipient's browser.  Its name is kept (sealed) only
 * when the sender asked for names; several files of a few minutes share one receipt. */
enum status messenger_take(const struct messenger *messenger, const struct id *delivery,
			   uint32_t part, const char *name, int64_t now) MUST_CHECK;

/* The recipient, by the text of their link, does not know the answer: the sender is told.
 * STATUS_BUSY: that was done not long ago, *retry_at_out tells when it may be done again.
 * STATUS_GONE: standing is other than READY. */
enum status messenger_ask(const struct messenger *messenger, struct slice link, int64_t now,
			  int64_t *retry_at_out) MUST_CHECK;

#endif
