/*
 * Who is signed in to a mailbox: its private half lies under the cookie alone, so
 * that the database cannot open a session either.
 */
#ifndef MESSENGER_MAILBOX_SESSION_H
#define MESSENGER_MAILBOX_SESSION_H

#include "crypto/hash.h"
#include "messenger/mailbox.h"

#define MAILBOX_SESSION_PLACE "mailbox_session.place"

/* How the tokens of browsers are stored, and what lies under them. */
void mailbox_hash_token(struct slice token, unsigned char hash_out[HASH_SIZE]);
struct slice mailbox_session_seal(const struct id *mailbox, const struct pair *pair,
				  const struct secret *token, struct arena *arena);

/* The session of a token, of one that owes a factor or of one that does not; STATUS_NOT_FOUND.  And
 * what lies under it; clear it. */
enum status mailbox_session_of(const struct messenger *messenger, struct store *store,
			       struct slice token, bool owes, int64_t now, struct arena *arena,
			       struct mailbox_session_row *row_out) MUST_CHECK;
enum status mailbox_session_open(struct slice token, const struct mailbox_session_row *session,
				 struct pair *pair_out) MUST_CHECK;

/* Somebody who is let in to a mailbox. */
struct mailbox_entry {
	const struct mailbox_row *mailbox;
	const struct pair *pair;
	const struct secret *token; /* of the new session */
	const struct place *place;  /* from where */
};

/* For who has shown the passphrase, inside the open transaction: whether a factor is owed is looked
 * up; else they are in, and told if they come from a new place.  STATUS_DENIED: the mailbox has
 * another passphrase now, or is gone. */
enum status mailbox_begin_session(const struct messenger *messenger, struct store *store,
				  const struct mailbox_entry *entry, int64_t now,
				  struct arena *arena, bool *owes_out) MUST_CHECK;
/* For who is signed in already, and has a new passphrase. */
enum status
mailbox_go_on(const struct messenger *messenger, struct store *store,
	      const struct mailbox_entry *entry, int64_t now, struct arena *arena) MUST_CHECK;

#endif
