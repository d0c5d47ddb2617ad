/*
 * Somebody lost all their second factors: two administrators take them away, one after the other,
 * with a time between in which the owner, who is told of each step, can stop it.
 */
#ifndef MESSENGER_RESET_H
#define MESSENGER_RESET_H

#include "messenger/desk.h"
#include "store/reset.h"

#define RESET_LAPSE_SECONDS 604800 /* from when it may be completed */
#define RESET_NAME_MAX ((size_t)64)
#define RESETS_MOST ((size_t)50) /* that are shown */

/* Who does it: what they call themselves, and the account of this machine that they work from.
 * Neither holds a line end. */
struct reset_person {
	const char *name;
	const char *account;
};

/* Is one likely to be the other?  By either part, in any case. */
bool reset_same_person(const struct reset_person *one, const struct reset_person *other);

/* As they are kept in a row, under the display key, and back; "" where there is nobody. */
struct slice
reset_seal_person(const struct messenger *messenger, const char *column, const struct id *row,
		  const struct reset_person *person, struct arena *arena);
struct reset_person
reset_open_person(const struct messenger *messenger, const char *column, const struct id *row,
		  struct slice sealed, struct arena *arena);

struct reset_view {
	struct reset_person begun_by;
	struct reset_person ended_by; /* "" unless an administrator completed it, or agreed */
	bool by_sender;		      /* who asked, and is begun_by; else an administrator */
	enum reset_state state;
	int64_t begun_at;
	int64_t ready_at;
	int64_t lapses_at;
	int64_t ended_at;
};

/* STATUS_NOT_FOUND: they have no second factor.  STATUS_CONFLICT: one is begun already.
 * *ready_at_out: when it may be completed. */
enum status
messenger_reset_begin(const struct messenger *messenger, const char *owner,
		      const struct reset_person *by, int64_t now, int64_t *ready_at_out) MUST_CHECK;
/* All second factors, recovery codes and sessions are gone then; with *waits_out not before
 * *ready_at_out, by the courier: what a sender asked for (messenger/reset_asked.h) is agreed to by
 * this.  STATUS_NOT_FOUND: none is begun (any more).  STATUS_DENIED: by who began it.  STATUS_BUSY:
 * not before *ready_at_out.  STATUS_GONE: it is agreed to already. */
enum status messenger_reset_complete(const struct messenger *messenger, const char *owner,
				     const struct reset_person *by, int64_t now, bool *waits_out,
				     int64_t *ready_at_out) MUST_CHECK;
/* The owner wants to keep what there is.  STATUS_NOT_FOUND, as above. */
enum status
messenger_reset_stop(const struct messenger *messenger, const char *owner, int64_t now) MUST_CHECK;

/* What there is of a row, and the deed itself, inside the open transaction. */
struct reset_view reset_view_row(const struct messenger *messenger, const struct reset_row *row,
				 int64_t now, struct arena *arena);
enum status reset_take_away(struct store *store, struct slice owner_index, int64_t now) MUST_CHECK;

/* The one that is begun; STATUS_NOT_FOUND. */
enum status
messenger_reset_find(const struct messenger *messenger, struct slice owner_index, int64_t now,
		     struct arena *arena, struct reset_view *view_out) MUST_CHECK;
/* All there were, newest first; one that is over without an end shows as lapsed. */
enum status messenger_reset_list(const struct messenger *messenger, struct slice owner_index,
				 int64_t now, struct arena *arena, struct reset_view **views_out,
				 size_t *count_out) MUST_CHECK;

#endif
