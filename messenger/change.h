/*
 * What the sender of a secured message, or the administrator for them, may still
 * do with it: take it back, destroy it, move its end, have the link mailed again or made anew, and,
 * with the link that was mailed to them, set a new clue and passphrase.
 */
#ifndef MESSENGER_CHANGE_H
#define MESSENGER_CHANGE_H

#include "messenger/claimant.h"
#include "messenger/passphrase.h"

/* STATUS_CONFLICT of each: its state does not allow it (any more). */

/* held, securing, ready or opened -> recalled; keys are gone at once. */
enum status messenger_recall(const struct messenger *messenger, const struct claimant *claimant,
			     int64_t now) MUST_CHECK;
/* The same, and its holder is told that it was destroyed. */
enum status messenger_destroy_sent(const struct messenger *messenger,
				   const struct claimant *claimant, int64_t now) MUST_CHECK;

/* ready or opened: from now on it lives so many days.  STATUS_INVALID: under 1 or over the longest
 * lifetime. */
enum status messenger_extend(const struct messenger *messenger, const struct claimant *claimant,
			     int days, int64_t now) MUST_CHECK;

/* ready or opened: mail the link again; with `anew`, make another (the old one is dead at once, and
 * so are the sessions behind it).
 * STATUS_BUSY: that was done a moment ago, *retry_at_out tells when it may be done again. */
enum status messenger_resend(const struct messenger *messenger, const struct claimant *claimant,
			     bool anew, int64_t now, int64_t *retry_at_out) MUST_CHECK;

/* ready or opened: another lock.  Needs the sender's link, which alone opens the rescue wrap:
 * signed in is not enough.  One Argon2id: on the bounded pool.  STATUS_INVALID: *faults_out says
 * why. STATUS_GONE: there is no rescue wrap, or the link was replaced. */
enum status messenger_rescue(const struct messenger *messenger, const struct claimant *claimant,
			     const struct passphrase_form *form, int64_t now, unsigned *faults_out,
			     struct strength *strength_out) MUST_CHECK;

#endif
