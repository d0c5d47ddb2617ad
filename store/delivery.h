/*
 * Rows of `delivery`.  Every change of state names the states it may come from,
 * and gives STATUS_CONFLICT when the row is in none of them.
 */
#ifndef STORE_DELIVERY_H
#define STORE_DELIVERY_H

#include "store/store.h"

enum delivery_state {
	DELIVERY_QUEUED = 1,
	DELIVERY_HELD,
	DELIVERY_SECURING,
	DELIVERY_READY,
	DELIVERY_OPENED,
	DELIVERY_SENT,
	DELIVERY_FAILED,
	DELIVERY_EXPIRED,
	DELIVERY_RECALLED,
	DELIVERY_DESTROYED,
};

enum delivery_route {
	ROUTE_PLAIN = 1,
	ROUTE_PORTAL,
	ROUTE_REFUSE,
	ROUTE_SMIME,
	ROUTE_OPENPGP,
	ROUTE_TLS,
	ROUTE_PDF,
};

/* What its sender wants to be told by mail. */
enum wish {
	WISH_OPENED = 1,
	WISH_FILES = 2,
	WISH_FILE_NAMES = 4,
	WISH_REPLIED = 8,
	WISH_ACCEPTED = 16, /* the notice, by the recipient's mail server */
};
#define WISHES_ALL 31u

/* What a recipient shows besides the passphrase. */
enum factor {
	FACTOR_NONE = 0,
	FACTOR_MAIL,  /* a code that is mailed to their address */
	FACTOR_PHONE, /* one that is sent to their phone */
	FACTOR_SHEET, /* the next number of a sheet that they were given (store/sheet.h) */
};

/* Less of a mailbox than the organisation's policy gives its recipient (messenger/mailbox_rules.h).
 */
enum mailbox_wish {
	MAILBOX_AS_POLICY = 0,
	MAILBOX_WISH_NEVER,
	MAILBOX_WISH_OFFERED,
	MAILBOX_WISH_ALWAYS,
};

/* What opens the PDF in which a portal delivery's notice carries the message. */
enum pdf_way {
	PDF_NONE = 0,	/* there is none: the notice carries a link */
	PDF_PASSPHRASE, /* what its sender chose, as it opens the portal */
	PDF_GENERATED,	/* a password that is mailed to its sender */
	PDF_PHONE,	/* one that is sent to the recipient's phone */
	PDF_SHEET,	/* the next one of a sheet that they were given (store/sheet.h) */
};

enum pdf_outcome {
	PDF_WAITS = 0,
	PDF_LEFT,     /* the next mail server has it */
	PDF_REFUSED,  /* none took it */
	PDF_NOT_MADE, /* it could not be drawn: an ordinary notice left instead */
	PDF_UNTOLD,   /* the next mail server has it, but nobody was told its password */
};

enum closed_by {
	CLOSED_BY_TIME = 0,
	CLOSED_BY_RECIPIENT,
	CLOSED_BY_SENDER,
	CLOSED_BY_ADMIN,
	CLOSED_BY_GIVING_UP, /* with the mailbox that it lay in */
};

struct delivery_row {
	struct id id;
	struct id message_id;
	enum delivery_state state;
	enum delivery_route route;
	const char *reason;
	struct slice recipient;
	struct slice recipient_index;
	struct slice sender_index;
	struct slice temporary_public;
	struct slice gateway_wrap;
	struct slice outer_wrap;
	struct slice rescue_wrap;
	struct slice sender_wrap;
	struct slice message_key_wrap;
	bool has_lock;
	struct id lock_id;
	uint32_t link_generation;
	int lifetime_days; /* 0: not set */
	unsigned wishes;   /* bits of enum wish */
	int remind_days;   /* 0: the recipient is not reminded */
	int64_t remind_at; /* 0: nobody is reminded, as below */
	int reminders;
	bool by_template;
	enum closed_by closed_by;
	bool has_link_letter; /* the outbox row of the mail with the sender's link */
	struct id link_letter;
	int64_t created_at;
	int64_t secured_at;
	int64_t opened_at;
	int64_t replied_at;
	int64_t closed_at;
	int64_t expires_at;
	int64_t asked_at;
	int64_t resent_at;
	int64_t relink_at;
	int wrong_tries;
	int64_t retry_at;
	int64_t suspended_at;
	bool cleared;
	const char *relay_status;
	struct slice relay_reply;
	unsigned
	    notify; /* what is to be reported: 1 success, 2 failure, 4 delay, 8 nothing; 0 unsaid */
	struct slice original;
	int64_t delayed_at;
	int64_t relayed_at;
	struct slice relay_host;
	const char *language; /* of the recipient's mails; "" or NULL: the organisation's */
	bool has_key;	      /* it leaves encrypted to this one */
	struct id key_id;
	struct slice evidence; /* sealed: what spoke for the way it goes */
	bool handed_over;      /* by ROUTE_TLS; nobody knows whether it was taken */
	enum factor factor;
	int64_t factor_at;  /* when its recipient last showed it */
	struct slice phone; /* sealed; of FACTOR_PHONE and PDF_PHONE */
	enum mailbox_wish mailbox;
	int64_t lost_at; /* the mailbox that it lay in was given up; 0: never */
	enum pdf_way pdf;
	struct slice pdf_password; /* to the gateway, until all has left that needs it */
	int pdf_number;		   /* of PDF_SHEET: which, and the date of the sheet */
	int64_t pdf_sheet_at;
	enum pdf_outcome pdf_outcome;
	bool pdf_phone_failed; /* of PDF_PHONE: its sender was told the password instead */
	int64_t pdf_at;
};

/* Whether the passphrase of that PDF is generated, and its lock made by the courier. */
bool delivery_pdf_is_generated(enum pdf_way way);

/* Its PDF has not left, and may still. */
bool delivery_pdf_waits(const struct delivery_row *row);

/* Who is told the password in the end: PDF_PHONE only where the phone was. */
enum pdf_way delivery_pdf_told(const struct delivery_row *row);

/* The next mail server has it, whether it can be opened or not. */
bool delivery_pdf_has_left(enum pdf_outcome outcome);

/* Ready for its recipient, and without a lock of its own: it lies in their mailbox. */
bool delivery_in_mailbox(const struct delivery_row *row);
/* It lay there: until its sender sets a new clue and passphrase nobody can open it. */
bool delivery_is_lost(const struct delivery_row *row);

/* What a mail server answered. */
struct delivery_answer {
	const char *status;
	struct slice reply; /* sealed */
	struct slice host;  /* sealed; empty when none was asked */
	int64_t at;
	int64_t delayed_at; /* its sender is told now that it waits; 0: not now */
};

/* The times and counts of later states (opened_at, replied_at, wrong_tries, ...) start at nothing.
 */
enum status delivery_insert(struct store *store, const struct delivery_row *row) MUST_CHECK;
/* With `lock`, FOR UPDATE inside the open transaction: waits for another holder, STATUS_BUSY
 * after ten seconds. */
enum status delivery_read(struct store *store, const struct id *id, bool lock, struct arena *arena,
			  struct delivery_row *row_out) MUST_CHECK;
enum status delivery_of_message(struct store *store, const struct id *message, struct arena *arena,
				struct delivery_row **rows_out, size_t *count_out) MUST_CHECK;

/* Sender: held -> securing, with lock and wishes; without a lock (NULL) where the courier is to
 * make it. */
struct delivery_wishes {
	int lifetime_days;
	unsigned wishes;
	int remind_days;
	bool by_template;
	const char *language;
	enum factor factor;
	struct slice phone; /* sealed */
	enum mailbox_wish mailbox;
	enum pdf_way pdf;
	struct slice pdf_password; /* sealed, of PDF_PASSPHRASE */
};
enum status delivery_set_securing(struct store *store, const struct id *id, const struct id *lock,
				  const struct delivery_wishes *wishes) MUST_CHECK;

/* Courier: securing -> held once more: what the password of its PDF was to come from is gone. */
enum status
delivery_set_held_again(struct store *store, const struct id *id, int64_t remind_at) MUST_CHECK;

/* Sender: ready or opened -> securing again with a new lock; T waits in gateway_wrap, and the old
 * lock opens nothing any more.  STATUS_CONFLICT also while its PDF has not left. */
enum status delivery_set_rescued(struct store *store, const struct id *id, const struct id *lock,
				 struct slice gateway_wrap) MUST_CHECK;

/* Sender: held for what only looked like a mark, or for its conversation -> queued. */
enum status delivery_set_released(struct store *store, const struct id *id) MUST_CHECK;

/* Courier: such a one goes as plain.  STATUS_CONFLICT: it bore a mark. */
enum status delivery_set_let_go(struct store *store, const struct id *id) MUST_CHECK;

/* Courier: a reply that was to leave encrypted goes as plain: its key is over.  Still queued. */
enum status delivery_set_unprotected(struct store *store, const struct id *id) MUST_CHECK;

/* Courier: what spoke for the way it goes, known better now; of one that is still queued. */
enum status
delivery_set_evidence(struct store *store, const struct id *id, struct slice evidence) MUST_CHECK;

/* Courier: securing -> ready, or opened when it was.  Gateway and sender wrap go, outer wrap comes;
 * an empty rescue wrap leaves the one that is there. */
enum status delivery_set_ready(struct store *store, const struct id *id, struct slice outer_wrap,
			       struct slice rescue_wrap, int64_t now, int64_t expires_at,
			       int64_t remind_at) MUST_CHECK;

/* The mailbox that it lies in is given up, and it has no lock of its own. */
enum status delivery_set_lost(struct store *store, const struct id *id, int64_t now) MUST_CHECK;

/* Courier: of one that just became ready: its lock, what opens its PDF (pdf_password, pdf_number,
 * pdf_sheet_at), and gateway_wrap, are kept until that has left. */
enum status delivery_set_pdf_ready(struct store *store, const struct delivery_row *row) MUST_CHECK;

/* Courier: its PDF has left, or never will; remind_at as delivery_set_reminded.  gateway_wrap goes,
 * and its password, unless a mail or a phone waits for that. */
enum status
delivery_set_pdf_over(struct store *store, const struct id *id, enum pdf_outcome outcome,
		      int64_t now, int64_t remind_at) MUST_CHECK;
/* Courier: its password was told by that mail, or never will be.  The row is locked. */
enum status delivery_set_pdf_told(struct store *store, const struct id *id, const struct id *outbox,
				  bool told) MUST_CHECK;
/* Courier: no phone could be told it; a mail to its sender is queued. */
enum status delivery_set_pdf_phone_failed(struct store *store, const struct id *id) MUST_CHECK;

/* Portal: a right passphrase.  ready -> opened, and opened_at set, only the first time
 * (*first_out); tries are reset each time. */
enum status delivery_set_opened(struct store *store, const struct id *id, int64_t now,
				bool *first_out) MUST_CHECK;

/* Portal: a right passphrase, and something else is still to be shown: tries are reset. */
enum status delivery_set_right(struct store *store, const struct id *id) MUST_CHECK;
/* Portal: that was shown, too. */
enum status delivery_set_factor(struct store *store, const struct id *id, int64_t now) MUST_CHECK;

/* Portal: a wrong passphrase: count it, no new try before retry_at; suspend when asked. */
enum status delivery_set_wrong(struct store *store, const struct id *id, int64_t retry_at,
			       bool suspend, int64_t now) MUST_CHECK;

/* Courier: a new link for the recipient, new outer wrap, suspension and tries lifted.
 * STATUS_CONFLICT unless `generation` is the row's + 1. */
enum status delivery_set_relinked(struct store *store, const struct id *id, uint32_t generation,
				  struct slice outer_wrap) MUST_CHECK;

/* ready or opened; the first reply counts. */
enum status delivery_set_replied(struct store *store, const struct id *id, int64_t now) MUST_CHECK;

/* Courier: what the relay said.  queued -> sent or failed, or still queued with the reply noted. */
enum status
delivery_set_relayed(struct store *store, const struct id *id, enum delivery_state state,
		     const struct delivery_answer *answer) MUST_CHECK;

/* Courier: a server was given all of it and did not answer. */
enum status delivery_set_handed_over(struct store *store, const struct id *id) MUST_CHECK;

/* Courier: ROUTE_TLS does not hold: the row becomes one that goes another way, as delivery_insert
 * would write it.  STATUS_CONFLICT: it may have been taken, or `row` would go in clear. */
enum status delivery_set_fallen(struct store *store, const struct delivery_row *row) MUST_CHECK;

/* Courier: what the recipient's relay said to the notice; the state stays. */
enum status delivery_set_noticed(struct store *store, const struct id *id,
				 const struct delivery_answer *answer) MUST_CHECK;

/* held, securing, ready or opened -> expired, recalled, destroyed or failed; all wraps are
 * overwritten at once. */
enum status delivery_close(struct store *store, const struct id *id, enum delivery_state state,
			   enum closed_by by, int64_t now) MUST_CHECK;

/* The mail that carried the sender's link has left; nothing happens while the delivery is held. */
enum status delivery_drop_sender_wrap(struct store *store, const struct id *id) MUST_CHECK;

/* Sender: ready or opened: another end, and when to remind (0: not at all). */
enum status delivery_set_expiry(struct store *store, const struct id *id, int64_t expires_at,
				int64_t remind_at) MUST_CHECK;

/* Recipient: does not know the answer.  STATUS_CONFLICT when that was told since `since`. */
enum status
delivery_set_asked(struct store *store, const struct id *id, int64_t now, int64_t since) MUST_CHECK;

/* Sender: the link once more, or (with `anew`) a new one, which the courier makes.
 * STATUS_CONFLICT when that happened since `since`, or a new link is on its way. */
enum status delivery_set_resent(struct store *store, const struct id *id, bool anew, int64_t now,
				int64_t since) MUST_CHECK;

/* Courier: the next reminder (0: none); `sent` of them went out just now. */
enum status delivery_set_reminded(struct store *store, const struct id *id, int64_t remind_at,
				  int sent) MUST_CHECK;

/* Bytes are gone too. */
enum status delivery_set_cleared(struct store *store, const struct id *id) MUST_CHECK;

/* Work for the courier: lease up to `most` ids until `until`.  */
enum delivery_work {
	DELIVERY_TO_SECURE, /* securing */
	DELIVERY_TO_RELINK, /* suspended, or a new link is asked for */
	DELIVERY_TO_EXPIRE, /* expires_at <= now */
	DELIVERY_TO_CLEAR,  /* closed, not cleared */
	DELIVERY_TO_REMIND, /* remind_at <= now */
};
enum status
delivery_claim(struct store *store, enum delivery_work work, int64_t now, int64_t until,
	       size_t most, struct arena *arena, struct id **ids_out, size_t *count_out) MUST_CHECK;

/* A file of the message that its recipient took; the first time counts. */
struct taken_row {
	uint32_t part;	   /* number in the manifest */
	struct slice name; /* sealed; empty unless the sender asked for names */
	int64_t taken_at;
};
/* STATUS_CONFLICT for one that was taken before. */
enum status
delivery_take(struct store *store, const struct id *id, const struct taken_row *row) MUST_CHECK;
enum status delivery_taken(struct store *store, const struct id *id, struct arena *arena,
			   struct taken_row **rows_out, size_t *count_out) MUST_CHECK;
enum status delivery_forget_taken(struct store *store, const struct id *id) MUST_CHECK;

#endif
