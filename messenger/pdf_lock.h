/*
 * What opens the PDF of a delivery: kept sealed to the gateway, with the id of the lock
 * that it opens, too, and only until all has left that needs it.
 *
 * Sealing needs no secret; opening, drawing passwords and taking them from a sheet is the
 * courier's.
 */
#ifndef MESSENGER_PDF_LOCK_H
#define MESSENGER_PDF_LOCK_H

#include "messenger/passphrase.h"
#include "store/delivery.h"

/* What the sender chose, as a reader of PDF will want it typed.  STATUS_INVALID: it is none, see
 * passphrase_check. */
enum status
pdf_lock_seal(const struct messenger *messenger, struct slice passphrase, const struct id *lock,
	      struct arena *arena, struct slice *wrap_out) MUST_CHECK;

/* A new password for a sheet: in the arena as it is printed, and sealed. */
enum status
pdf_lock_for_sheet(const struct messenger *messenger, const struct id *sheet, int number,
		   struct arena *arena, const char **text_out, struct slice *wrap_out) MUST_CHECK;

/* Of a delivery that is generated: draw its password, or take it from the sheet; make and insert
 * the lock, inside the open transaction.  Sets of the row: lock, pdf, pdf_password, pdf_number,
 * pdf_sheet_at.  STATUS_NOT_FOUND: the sheet is used up; nothing is changed.  One Argon2id of 19
 * MiB. */
enum status
pdf_lock_make(const struct messenger *messenger, struct store *store, struct delivery_row *row,
	      enum pdf_way way, int64_t now, struct arena *arena) MUST_CHECK;

/* STATUS_GONE: it is not kept any more. */
enum status pdf_lock_open(const struct messenger *messenger, const struct delivery_row *row,
			  struct secret *password_out) MUST_CHECK;

/* Queue the mail with the PDF, and what tells its password, of a delivery that is written. */
enum status
pdf_lock_post(const struct messenger *messenger, struct store *store,
	      const struct delivery_row *row, int64_t now, struct arena *arena) MUST_CHECK;

#endif
