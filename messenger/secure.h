/*
 * The sender's side of a held delivery: clue and passphrase once, then the
 * courier seals.  And what the sender's link may do later.
 */
#ifndef MESSENGER_SECURE_H
#define MESSENGER_SECURE_H

#include "messenger/messenger.h"
#include "store/delivery.h"

/* What /s/SECRET shows. */
struct sender_view {
	struct id delivery;
	struct id message;
	enum delivery_state state;
	const char *recipient;
	const char *subject;
	const char *reason; /* stable words: "address-mark", "subject-near-miss", ... */
	const char *clue;   /* "" while held */
	int64_t sent_at;    /* when the message came in */
	int64_t secured_at;
	int64_t opened_at;
	int64_t replied_at;
	int64_t closed_at;
	int64_t expires_at;
	bool receipt_asked;
	bool suspended;
	int default_lifetime_days;
	int longest_lifetime_days;
};

/* By the text of a sender's link.  STATUS_NOT_FOUND; STATUS_GONE for one that was replaced. */
enum status messenger_look_sender(const struct messenger *messenger, struct slice link,
				  struct arena *arena, struct sender_view *view_out) MUST_CHECK;

struct secure_form {
	struct slice clue;	 /* 1 to 500 bytes of UTF-8 text */
	struct slice passphrase; /* 1 to 1024 bytes */
	struct slice passphrase_again;
	bool forgiving;
	int lifetime_days;
	bool notify;
	bool save_template;
};

/* What is wrong with a form, field by field; all at once. */
enum secure_fault {
	SECURE_CLUE_MISSING = 1 << 0,
	SECURE_CLUE_TOO_LONG = 1 << 1,
	SECURE_CLUE_TELLS = 1 << 2, /* the clue contains the passphrase */
	SECURE_PASSPHRASE_MISSING = 1 << 3,
	SECURE_PASSPHRASE_TOO_LONG = 1 << 4,
	SECURE_PASSPHRASE_WEAK = 1 << 5, /* fewer than 6 characters after normalising */
	SECURE_PASSPHRASES_DIFFER = 1 << 6,
	SECURE_LIFETIME = 1 << 7,
	SECURE_NOT_TEXT = 1 << 8, /* not UTF-8 */
};
unsigned messenger_secure_check(const struct messenger *messenger, const struct secure_form *form);

/* held -> securing with a new lock (one Argon2id: call it on the bounded pool), and the template
 * when wished.  STATUS_CONFLICT: not held any more.  STATUS_INVALID: messenger_secure_check
 * complains. */
enum status messenger_secure(const struct messenger *messenger, struct slice link,
			     const struct secure_form *form, int64_t now) MUST_CHECK;

/* Take it back: held, securing, ready or opened -> recalled; keys are gone at once. */
enum status
messenger_recall(const struct messenger *messenger, struct slice link, int64_t now) MUST_CHECK;

#endif
