/*
 * Rows of `give_up`: mailboxes that come to their end without their passphrase.
 */
#ifndef STORE_GIVE_UP_H
#define STORE_GIVE_UP_H

#include "store/store.h"

enum give_up_state {
	GIVE_UP_ASKED = 1, /* a link is mailed, and nothing is begun */
	GIVE_UP_BEGUN,	   /* by an administrator: a second one has to complete it */
	GIVE_UP_WAITS,	   /* the courier does it when it is ready */
	GIVE_UP_DONE,
	GIVE_UP_STOPPED,
	GIVE_UP_LAPSED,
};

struct give_up_row {
	struct id id;
	struct slice address; /* sealed, as are begun_by and ended_by; empty: it is done and told */
	struct slice owner_index;
	bool has_mailbox; /* from its beginning until it is done */
	struct id mailbox_id;
	const char *language; /* of mails about it; NULL: not known */
	enum give_up_state state;
	struct slice link_wrap; /* empty once it is mailed */
	struct slice begun_by;	/* empty: by the link */
	struct slice ended_by;	/* the second administrator */
	int64_t asked_at;
	int64_t begun_at;
	int64_t ready_at;
	int64_t lapses_at;
	int64_t ended_at;
};

/* Somebody asks for a link, which has this hash.  STATUS_CONFLICT: one is on its way, or was mailed
 * and is still good. */
enum status
give_up_ask(struct store *store, struct slice link_hash, const struct give_up_row *row) MUST_CHECK;
/* What of an owner was over by then is closed. */
enum status give_up_lapse(struct store *store, struct slice owner_index, int64_t now) MUST_CHECK;
enum status give_up_find_link(struct store *store, struct slice link_hash, struct arena *arena,
			      struct give_up_row *row_out) MUST_CHECK;
enum status give_up_read(struct store *store, const struct id *id, struct arena *arena,
			 struct give_up_row *row_out) MUST_CHECK;
/* The same, locked, when it waits; STATUS_NOT_FOUND also when somebody else has it locked. */
enum status give_up_lock(struct store *store, const struct id *id, struct arena *arena,
			 struct give_up_row *row_out) MUST_CHECK;
/* The one that is begun, or waits; STATUS_NOT_FOUND. */
enum status give_up_of_mailbox(struct store *store, const struct id *mailbox, int64_t now,
			       struct arena *arena, struct give_up_row *row_out) MUST_CHECK;
enum status give_up_of_owner(struct store *store, struct slice owner_index, int64_t now,
			     struct arena *arena, struct give_up_row *row_out) MUST_CHECK;
/* All that were ever begun, newest first. */
enum status
give_up_list(struct store *store, struct slice owner_index, size_t most, struct arena *arena,
	     struct give_up_row **rows_out, size_t *count_out) MUST_CHECK;

/* It begins, of `row`: mailbox, begun_at, ready_at, and the language where that is known.  The
 * mailbox is locked.  STATUS_CONFLICT: one is begun already.  STATUS_GONE: the link was used, or
 * its time is over. */
enum status give_up_begin(struct store *store, const struct give_up_row *row) MUST_CHECK;
/* The same by an administrator, as a row of its own.  STATUS_CONFLICT. */
enum status give_up_insert(struct store *store, const struct give_up_row *row) MUST_CHECK;
/* Here and below STATUS_CONFLICT: its state is another by now. */
enum status
give_up_confirm(struct store *store, const struct id *id, struct slice ended_by) MUST_CHECK;
enum status give_up_stop(struct store *store, const struct id *id, int64_t now) MUST_CHECK;
/* It lets go of its mailbox, which can be deleted then. */
enum status give_up_done(struct store *store, const struct id *id, int64_t now) MUST_CHECK;
enum status give_up_mailed(struct store *store, const struct id *id) MUST_CHECK;

/* Those whose time has come. */
enum status give_up_due(struct store *store, int64_t now, size_t most, struct arena *arena,
			struct id **ids_out, size_t *count_out) MUST_CHECK;
/* Whether a delivery lies in a mailbox of which one is begun. */
enum status give_up_dooms(struct store *store, const struct id *delivery, int64_t now,
			  bool *doomed_out) MUST_CHECK;
/* The mailbox of this owner is gone: with it all that was begun or asked for, but a record of what
 * was done, which opens nothing. */
enum status give_up_forget(struct store *store, struct slice owner_index) MUST_CHECK;
/* What is over is closed, and forgotten when it ended before; what was done lets go of its owner's
 * address when no mail about it waits any more. */
enum status give_up_sweep(struct store *store, int64_t now, int64_t ended_before) MUST_CHECK;

#endif
