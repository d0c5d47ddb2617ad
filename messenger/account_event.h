/*
 * What somebody who signs in is told of by mail: a row that says what, and the mail about it.
 */
#ifndef MESSENGER_ACCOUNT_EVENT_H
#define MESSENGER_ACCOUNT_EVENT_H

#include "messenger/messenger.h"
#include "store/account.h"

#define ACCOUNT_EVENT_SECONDS 7776000 /* administrators look at them for so long */
#define ACCOUNT_EVENT_ADDRESS "account_event.address"
#define ACCOUNT_EVENT_DETAIL "account_event.detail"

struct account_telling {
	enum account_event what;
	const char *detail; /* a place, or who did it; NULL: nothing */
	int64_t until;	    /* 0: none */
};

/* Inside the open transaction. */
enum status
account_tell(const struct messenger *messenger, struct store *store, const char *owner,
	     const struct account_telling *telling, int64_t now, struct arena *arena) MUST_CHECK;

/* What there is to see for administrators. */
struct account_event_view {
	enum account_event what;
	const char *detail; /* in one line; "" for none */
	int64_t at;
};
/* Newest first. */
enum status
messenger_account_events(const struct messenger *messenger, struct slice owner_index, size_t most,
			 struct arena *arena, struct account_event_view **views_out,
			 size_t *count_out) MUST_CHECK;

#endif
