/*
 * What becomes of a message in its recipient's hands, written down for its
 * sender, and what its recipient lets them know.
 */
#ifndef MESSENGER_RECEIPT_H
#define MESSENGER_RECEIPT_H

#include "messenger/open.h"

struct taken_file {
	uint32_t part;
	const char *name;
};

/* The last bytes of these files were handed to the recipient's browser.  Names are kept (sealed)
 * only when the sender asked for names; several files of a few minutes share one receipt, and a
 * file that was taken before is none. */
enum status messenger_take(const struct messenger *messenger, const struct id *delivery,
			   const struct taken_file *files, size_t count, int64_t now) MUST_CHECK;

/* The recipient, by the text of their link, does not know the answer: the sender is told.
 * STATUS_BUSY: that was done not long ago, *retry_at_out tells when it may be done again.
 * STATUS_GONE: standing is other than READY. */
enum status messenger_ask(const struct messenger *messenger, struct slice link, int64_t now,
			  int64_t *retry_at_out) MUST_CHECK;

#endif
