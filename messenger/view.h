/*
 * What a sender sees of a delivery, and of the message it belongs to: from the
 * link that was mailed to them, or at the desk.
 */
#ifndef MESSENGER_VIEW_H
#define MESSENGER_VIEW_H

#include "messenger/claimant.h"
#include "messenger/evidence.h"
#include "messenger/sheet.h"
#include "messenger/templates.h"

struct taken_view {
	const char *name; /* "" unless names were asked for */
	int64_t taken_at;
};

/* One answer, and which way it took to the sender. */
struct reply_view {
	struct id message;
	int64_t sent_at;
	enum delivery_route route;
	const char *reason;
	struct evidence evidence; /* of the key, where it left encrypted; all "" otherwise */
};
#define REPLIES_SHOWN ((size_t)20)

struct sender_view {
	struct id delivery;
	struct id message;
	enum delivery_state state;
	enum delivery_route route;
	enum closed_by closed_by;
	const char *sender; /* "" when it is gone */
	const char *recipient;
	const char *language; /* of the recipient's mails; "": the organisation's */
	const char *subject;  /* "" also when it is gone */
	const char *reason;   /* stable words: "address-mark", "subject-near-miss", ... */
	bool by_template;
	bool has_lock;
	bool in_mailbox;  /* its recipient's passphrase opens it */
	bool lost;	  /* as long as no new clue is set nothing does */
	const char *clue; /* "" while held, and when it is gone */
	int64_t sent_at;  /* when the message came in */
	int64_t secured_at;
	int64_t opened_at;
	int64_t replied_at;
	int64_t closed_at;
	int64_t expires_at;
	int64_t asked_at;
	int64_t resent_at;
	int64_t relink_at;
	int64_t remind_at;
	int64_t suspended_at;
	unsigned wishes;
	int remind_days;
	enum factor factor;
	int64_t factor_at; /* when its recipient last showed it */
	const char *phone; /* where codes go, all but a few digits left out; "" */
	enum pdf_way pdf;
	enum pdf_outcome pdf_outcome;
	enum pdf_way
	    pdf_told;	/* who was told its password in the end: PDF_GENERATED is the sender */
	bool pdf_waits; /* it has not left, and may still */
	bool pdf_tells; /* it has left, and its password is still to be told */
	int64_t pdf_at; /* when that was known; 0: not yet */
	int pdf_number; /* of PDF_SHEET: of its password on the sheet, and the sheet's date */
	int64_t pdf_sheet_at;
	struct sheet_view sheet;     /* while held: what there is for the recipient */
	struct sheet_view passwords; /* likewise, for PDF */
	bool suspended;
	bool can_clear;		  /* held, and bore no mark */
	bool has_link;		  /* a link was, or will be, mailed to the sender */
	bool can_rescue;	  /* its rescue wrap is there: the link opens it */
	struct evidence evidence; /* of a key, where it leaves encrypted; all "" otherwise */
	const char *relay_status; /* "" when nothing was said */
	const char *relay_answer;
	const struct taken_view *taken;
	size_t taken_count;
	const struct reply_view *replies; /* the last ones, oldest first */
	size_t reply_count;
	bool has_template; /* while held: what is in force for the recipient */
	struct template_view template;
	int default_lifetime_days;
	int longest_lifetime_days;
	int default_remind_days;
};

/* STATUS_NOT_FOUND; STATUS_GONE for a link that was replaced. */
enum status
messenger_look_sender(const struct messenger *messenger, const struct claimant *claimant,
		      struct arena *arena, struct sender_view *view_out) MUST_CHECK;

/* A message and each of its deliveries. */
struct message_view {
	struct id id;
	enum message_origin origin;
	enum message_state state;
	const char *sender; /* "" also when it is gone, or not known yet */
	const char *subject;
	int64_t sent_at;
	uint64_t size;
	bool destroyed; /* only the record is left */
	struct sender_view *deliveries;
	size_t count;
};
/* One of whoever is signed in.  STATUS_NOT_FOUND also for another sender's. */
enum status messenger_look_message(const struct messenger *messenger, struct slice owner_index,
				   const struct id *message, struct arena *arena,
				   struct message_view *view_out) MUST_CHECK;
/* Anybody's, replies and what is not routed yet too: for the administrator. */
enum status
messenger_look_any_message(const struct messenger *messenger, const struct id *message,
			   struct arena *arena, struct message_view *view_out) MUST_CHECK;

#endif
