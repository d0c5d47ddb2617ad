/*
 * A message as a PDF for its recipient: what its page in the portal shows
 * (messenger/shown_pdf.h), in the words of templates/pdf/delivery.txt and the recipient's
 * language, drawn by a reader (pdf/ask.h).
 *
 * Files that a PDF has no room for are named in it; they are in the portal, whose address stands
 * on its last page.
 */
#ifndef MESSENGER_PDF_MESSAGE_H
#define MESSENGER_PDF_MESSAGE_H

#include "base/secret.h"
#include "messenger/messenger.h"
#include "store/delivery.h"
#include "store/message.h"

struct pdf_message {
	const struct messenger *messenger;
	const struct message_row *message;
	const struct delivery_row *delivery; /* with its gateway_wrap */
	const struct language *language;
	const char *recipient;
	const char *link;
	int64_t now;
};

/* The bytes, in the arena.  STATUS_GONE: its key is kept no longer.  STATUS_UNAVAILABLE: not now.
 * STATUS_NOT_FOUND, STATUS_INVALID, STATUS_TOO_LARGE: it cannot be made. */
enum status pdf_message_make(const struct pdf_message *wanted, const struct secret *password,
			     struct arena *arena, struct slice *pdf_out) MUST_CHECK;

#endif
