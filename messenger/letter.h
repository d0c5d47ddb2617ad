/*
 * The letters that Postern itself writes, made from rows at the moment of
 * sending: nothing of them is stored, and the same row gives the same letter.
 */
#ifndef MESSENGER_LETTER_H
#define MESSENGER_LETTER_H

#include "messenger/dispatch.h"
#include "store/message.h"

/* Fill in sender, recipient and letter for dispatch->row.  STATUS_CONFLICT: the state it speaks of
 * is over, nothing is to be sent. */
enum status letter_make(const struct messenger *messenger, struct store *store,
			const struct message_row *message, int64_t now, struct arena *arena,
			struct dispatch *dispatch) MUST_CHECK;

/* The same for what goes to somebody who signs in, and belongs to no message. */
enum status
letter_make_to_account(const struct messenger *messenger, struct store *store, int64_t now,
		       struct arena *arena, struct dispatch *dispatch) MUST_CHECK;

#endif
