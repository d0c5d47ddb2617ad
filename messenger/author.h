/*
 * Who wrote a message, as it is kept shown-but-sealed with its row, so that pages
 * and mails can name the sender without opening the message.
 */
#ifndef MESSENGER_AUTHOR_H
#define MESSENGER_AUTHOR_H

#include "messenger/messenger.h"
#include "store/message.h"

struct author {
	const char *address;	/* envelope sender: where answers and reports go; "" for none */
	const char *name;	/* from the From field; "" when unknown */
	const char *message_id; /* of the original, "" when none */
};

/* Sealed for the column message.sender. */
struct slice author_seal(const struct messenger *messenger, const struct id *message,
			 const struct author *author, struct arena *arena);
struct author
author_open(const struct messenger *messenger, const struct message_row *row, struct arena *arena);

#endif
