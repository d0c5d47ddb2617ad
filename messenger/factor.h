/*
 * The second factor of a delivery: whoever typed the right passphrase types a code,
 * too, that is mailed to the recipient's address, sent to their phone, or stands on a
 * sheet that they were given (messenger/sheet.h).
 *
 * Until then the temporary private key lies under two: the browser's cookie, and the
 * code.  Neither the database nor the mail opens it, nor both.
 */
#ifndef MESSENGER_FACTOR_H
#define MESSENGER_FACTOR_H

#include "messenger/messenger.h"
#include "store/delivery.h"

#define FACTOR_SECONDS 600
#define FACTOR_TRIES 5
#define FACTOR_CODES 5 /* of one delivery within an hour */
#define FACTOR_CODE_LENGTH ((size_t)8)

/* "" or "none", "mail", "phone", "sheet": in forms and lists. */
const char *factor_word(enum factor factor);
/* False: it is none of these. */
bool factor_read_word(struct slice word, enum factor *factor_out);

/* What the policy makes of a sender's wish. */
enum factor factor_in_force(const struct policy *policy, enum factor wished);

/* Whether it could be asked for now: there is a way to phones and a number, a sheet with a number
 * that was not used.  Where it could not, nothing else is asked for instead. */
bool
factor_is_ready(const struct policy *policy, enum factor factor, bool has_phone, int sheet_left);

/* A code is made and queued, or the next number of the sheet asked for, inside the open
 * transaction; `token` is for the cookie of the browser that showed the passphrase.  STATUS_BUSY:
 * too many codes, *retry_at_out tells when the next.  STATUS_NOT_FOUND: the sheet is used up, and
 * its sender is told; or there is no way to phones.  That the passphrase was right is written all
 * the same, and is to be committed. */
enum status factor_begin(const struct messenger *messenger, struct store *store,
			 const struct delivery_row *delivery,
			 const struct secret *temporary_private, const struct secret *token,
			 int64_t now, int64_t *retry_at_out, struct arena *arena) MUST_CHECK;

/* What the page that asks for the code says. */
struct factor_view {
	enum factor factor;
	const char *recipient; /* whom it was mailed to */
	const char *phone;     /* where it was sent to, all but a few digits left out; "" */
	int number;	       /* of the sheet */
	int64_t sheet_at;      /* its date */
	int tries_left;
	int64_t until;
};
/* By link and cookie.  STATUS_NOT_FOUND: nothing is asked of this browser (any more). */
enum status
messenger_factor_asked(const struct messenger *messenger, struct slice link, struct slice token,
		       int64_t now, struct arena *arena, struct factor_view *view_out) MUST_CHECK;

/* Type the code.  STATUS_OK: *session_out is the token of the new session.  STATUS_DENIED: wrong,
 * *left_out tries are left.  STATUS_NOT_FOUND: time or tries are over, or it is another browser.
 * STATUS_BUSY: too many wrong tries of that network.  STATUS_GONE: closed meanwhile.  A number of a
 * sheet that was used elsewhere meanwhile is STATUS_NOT_FOUND, too. */
enum status
messenger_factor_enter(const struct messenger *messenger, struct slice link, struct slice token,
		       struct slice typed, struct slice network, int64_t now,
		       struct secret *session_out, int *left_out) MUST_CHECK;

/* The code for the mail that carries it, or for the phone: the courier's.  STATUS_CONFLICT: it is
 * not to be sent: too old, or sent before. */
enum status factor_code(const struct messenger *messenger, struct store *store, const struct id *id,
			int64_t now, struct arena *arena, const char **code_out) MUST_CHECK;

#endif
