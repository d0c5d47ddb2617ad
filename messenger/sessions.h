/*
 * The sessions of somebody who is signed in, at the desk or in a mailbox: from where, since when,
 * and their end.  Both are those of an address, and so of one account.
 */
#ifndef MESSENGER_SESSIONS_H
#define MESSENGER_SESSIONS_H

#include "messenger/desk.h"

#define SESSIONS_MOST ((size_t)100) /* that are shown */

struct inbox;

/* The session that somebody looks after their account in. */
struct account_session {
	const char *address; /* whose account it is */
	struct slice index;  /* of that */
	struct id id;
	const struct inbox *inbox; /* of a session of a mailbox; NULL: it is one of the desk */
};

struct session_view {
	struct id id;
	bool in_mailbox; /* else at the desk */
	struct place place;
	int64_t since;
	int64_t seen_at;
	bool is_this; /* the one that looks */
};

/* Newest first. */
enum status
messenger_sessions_list(const struct messenger *messenger, const struct account_session *session,
			int64_t now, struct arena *arena, struct session_view **views_out,
			size_t *count_out) MUST_CHECK;

/* End one of one's own, which may be over already; another's stays. */
enum status
messenger_sessions_end(const struct messenger *messenger, const struct account_session *session,
		       const struct id *id) MUST_CHECK;

/* End all, with or without the one that asks, and what is on the way to become one; who reads a
 * message of the mailbox by its own passphrase is sent away, too. */
enum status
messenger_sessions_end_all(const struct messenger *messenger, const struct account_session *session,
			   bool with_this) MUST_CHECK;

/* The same inside the open transaction, but for `but`; NULL: all. */
enum status
sessions_end_others(struct store *store, struct slice owner_index, const struct id *but) MUST_CHECK;

/* A session that changes what signing in takes, and goes on under a new token: whoever copied the
 * old one is sent away as well. */
struct session_keeper {
	const struct account_session *session;
	struct secret token; /* the new one, good once the change was STATUS_OK; clear it */
	struct slice sealed; /* of a mailbox: its private half under that; in the arena */
};
void session_keeper_begin(const struct account_session *session, struct arena *arena,
			  struct session_keeper *keeper_out);
/* Inside the transaction of the change: all other sessions end, this one has its new token. */
enum status session_keeper_keep(struct store *store, struct slice owner_index,
				const struct session_keeper *keeper) MUST_CHECK;

#endif
