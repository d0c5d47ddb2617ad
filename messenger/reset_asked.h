/*
 * The owner of a mailbox lost their second factors, and who wrote to them says so: that is the
 * first of two who have to agree.  The second is whoever reads the owner's mail, by a link, or an
 * administrator (messenger_reset_complete).  Then the owner, who is told of each step, has time to
 * stop it; it is done by the courier.
 */
#ifndef MESSENGER_RESET_ASKED_H
#define MESSENGER_RESET_ASKED_H

#include "messenger/reset.h"

#define RESET_ASKED_SECONDS 604800  /* for somebody to agree */
#define RESET_ASKED_WAIT 3600	    /* the least time to stop it, whatever policy.reset_wait says */
#define RESETS_ASKED_BY_SENDER 5    /* a day */
#define RESETS_ASKED_OF_RECIPIENT 3 /* a day */
#define RESET_ADDRESS "account_reset.address"
#define RESET_BEGUN_BY "account_reset.begun_by"
#define RESET_ENDED_BY "account_reset.ended_by"

/* What a mail about one says: outbox_row.generation. */
enum factors_lost_step {
	FACTORS_LOST_ASKED = 1,
	FACTORS_LOST_AGREED,
	FACTORS_LOST_STOPPED,
	FACTORS_LOST_DONE,
};
/* That mail, inside the open transaction. */
enum status factors_lost_post(struct store *store, const struct id *reset,
			      enum factors_lost_step step, int64_t now) MUST_CHECK;

/* By who is signed in at the desk, for the recipient of a delivery of theirs that lies in a
 * mailbox. STATUS_OK also when there is no second factor, or something is begun already: whether it
 * is so is not for them to know.  STATUS_NOT_FOUND: no delivery of theirs.  STATUS_CONFLICT: it
 * lies in no mailbox.  STATUS_BUSY: too many a day, of this sender or for this recipient. */
enum status
messenger_reset_ask(const struct messenger *messenger, const struct desk *desk,
		    const struct id *delivery, int64_t now, int64_t *retry_at_out) MUST_CHECK;

/* What the holder of the link is told: STATUS_NOT_FOUND: no such link.  STATUS_GONE: its time is
 * over. */
enum status messenger_reset_look(const struct messenger *messenger, struct slice link, int64_t now,
				 struct arena *arena, struct reset_view *view_out) MUST_CHECK;
/* Agree, by the link.  Status as above; STATUS_CONFLICT: somebody did, or it was stopped. */
enum status
messenger_reset_agree(const struct messenger *messenger, struct slice link, int64_t now) MUST_CHECK;

/* The second consent, inside the open transaction; `ended_by` is empty where it is the owner's. */
enum status
reset_take_consent(const struct messenger *messenger, struct store *store, const struct id *reset,
		   struct slice ended_by, int64_t now, int64_t *ready_at_out) MUST_CHECK;

#endif
