/*
 * Rows of `sheet` and `sheet_number`: numbers on paper that a sender has handed to a
 * recipient, at most one sheet for the two of them; and, beside it, one of passwords for PDF.
 */
#ifndef STORE_SHEET_H
#define STORE_SHEET_H

#include "store/store.h"

struct sheet_row {
	struct id id;
	int64_t created_at;
	int left; /* numbers that were not used */
};

struct sheet_number_row {
	struct id sheet_id;
	int number;
	struct slice public;	    /* key of the pair that is made of the code */
	struct slice password_wrap; /* instead, of a sheet for PDF: to the gateway, until used */
};

/* A password that was taken. */
struct sheet_taken {
	struct sheet_number_row number;
	int64_t made_at; /* the sheet */
	int left;	 /* on it */
};

/* Inside the open transaction, before its numbers.  STATUS_CONFLICT: there is one. */
enum status sheet_insert(struct store *store, const struct id *id, struct slice owner_index,
			 struct slice recipient_index, bool for_pdf, int64_t now) MUST_CHECK;
enum status sheet_number_insert(struct store *store, const struct sheet_number_row *row) MUST_CHECK;
/* STATUS_CONFLICT: it is not there (any more). */
enum status
sheet_delete(struct store *store, const struct id *id, struct slice owner_index) MUST_CHECK;

/* STATUS_NOT_FOUND: there is none. */
enum status sheet_find(struct store *store, struct slice owner_index, struct slice recipient_index,
		       bool for_pdf, struct arena *arena, struct sheet_row *row_out) MUST_CHECK;
/* Courier: the next password of a sheet for PDF; it is used up, and gone from its row.
 * STATUS_NOT_FOUND: there is no sheet, or none left, or others are taking the last ones. */
enum status sheet_take(struct store *store, struct slice owner_index, struct slice recipient_index,
		       int64_t now, struct arena *arena, struct sheet_taken *taken_out) MUST_CHECK;
/* The number that is asked for next.  STATUS_NOT_FOUND: there is no sheet, or it is used up. */
enum status sheet_next(struct store *store, struct slice owner_index, struct slice recipient_index,
		       struct arena *arena, struct sheet_number_row *row_out) MUST_CHECK;
/* STATUS_CONFLICT: it was used before. */
enum status
sheet_number_use(struct store *store, const struct id *sheet, int number, int64_t now) MUST_CHECK;

/* Those made before then that nothing can ask for any more. */
enum status sheet_sweep(struct store *store, int64_t before) MUST_CHECK;

#endif
