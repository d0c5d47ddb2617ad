/*
 * What a sender chooses, on whichever page: clue and passphrase, how long a
 * message is kept, what they want to be told.  Fields in, values out; a
 * passphrase is never given back.
 */
#ifndef PORTAL_CHOICES_H
#define PORTAL_CHOICES_H

#include "messenger/factor_wish.h"
#include "messenger/passphrase.h"
#include "messenger/templates.h"
#include "portal/request.h"

/* From the form. */
struct passphrase_form choices_secret(const struct request *request);
unsigned choices_wishes(const struct request *request);
/* Of the recipient's mails: the code of an installed language, else "". */
const char *choices_language(const struct request *request);

/* Was only asked how guessable the passphrase is?  Then nothing is to be done but choices_judge,
 * whose bits leave out that it was not repeated. */
bool choices_only_asked(const struct request *request);
unsigned choices_judge(const struct request *request, const char *sender, const char *recipient,
		       struct strength *strength_out);

/* What is wrong, and how guessable a passphrase is (`strength` may be NULL). */
void choices_put_faults(const struct request *request, struct template_values *values,
			unsigned faults, const struct strength *strength);

/* Shown values: clue (of the form if it has one), forgiving, suggestions. */
void choices_put_secret(const struct request *request, struct template_values *values,
			const char *clue, bool forgiving);

/* Shown values of days and wishes: those of the form if it has them, else these. */
void choices_put_wishes(const struct request *request, struct template_values *values,
			int lifetime_days, int remind_days, unsigned wishes);

/* The second factor that is asked for, and whether it leaves as PDF. */
struct factor_wish choices_factor(const struct request *request);

/* Shown: that of the form if it has one, else this; and what could be chosen. */
struct factor_shown {
	enum factor factor;
	const char *phone;	/* the number that there is, all but a few digits left out; "" */
	bool sheet_offered;	/* else only where it is chosen already */
	bool sheet_is_later;	/* it is made when the form is saved */
	enum pdf_way pdf;	/* how it leaves */
	bool passwords_offered; /* a sheet for PDF, likewise */
};
void choices_put_factor(const struct request *request, struct template_values *values,
			const struct factor_shown *shown);

/* What is wished of a mailbox: nothing is said where the form had no such field. */
struct mailbox_choice choices_mailbox(const struct request *request);
/* Shown: what of it policy allows for `recipient` ("" for one that is not known yet). */
void choices_put_mailbox(const struct request *request, struct template_values *values,
			 const char *recipient, enum mailbox_wish wish);

/* And of the recipient's language, likewise. */
void choices_put_language(const struct request *request, struct template_values *values,
			  const char *code);

#endif
