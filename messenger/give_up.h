/*
 * A mailbox whose passphrase is forgotten is given up: nobody can open what lies in it, so it goes,
 * and its owner can make another one.  It is begun by whoever reads the owner's mail, or by two
 * administrators, and done after a time in which whoever knows the passphrase can stop it.  What
 * lies in it becomes openable by a new clue of its sender's where their link can still set one;
 * the rest is destroyed.  Nobody reads anything by it.
 */
#ifndef MESSENGER_GIVE_UP_H
#define MESSENGER_GIVE_UP_H

#include "messenger/mailbox.h"
#include "messenger/reset.h"
#include "store/give_up.h"

#define GIVE_UP_LINK_SECONDS 7200 /* a mailed link is good for so long */
#define GIVE_UP_LINKS_A_DAY 3	  /* to one address */
#define GIVE_UP_RECORD_SECONDS 7776000
#define GIVE_UPS_MOST ((size_t)50) /* that are shown */
#define GIVE_UP_ADDRESS "give_up.address"
#define GIVE_UP_BEGUN_BY "give_up.begun_by"
#define GIVE_UP_ENDED_BY "give_up.ended_by"

/* What a mail about one says: outbox_row.generation. */
enum give_up_step {
	GIVE_UP_STEP_LINK = 1,
	GIVE_UP_STEP_BEGUN,
	GIVE_UP_STEP_STOPPED,
	GIVE_UP_STEP_DONE,
};
/* That mail, inside the open transaction. */
enum status give_up_post(struct store *store, const struct id *give_up, enum give_up_step step,
			 int64_t now) MUST_CHECK;

/* Ask for the link.  The same for every address: whether it has a mailbox is looked at when the
 * mail is made, in which a language is used that is known of the owner, else `language`.  While a
 * link is good no other one is mailed.  STATUS_INVALID: no address.  STATUS_BUSY: too many for this
 * address or from this network. */
enum status
messenger_give_up_ask(const struct messenger *messenger, struct slice address, struct slice network,
		      const char *language, int64_t now, int64_t *retry_at_out) MUST_CHECK;

struct give_up_view {
	const char *address;
	struct reset_person begun_by; /* "": by the link */
	struct reset_person ended_by; /* "" unless a second administrator completed it */
	enum give_up_state state;
	int64_t begun_at;
	int64_t ready_at;
	int64_t lapses_at;
	int64_t ended_at;
};

/* What the holder of a link is told.  STATUS_NOT_FOUND: no such link.  STATUS_GONE: its time is
 * over, or there is no mailbox (any more). */
enum status
messenger_give_up_look(const struct messenger *messenger, struct slice link, int64_t now,
		       struct arena *arena, struct give_up_view *view_out) MUST_CHECK;
/* Begin, by the link.  Status as above; STATUS_CONFLICT: it is begun already. */
enum status messenger_give_up_begin(const struct messenger *messenger, struct slice link,
				    int64_t now) MUST_CHECK;

/* The one that is begun for the mailbox of this owner; STATUS_NOT_FOUND. */
enum status
messenger_give_up_find(const struct messenger *messenger, struct slice owner_index, int64_t now,
		       struct arena *arena, struct give_up_view *view_out) MUST_CHECK;
/* By who is signed in.  STATUS_NOT_FOUND: nothing is begun (any more). */
enum status messenger_give_up_stop(const struct messenger *messenger, const struct inbox *inbox,
				   int64_t now) MUST_CHECK;

/* By administrators, in the manner of a reset (messenger/reset.h).  STATUS_NOT_FOUND: they have no
 * mailbox.  STATUS_CONFLICT: one is begun already. */
enum status
messenger_give_up_by(const struct messenger *messenger, const char *owner,
		     const struct reset_person *by, int64_t now, int64_t *ready_at_out) MUST_CHECK;
/* The second one: the courier does it then.  STATUS_NOT_FOUND: none is begun by an administrator
 * (any more).  STATUS_DENIED: by who began it.  STATUS_BUSY: not before *ready_at_out. */
enum status messenger_give_up_complete(const struct messenger *messenger, const char *owner,
				       const struct reset_person *by, int64_t now,
				       int64_t *ready_at_out) MUST_CHECK;
/* All that were begun, newest first. */
enum status messenger_give_up_list(const struct messenger *messenger, struct slice owner_index,
				   int64_t now, struct arena *arena,
				   struct give_up_view **views_out, size_t *count_out) MUST_CHECK;

#endif
