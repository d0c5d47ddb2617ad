/*
 * The sessions of somebody who is signed in: from where, since when, and their end.
 */
#ifndef MESSENGER_SESSIONS_H
#define MESSENGER_SESSIONS_H

#include "messenger/desk.h"

#define SESSIONS_MOST ((size_t)100) /* that are shown */

struct session_view {
	struct id id;
	struct place place;
	int64_t since;
	int64_t seen_at;
	bool is_this; /* the one that looks */
};

/* Newest first. */
enum status messenger_sessions_list(const struct messenger *messenger, const struct desk *desk,
				    int64_t now, struct arena *arena,
				    struct session_view **views_out, size_t *count_out) MUST_CHECK;

/* End one of one's own, which may be over already; another's stays. */
enum status messenger_sessions_end(const struct messenger *messenger, const struct desk *desk,
				   const struct id *session) MUST_CHECK;

/* End all, with or without the one that asks, and what is on the way to become one. */
enum status messenger_sessions_end_all(const struct messenger *messenger, const struct desk *desk,
				       bool with_this) MUST_CHECK;

/* The same inside the open transaction, but for `but`; NULL: all. */
enum status
sessions_end_others(struct store *store, struct slice owner_index, const struct id *but) MUST_CHECK;

/* A session that changes what signing in takes, and goes on under a new token: whoever copied the
 * old one is sent away as well. */
struct session_keeper {
	struct id session;
	struct secret token; /* the new one, good once the change was STATUS_OK; clear it */
};
void session_keeper_begin(const struct desk *desk, struct session_keeper *keeper_out);
/* Inside the transaction of the change: all other sessions end, this one has its new token. */
enum status session_keeper_keep(struct store *store, struct slice owner_index,
				const struct session_keeper *keeper) MUST_CHECK;

#endif
