/*
 * Who is signed in to a mailbox: its private half lies under the cookie alone, so
 * that the database cannot open a session either.
 */
#ifndef MESSENGER_MAILBOX_SESSION_H
#define MESSENGER_MAILBOX_SESSION_H

#include "messenger/mailbox.h"

/* For who has shown all that was asked for, or, with `owes`, still owes a second factor. */
enum status
mailbox_session_insert_for(struct store *store, const struct id *mailbox, const struct pair *pair,
			   bool owes, const struct secret *token, int64_t now,
			   struct arena *arena) MUST_CHECK;

#endif
