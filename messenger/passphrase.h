/*
 * Clue and passphrase as a sender chooses them: what is wrong with them, how
 * guessable they are, and the lock that is made of them.
 */
#ifndef MESSENGER_PASSPHRASE_H
#define MESSENGER_PASSPHRASE_H

#include "crypto/lock.h"
#include "messenger/messenger.h"
#include "messenger/strength.h"
#include "store/lock.h"

#define CLUE_MAX ((size_t)500) /* bytes of UTF-8 text */

struct passphrase_form {
	struct slice clue;
	struct slice passphrase; /* 1 to 1024 bytes */
	struct slice passphrase_again;
	bool forgiving;
	bool for_pdf; /* it opens a PDF, too: there it can be tried without end */
	/* What a guesser knows of the two people: addresses, not secret. */
	const char *sender;
	const char *recipient;
};

/* What is wrong with a form, field by field; all at once. */
enum form_fault {
	FAULT_CLUE_MISSING = 1 << 0,
	FAULT_CLUE_TOO_LONG = 1 << 1,
	FAULT_CLUE_TELLS = 1 << 2, /* the clue contains the passphrase */
	FAULT_PASSPHRASE_MISSING = 1 << 3,
	FAULT_PASSPHRASE_TOO_LONG = 1 << 4,
	FAULT_PASSPHRASE_WEAK = 1 << 5,	     /* fewer than 6 characters after normalising */
	FAULT_PASSPHRASE_GUESSABLE = 1 << 6, /* in fewer tries than policy asks for */
	FAULT_PASSPHRASES_DIFFER = 1 << 7,
	FAULT_NOT_TEXT = 1 << 8, /* not UTF-8 */
	FAULT_LIFETIME = 1 << 9,
	FAULT_REMIND = 1 << 10,
	FAULT_RECIPIENT_MISSING = 1 << 11,
	FAULT_RECIPIENT_WRONG = 1 << 12, /* neither an address nor @domain */
	FAULT_RECIPIENT_OWN = 1 << 13,	 /* of the organisation itself */
	FAULT_EXISTS = 1 << 14,		 /* there is a template for this recipient already */
	FAULT_TOO_MANY = 1 << 15,
	FAULT_PHONE_MISSING = 1 << 16, /* a code is to go to a phone, and there is no number */
	FAULT_PHONE_WRONG = 1 << 17,
	FAULT_PHONE_OFF = 1 << 18,	/* there is no way to phones */
	FAULT_SHEET_MISSING = 1 << 19,	/* there is no sheet, or it is used up */
	FAULT_FACTOR_DOMAIN = 1 << 20,	/* phone and sheet are one person's */
	FAULT_MAILBOX = 1 << 21,	/* more of a mailbox than policy allows the recipient */
	FAULT_PDF_TOO_LONG = 1 << 22,	/* the passphrase, for a PDF */
	FAULT_PDF_TEXT = 1 << 23,	/* it holds characters that none of a PDF may hold */
	FAULT_PDF_FACTOR = 1 << 24,	/* policy asks for a factor, which a PDF cannot */
	FAULT_PDF_SHEETS = 1 << 25,	/* a sheet for the PDF, and one for the portal */
	FAULT_PDF_PASSPHRASE = 1 << 26, /* in a list: one is given, and each message gets its own */
};

/* Bits of form_fault; *strength_out is set when there is a passphrase to judge. */
unsigned passphrase_check(const struct messenger *messenger, const struct passphrase_form *form,
			  struct strength *strength_out);

/* The same for a passphrase that stands alone: no clue is asked for. */
unsigned passphrase_check_alone(const struct messenger *messenger,
				const struct passphrase_form *form, struct strength *strength_out);

/* The exact form as a reader of PDF makes it (pdf/password.h).  STATUS_INVALID: passphrase_check
 * says why. */
enum status passphrase_for_pdf(struct slice passphrase, struct secret *password_out) MUST_CHECK;

/* The row of a lock that was derived: its public half is sealed. */
enum status passphrase_lock_row(const struct messenger *messenger, const struct lock_terms *terms,
				const struct pair *pair, const char *clue, int64_t now,
				struct arena *arena, struct lock_row *row_out) MUST_CHECK;

/* passphrase -> lock: only its public half leaves this function, sealed.  One Argon2id: on the
 * bounded pool. */
enum status
passphrase_make_lock(const struct messenger *messenger, const struct passphrase_form *form,
		     int64_t now, struct arena *arena, struct lock_row *row_out) MUST_CHECK;

/* Burn the time of a real try, so that what is not there is not told from a wrong passphrase. */
void passphrase_spend_time(const struct messenger *messenger);

/* A clue of its own: trimmed, not empty, not too long, text.  Bits of form_fault. */
unsigned passphrase_check_clue(struct slice clue);

#endif
