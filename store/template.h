/*
 * Rows of `template`: what a sender has settled for a recipient, or for
 * everybody at a domain.  One without a lock is prepared: it knows the clue
 * and the wishes, and waits for a passphrase.
 */
#ifndef STORE_TEMPLATE_H
#define STORE_TEMPLATE_H

#include "store/delivery.h"

enum template_way { TEMPLATE_AT_ONCE = 1, TEMPLATE_ASK };

struct template_row {
	struct id id;
	struct slice owner;
	struct slice owner_index;
	struct slice recipient;
	struct slice recipient_index;
	bool has_lock;
	struct id lock_id;
	struct slice clue; /* sealed; the lock's once more.  Empty in rows older than this column */
	bool forgiving;	   /* likewise */
	int lifetime_days;
	unsigned wishes; /* bits of enum wish */
	int remind_days;
	enum template_way way;
	bool link_mail;
	const char *language; /* of the recipient's mails; "": the organisation's */
	enum factor factor;
	struct slice phone; /* sealed; of FACTOR_PHONE and PDF_PHONE */
	enum mailbox_wish mailbox;
	enum pdf_way pdf; /* what messages are opened with that leave as PDF; else PDF_NONE */
	struct slice
	    pdf_password; /* to the gateway; of PDF_PASSPHRASE, with a lock, and only then */
	/* Read, not written: the sheet for this recipient (store/sheet.h): of passwords with
	 * PDF_SHEET, else of numbers. */
	int64_t sheet_at; /* when it was made; 0: there is none */
	int sheet_left;	  /* numbers that were not used */
	int64_t created_at;
	int64_t used_at; /* 0: not yet */
};

/* Whether messages can leave by it without asking: it has a lock, or each gets a new one. */
bool template_is_settled(const struct template_row *row);

/* Insert, or replace everything but id, names and dates of the template for that owner and
 * recipient. */
enum status template_save(struct store *store, const struct template_row *row) MUST_CHECK;

/* The one for the recipient, else the one for the domain (both as indexes).  STATUS_NOT_FOUND. */
enum status template_find(struct store *store, struct slice owner_index,
			  struct slice recipient_index, struct slice domain_index,
			  struct arena *arena, struct template_row *row_out) MUST_CHECK;

/* STATUS_NOT_FOUND also for one of another owner. */
enum status template_read(struct store *store, const struct id *id, struct slice owner_index,
			  struct arena *arena, struct template_row *row_out) MUST_CHECK;
/* Anybody's. */
enum status template_read_any(struct store *store, const struct id *id, struct arena *arena,
			      struct template_row *row_out) MUST_CHECK;

/* All of an owner, oldest first, at most `most`. */
enum status
template_list(struct store *store, struct slice owner_index, size_t most, struct arena *arena,
	      struct template_row **rows_out, size_t *count_out) MUST_CHECK;

/* Everybody's, by id, behind `after`. */
enum status
template_list_all(struct store *store, const struct id *after, size_t most, struct arena *arena,
		  struct template_row **rows_out, size_t *count_out) MUST_CHECK;

enum status template_set_used(struct store *store, const struct id *id, int64_t now) MUST_CHECK;

/* STATUS_NOT_FOUND when it is not there, or another owner's; a NULL owner stands for anybody. */
enum status template_delete(struct store *store, const struct id *id,
			    const struct slice *owner_index) MUST_CHECK;

#endif
