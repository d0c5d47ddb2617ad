/*
 * What a held delivery's sender decides: clue and passphrase, the template that
 * there is, or, where nothing was marked, that it may leave in clear.
 * The courier then seals and sends.
 */
#ifndef MESSENGER_SECURE_H
#define MESSENGER_SECURE_H

#include "messenger/claimant.h"
#include "messenger/factor_wish.h"
#include "messenger/passphrase.h"
#include "messenger/templates.h"

struct secure_form {
	struct passphrase_form secret; /* sender and recipient are filled in from the rows */
	int lifetime_days;
	unsigned wishes; /* bits of enum wish */
	int remind_days;
	const char
	    *language; /* of the recipient's mails: of an installed one; "": as the organisation */
	struct factor_wish factor;
	struct mailbox_choice mailbox;
	bool save_template;
};

/* held -> securing with a new lock (one Argon2id: call it on the bounded pool), and the template
 * when wished.  STATUS_CONFLICT: not held any more.  STATUS_INVALID: *faults_out says why (bits of
 * form_fault). */
enum status messenger_secure(const struct messenger *messenger, const struct claimant *claimant,
			     const struct secure_form *form, int64_t now, unsigned *faults_out,
			     struct strength *strength_out) MUST_CHECK;

/* held -> securing with the lock and the wishes of the template in force.  STATUS_CONFLICT: not
 * held any more, or there is no such template, or what it asks for cannot be asked for now. */
enum status messenger_secure_by_template(const struct messenger *messenger,
					 const struct claimant *claimant, int64_t now) MUST_CHECK;

/* held -> queued: leaves as ordinary mail, this once.  STATUS_CONFLICT: not held any more, or it
 * bore a mark. */
enum status messenger_release(const struct messenger *messenger, const struct claimant *claimant,
			      int64_t now) MUST_CHECK;

#endif
