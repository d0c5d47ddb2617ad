/*
 * Sheets of numbers: codes on paper that a sender hands to a recipient, of which each
 * opens once what a right passphrase has brought.
 *
 * A sheet of passwords for PDF is the other kind: longer codes, each of which opens one message
 * that leaves as PDF, and is kept sealed to the gateway until then (messenger/pdf_lock.h).
 *
 * Of the first kind no code is kept.  Each makes, with the pepper and its place on its sheet, a
 * pair of keys, of which the public half is kept: what waits for the code is sealed to it.
 */
#ifndef MESSENGER_SHEET_H
#define MESSENGER_SHEET_H

#include "crypto/pair.h"
#include "messenger/messenger.h"
#include "store/delivery.h"

#define SHEET_NUMBERS 20
#define SHEET_LOW 5 /* so many left: its sender is to think of a new one */
#define SHEET_CODE_BYTES ((size_t)5)
#define SHEET_CODE_LENGTH ((size_t)8)

/* What there is for a recipient. */
struct sheet_view {
	bool exists;
	struct id id;
	int64_t made_at;
	int left; /* numbers that were not used */
};
enum status sheet_look(struct store *store, struct slice owner_index, struct slice recipient_index,
		       bool for_pdf, struct arena *arena, struct sheet_view *view_out) MUST_CHECK;

/* The pair that a code makes, at its place. */
enum status sheet_derive(const struct secret *pepper, const struct id *sheet, int number,
			 struct slice code, struct pair *pair_out) MUST_CHECK;

/* A sheet that was just made: the codes are in the arena, and nowhere else in clear. */
struct sheet_print {
	const char *recipient;
	bool for_pdf;
	int64_t made_at;
	const char *codes[SHEET_NUMBERS];
};
/* What the page of a template's sheet says: of that for PDF where the template says so.
 * STATUS_NOT_FOUND: no such template of theirs. STATUS_INVALID: it is for a whole domain. */
enum status
messenger_sheet(const struct messenger *messenger, struct slice owner_index,
		const struct id *template, struct arena *arena, const char **recipient_out,
		bool *for_pdf_out, struct sheet_view *view_out) MUST_CHECK;
/* Make a new one in the place of `present` (NULL: there is none), which is void from then on.
 * STATUS_CONFLICT: there is another by now, and nothing is done.  Otherwise as above. */
enum status messenger_sheet_make(const struct messenger *messenger, struct slice owner_index,
				 const struct id *template, const struct id *present, int64_t now,
				 struct arena *arena, struct sheet_print *print_out) MUST_CHECK;

/* Its sender is told that it is used up, once a day, inside the open transaction: that of numbers,
 * or where the delivery is of PDF_SHEET that of passwords. */
enum status sheet_tell_used_up(const struct messenger *messenger, struct store *store,
			       const struct delivery_row *delivery, int64_t now,
			       struct arena *arena) MUST_CHECK;

#endif
