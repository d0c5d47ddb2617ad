/*
 * The recipient's side: from a private link to the clue, from the passphrase to
 * an opened message, and the session in between.
 *
 * Only a right passphrase is an event.  Looking changes nothing; a wrong
 * passphrase moves only the counters that slow guessing down.
 */
#ifndef MESSENGER_OPEN_H
#define MESSENGER_OPEN_H

#include "mail/manifest.h"
#include "messenger/messenger.h"
#include "messenger/place.h"
#include "store/delivery.h"

/* What a link leads to, in words a page can tell its holder. */
enum delivery_standing {
	STANDING_NOT_READY = 1, /* its sender has not finished */
	STANDING_READY,		/* waiting for the passphrase */
	STANDING_EXPIRED,
	STANDING_RECALLED,
	STANDING_DESTROYED,
	STANDING_SUSPENDED, /* too many wrong passphrases; a new link is on its way */
	STANDING_REPLACED,  /* a newer link exists */
};

struct recipient_view {
	enum delivery_standing standing;
	struct id delivery;
	const char *sender_name; /* "" when unknown */
	const char *sender_address;
	const char *answered_by; /* of an answer that went to all: who wrote it; else "" */
	const char *recipient;
	const char *clue;
	bool pdf;	       /* it was to come as PDF, too */
	bool pdf_came;	       /* and did, or will in a moment */
	bool generated;	       /* no clue: the password of the PDF opens it, or of one before */
	enum pdf_way pdf_told; /* of `pdf`: where that came from */
	int pdf_number;	       /* of PDF_SHEET: which, and the date of the sheet */
	int64_t pdf_sheet_at;
	bool mailbox_expected; /* who opens it is led to making one */
	bool in_mailbox;       /* no clue: the passphrase of the recipient's mailbox opens it */
	int64_t lost_at;       /* that mailbox was given up, and nothing opens it for now; 0: no */
	bool receipt_asked;
	bool files_receipt_asked;
	enum factor factor; /* to be shown besides the passphrase */
	const char *phone;  /* where a code goes, all but a few digits left out; "" */
	int64_t expires_at;
	int64_t closed_at; /* expired, recalled, destroyed */
	enum closed_by closed_by;
	int64_t retry_at; /* no new try before; 0 when now is fine */
};

/* By the link's text (32 characters).  STATUS_NOT_FOUND: no such link. */
enum status messenger_look(const struct messenger *messenger, struct slice link, int64_t now,
			   struct arena *arena, struct recipient_view *view_out) MUST_CHECK;

/* From a typed pick-up code to the link's text.  Costs an Argon2id: call it on the bounded pool.
 * `network` is the visitor's (see below); STATUS_BUSY when that network tried too much. */
enum status
messenger_pick_up(const struct messenger *messenger, struct slice typed, struct slice network,
		  int64_t now, struct arena *arena, const char **link_out) MUST_CHECK;

/* What a right passphrase gives: a token for a cookie (32 random bytes), and what that is for. */
enum unlocked_way {
	UNLOCKED_MESSAGE = 1,  /* the message's session */
	UNLOCKED_FACTOR,       /* a visitor who owes a code (messenger/factor.h) */
	UNLOCKED_MAILBOX,      /* a session of the mailbox that the message lies in */
	UNLOCKED_MAILBOX_OWES, /* one that owes its owner's second factor */
	UNLOCKED_NOTHING, /* there is no token: it lies in a mailbox that takes more than this */
};
struct unlocked {
	struct secret token;
	enum unlocked_way way;
	enum factor
	    factor; /* with STATUS_BUSY: codes of it are used up; else the one that is owed */
};

/* Try a passphrase.  Costs an Argon2id, also when the link is unknown, so that times tell nothing:
 * call it on the bounded pool.  The network of `place` is hashed and counted, never stored in
 * clear; `mailbox` is the token of who is signed in to a mailbox, which may be empty. What lies in
 * a mailbox whose owner has, or must have, a second factor is opened by no passphrase alone: that
 * of the mailbox leads to the factor, another one to nothing, unless the visitor is signed in
 * there. STATUS_OK: clear the token of *unlocked_out. STATUS_DENIED: wrong.  STATUS_BUSY: too soon,
 * *retry_at_out tells when; with a factor: too many codes.  STATUS_GONE: standing is other than
 * READY (look again).  STATUS_NOT_FOUND: no such link; with a factor: it was right, but no code can
 * be asked for (factor_begin).  STATUS_INVALID: not a passphrase at all (empty). */
enum status
messenger_unlock(const struct messenger *messenger, struct slice link, struct slice passphrase,
		 const struct place *place, struct slice mailbox, int64_t now,
		 struct unlocked *unlocked_out, int64_t *retry_at_out) MUST_CHECK;

/* An opened message, for the length of one request (or one download). */
struct opened {
	struct id delivery;
	struct id message;
	struct secret temporary_private;
	struct secret message_key;
	struct manifest manifest;
	struct source message_source; /* edited bytes: what `Save as .eml` gives; thread of the
					 request only */
	const char *recipient;
	const char *sender_address; /* envelope sender, to whom replies go */
	int64_t expires_at;
	int64_t session_idle_at;   /* when it ends without another request */
	int64_t session_ends_at;   /* absolute */
	bool by_mailbox;	   /* opened by who is signed in to the mailbox that it lies in */
	bool is_answer;		   /* written here, by somebody outside */
	enum mailbox_wish mailbox; /* of who settled how it goes */
};

/* What a request brings to open a message: the cookie of the message's session, else that of its
 * reader's mailbox; either may be empty. */
struct opening_tokens {
	struct slice message;
	struct slice mailbox;
};

/* Find the session of this link by its cookie and open its message; everything lives in the arena
 * and is wiped with it.  By a mailbox a message that asks for a factor of its own is not opened.
 * STATUS_DENIED: no session (any more), or of another link.
 * STATUS_CONFLICT: it lies in the mailbox, whose owner has to set up a second factor first.
 * STATUS_GONE: closed meanwhile.  STATUS_DAMAGED: what is stored does not open. */
enum status messenger_open(const struct messenger *messenger, struct slice link,
			   const struct opening_tokens *tokens, int64_t now, struct arena *arena,
			   struct opened **opened_out) MUST_CHECK;

struct inbox;

/* Open a message that lies in the mailbox of whoever is signed in, without its link; with `seen`
 * that is an opening its sender may be told of.  STATUS_DENIED: it does not lie there, or asks for
 * a factor of its own.  STATUS_CONFLICT, STATUS_GONE: as above. */
enum status messenger_open_in_mailbox(const struct messenger *messenger, const struct inbox *inbox,
				      const struct id *delivery, bool seen, int64_t now,
				      struct arena *arena, struct opened **opened_out) MUST_CHECK;

/* End the session. */
enum status messenger_close(const struct messenger *messenger, struct slice token) MUST_CHECK;

/* The recipient destroys their copy now; ends all its sessions. */
enum status messenger_destroy(const struct messenger *messenger, const struct id *delivery,
			      int64_t now) MUST_CHECK;

#endif
