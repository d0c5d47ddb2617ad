/*
 * Rows of `outbox`: mails to be sent, written in the same transaction as the
 * state they speak of.
 */
#ifndef STORE_OUTBOX_H
#define STORE_OUTBOX_H

#include "store/delivery.h"
#include "store/message.h"
#include "store/store.h"

enum outbox_kind {
	OUTBOX_PLAIN = 1, /* the message itself, to its queued deliveries */
	OUTBOX_FINISH,
	OUTBOX_NOTICE,
	OUTBOX_REPLY, /* a reply written in the portal, to the sender */
	OUTBOX_BOUNCE,
	OUTBOX_OPENED,
	OUTBOX_SUSPENDED_RECIPIENT,
	OUTBOX_SUSPENDED_SENDER,
	OUTBOX_EXPIRED_UNREAD,
	OUTBOX_SENT, /* secured with a template; carries the sender's link */
	OUTBOX_ASKED,
	OUTBOX_NEW_CLUE,
	OUTBOX_REMIND_RECIPIENT,
	OUTBOX_REMIND_SENDER,
	OUTBOX_TAKEN,
	OUTBOX_REPLIED,
	OUTBOX_ACCEPTED,
	OUTBOX_SIGN_IN, /* of no message: code_id says whose */
	OUTBOX_DELAYED,
	OUTBOX_RELAYED,	     /* taken by a server that reports no success itself */
	OUTBOX_PROTECTED,    /* the message itself, encrypted to the key of its delivery */
	OUTBOX_VERIFIED,     /* the same as it is, to a mail server that is verified */
	OUTBOX_CODE,	     /* of a recipient whose passphrase was right; code_id says which */
	OUTBOX_ACCOUNT,	     /* of no message: something that an account is told of */
	OUTBOX_PHONE,	     /* as OUTBOX_CODE, to the recipient's phone: no mail */
	OUTBOX_SHEET,	     /* to the sender: a sheet of numbers is used up */
	OUTBOX_GIVE_UP,	     /* of no message: a mailbox that is given up; generation says what */
	OUTBOX_FACTORS_LOST, /* the same: a sender says that somebody's second factors are lost */
	OUTBOX_PDF,	     /* OUTBOX_NOTICE with the message as an encrypted PDF */
	OUTBOX_PDF_PASSWORD, /* what opens it, to the sender */
	OUTBOX_PDF_PHONE,    /* the same to the recipient's phone: no mail */
};

struct outbox_row {
	struct id id;
	enum outbox_kind kind;
	struct id message_id; /* zeros for those of no message */
	bool has_delivery;
	struct id delivery_id;
	/* A row of sign_in (OUTBOX_SIGN_IN), factor_try (OUTBOX_CODE, OUTBOX_PHONE), account_event
	 * (OUTBOX_ACCOUNT), give_up (OUTBOX_GIVE_UP), account_reset (OUTBOX_FACTORS_LOST). */
	bool has_code;
	struct id code_id;
	uint32_t generation;
	int64_t created_at;
	int64_t next_at;
	int tries;
};

/* Whether such a mail belongs to a message; others are to somebody who signs in. */
bool outbox_is_of_message(enum outbox_kind kind);

/* STATUS_CONFLICT for a second OUTBOX_OPENED or OUTBOX_DELAYED of a delivery, or an OUTBOX_TAKEN
 * while one waits: the transaction stays usable (INSERT ... ON CONFLICT DO NOTHING). */
enum status outbox_insert(struct store *store, const struct outbox_row *row) MUST_CHECK;

/* Lease due rows until `until`, oldest first, but none of the lanes in `busy`.  A leased row is due
 * again at `until`; the rows that come back still say when they were due. */
enum status outbox_claim(struct store *store, int64_t now, int64_t until, size_t most,
			 const int64_t *busy, size_t busy_count, struct arena *arena,
			 struct outbox_row **rows_out, size_t *count_out) MUST_CHECK;
/* Take the row's lock inside the open transaction; STATUS_CONFLICT when it is no longer queued,
 * STATUS_BUSY when locked by somebody else. */
enum status outbox_lock(struct store *store, const struct id *id) MUST_CHECK;
/* The same, and the row's message in one round trip. */
enum status outbox_lock_message(struct store *store, const struct id *id, struct arena *arena,
				struct message_row *message_out) MUST_CHECK;
/* The message has arrived at its only recipient, `delivery`: the row is sent, the delivery too, and
 * the message destroyed.  STATUS_BUSY, and nothing is changed, when another mail about it waits. */
enum status
outbox_set_whole(struct store *store, const struct id *id, const struct id *message,
		 const struct id *delivery, const struct delivery_answer *answer) MUST_CHECK;
enum status outbox_set_sent(struct store *store, const struct id *id) MUST_CHECK;
enum status outbox_set_failed(struct store *store, const struct id *id) MUST_CHECK;
/* tries + 1, due again at next_at. */
enum status outbox_set_later(struct store *store, const struct id *id, int64_t next_at) MUST_CHECK;
/* Due again at next_at, when the lane is not busy. */
enum status outbox_set_waiting(struct store *store, const struct id *id, int64_t next_at,
			       int64_t lane) MUST_CHECK;

/* Whether mail about this message, or the message itself, still waits to be sent, or it was not
 * looked at for keys yet: STATUS_BUSY. */
enum status outbox_check_done(struct store *store, const struct id *message) MUST_CHECK;

/* For the administrator: one that waits, or is held, with what stands in its message (sealed; empty
 * where it has none). */
struct outbox_line {
	struct outbox_row row;
	bool held;
	bool waits; /* for a destination that is busy or does not answer */
	struct slice sender;
	struct slice sender_index;
	uint64_t size;
};
/* Oldest first, behind (created_at, id). */
enum status
outbox_list(struct store *store, int64_t created_at, const struct id *id, size_t most,
	    struct arena *arena, struct outbox_line **lines_out, size_t *count_out) MUST_CHECK;
/* STATUS_NOT_FOUND when it does not wait (any more). */
enum status outbox_read(struct store *store, const struct id *id, struct arena *arena,
			struct outbox_line *line_out) MUST_CHECK;

/* What the administrator does with it.  STATUS_CONFLICT when its state is another; STATUS_BUSY
 * after ten seconds while it is being sent. */
enum outbox_deed {
	OUTBOX_RETRY,	/* queued: due at once */
	OUTBOX_HOLD,	/* queued -> held */
	OUTBOX_RELEASE, /* held -> queued, due at once */
	OUTBOX_DELETE,	/* queued or held -> failed */
};
enum status
outbox_do(struct store *store, const struct id *id, enum outbox_deed deed, int64_t now) MUST_CHECK;

/* When the next queued row is due; INT64_MAX when none. */
enum status outbox_next_due(struct store *store, int64_t *due_out) MUST_CHECK;

#endif
