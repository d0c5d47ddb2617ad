/*
 * Templates: what a sender has settled for a recipient, or for everybody at a
 * domain.  None holds a passphrase: it points to a lock, or, while it is only
 * prepared, waits for one.
 */
#ifndef MESSENGER_TEMPLATES_H
#define MESSENGER_TEMPLATES_H

#include "messenger/factor_wish.h"
#include "messenger/passphrase.h"
#include "store/delivery.h"
#include "store/template.h"

/* The row in force for a recipient: their own, else their domain's.  STATUS_NOT_FOUND. */
enum status
templates_find(const struct messenger *messenger, struct store *store, struct slice owner_index,
	       const char *recipient, struct arena *arena, struct template_row *row_out) MUST_CHECK;

/* One as it is shown. */
struct template_view {
	struct id id;
	const char *recipient; /* "fred@example.net", or "@example.net" */
	const char *clue;
	bool has_lock;
	bool settled; /* messages leave without asking: it has a lock, or each gets a new one */
	bool forgiving;
	int lifetime_days;
	unsigned wishes;
	int remind_days;
	enum template_way way;
	bool link_mail;
	const char *language; /* "": as the organisation */
	enum factor factor;
	const char *phone; /* where codes go, all but a few digits left out; "" */
	enum mailbox_wish mailbox;
	enum pdf_way pdf;
	int64_t sheet_at; /* when the sheet was made that it uses; 0: there is none */
	int sheet_left;	  /* numbers on it that were not used */
	bool waits;	  /* what it asks for cannot be asked for now: messages are held */
	int64_t created_at;
	int64_t used_at;
};

/* A row as it is shown, and where an older one lacks its clue, with that of its lock. */
enum status templates_view_with_clue(const struct messenger *messenger, struct store *store,
				     const struct template_row *row, struct arena *arena,
				     struct template_view *view_out) MUST_CHECK;
/* The same without looking at locks: some clues are empty. */
struct template_view templates_view(const struct messenger *messenger,
				    const struct template_row *row, struct arena *arena);

/* All of an owner, sorted by recipient. */
enum status messenger_templates(const struct messenger *messenger, struct slice owner_index,
				struct arena *arena, struct template_view **views_out,
				size_t *count_out) MUST_CHECK;

/* One; STATUS_NOT_FOUND also for another owner's. */
enum status
messenger_template(const struct messenger *messenger, struct slice owner_index, const struct id *id,
		   struct arena *arena, struct template_view *view_out) MUST_CHECK;

/* What is in force for a recipient; STATUS_NOT_FOUND. */
enum status messenger_template_for(const struct messenger *messenger, struct store *store,
				   struct slice owner_index, const char *recipient,
				   struct arena *arena, struct template_view *view_out) MUST_CHECK;

/* What a form says of a mailbox; without a word what there is stays. */
struct mailbox_choice {
	bool said;
	enum mailbox_wish wish;
};
/* The wish that a choice comes to: what there is (`existing` may be NULL), or what was said; a bit
 * of form_fault where that is more than policy allows, unless it is what there is. */
enum mailbox_wish
templates_choose_mailbox(const struct policy *policy, const char *recipient,
			 const struct mailbox_choice *choice, const struct template_row *existing,
			 unsigned *faults_out);

/* What a form says; the recipient is not changed once it is there. */
struct template_form {
	struct slice recipient;
	struct passphrase_form secret; /* an empty passphrase keeps the lock that there is */
	int lifetime_days;
	unsigned wishes;
	int remind_days;
	enum template_way way;
	bool link_mail;
	const char *language; /* of an installed one; "": as the organisation */
	struct factor_wish factor;
	struct mailbox_choice mailbox;
};

/* A new one (`id` NULL) or a change.  Costs an Argon2id when there is a passphrase: on the bounded
 * pool.  STATUS_INVALID: *faults_out says why.  STATUS_CONFLICT: changed by somebody meanwhile. */
enum status
messenger_template_save(const struct messenger *messenger, const char *owner, const struct id *id,
			const struct template_form *form, int64_t now, unsigned *faults_out,
			struct strength *strength_out) MUST_CHECK;

enum status messenger_template_delete(const struct messenger *messenger, struct slice owner_index,
				      const struct id *id) MUST_CHECK;
/* Anybody's: for the administrator. */
enum status
messenger_template_delete_any(const struct messenger *messenger, const struct id *id) MUST_CHECK;

/* Of lifetime and reminder alone: bits of form_fault. */
unsigned templates_check_wishes(const struct policy *policy, int lifetime_days, int remind_days);

/* The recipient of a template as it is stored: an address without its mark, or "@domain".  NULL,
 * and a bit of form_fault, when it is neither. */
const char *templates_recipient(const struct messenger *messenger, struct slice typed,
				struct arena *arena, unsigned *faults_out);

/* Insert or replace inside the open transaction; the lock that it no longer uses goes.  `existing`
 * may be NULL. */
enum status
templates_store(struct store *store, const struct template_row *row, const struct lock_row *lock,
		const struct template_row *existing) MUST_CHECK;

/* A row for that owner and recipient, names and indexes filled in; under the id of `existing` if
 * there is one, because sealed names are bound to it. */
struct template_row
templates_row(const struct messenger *messenger, const char *owner, const char *recipient,
	      const struct template_row *existing, int64_t now, struct arena *arena);

/* The number that codes for a row go to: `number`, or for "" that of `existing` (may be NULL); none
 * unless its factor is FACTOR_PHONE. */
void
templates_set_phone(const struct messenger *messenger, struct template_row *row, const char *number,
		    const struct template_row *existing, struct arena *arena);
/* It, sealed for a delivery; empty where there is none. */
struct slice templates_phone_for(const struct messenger *messenger, const struct template_row *row,
				 const struct id *delivery, struct arena *arena);

/* How messages leave by a row whose lock is set.  The passphrase of a PDF is kept with its lock:
 * `password` is that of a new one, sealed; where the lock is that of `existing` (may be NULL), what
 * is kept there stays. */
void templates_set_pdf(struct template_row *row, enum pdf_way way, struct slice password,
		       const struct template_row *existing);

/* Whether what the template asks for besides the passphrase, or for a PDF, could be had now. */
bool templates_is_ready(const struct messenger *messenger, const struct template_row *row);

/* The clue of a row, and the rule that goes with it. */
void templates_set_clue(const struct messenger *messenger, struct template_row *row,
			struct slice clue, bool forgiving, struct arena *arena);

#endif
