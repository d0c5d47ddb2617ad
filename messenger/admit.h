/*
 * Letting a visitor in who has shown all that was asked for: the session, and what
 * the first opening of a message means for its sender.
 */
#ifndef MESSENGER_ADMIT_H
#define MESSENGER_ADMIT_H

#include "messenger/messenger.h"
#include "store/delivery.h"

#define ADMIT_TOKEN_SIZE ((size_t)32)

/* A session for the delivery, inside the open transaction: the token is for its cookie alone.
 * STATUS_CONFLICT: it was closed in the very moment. */
enum status admit(struct store *store, const struct delivery_row *delivery,
		  const struct secret *temporary_private, const struct secret *token, int64_t now,
		  struct arena *arena) MUST_CHECK;

/* The first opening by who is signed in to the mailbox that the delivery lies in; in a transaction
 * of its own. */
enum status
admit_by_mailbox(struct store *store, const struct delivery_row *delivery, int64_t now) MUST_CHECK;

#endif
