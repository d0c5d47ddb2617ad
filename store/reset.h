/*
 * Rows of `account_reset`: all factors of somebody are taken away, by administrators or because a
 * sender asked for it.
 */
#ifndef STORE_RESET_H
#define STORE_RESET_H

#include "store/store.h"

enum reset_state {
	RESET_BEGUN = 1, /* by an administrator: a second one has to complete it */
	RESET_COMPLETED,
	RESET_STOPPED,
	RESET_LAPSED,
	RESET_ASKED,  /* by a sender: somebody else has to agree */
	RESET_AGREED, /* the courier completes it when it is ready */
};

struct reset_row {
	struct id id;
	struct slice address; /* sealed, as are these: */
	struct slice begun_by;
	struct slice ended_by; /* the administrator who completed it, or agreed; else empty */
	struct slice owner_index;
	bool by_sender;
	const char *language;	/* of mails about it; NULL: not known */
	struct slice link_wrap; /* for who is to agree; empty once it is mailed */
	enum reset_state state;
	int64_t begun_at;
	int64_t ready_at;
	int64_t lapses_at;
	int64_t ended_at; /* 0: not yet */
};

/* STATUS_CONFLICT: one is begun already that has not lapsed by `row->begun_at`. */
enum status
reset_insert(struct store *store, struct slice owner_index, const struct reset_row *row) MUST_CHECK;
/* By a sender; the link has this hash.  STATUS_CONFLICT, as above. */
enum status
reset_ask(struct store *store, struct slice link_hash, const struct reset_row *row) MUST_CHECK;
/* The one that is begun, asked for or agreed to, and has not lapsed; STATUS_NOT_FOUND. */
enum status reset_find(struct store *store, struct slice owner_index, int64_t now,
		       struct arena *arena, struct reset_row *row_out) MUST_CHECK;
enum status reset_find_link(struct store *store, struct slice link_hash, struct arena *arena,
			    struct reset_row *row_out) MUST_CHECK;
enum status reset_read(struct store *store, const struct id *id, struct arena *arena,
		       struct reset_row *row_out) MUST_CHECK;
/* Somebody agrees to what a sender asked for; `ended_by` is empty where it is the owner.
 * STATUS_CONFLICT: it is not asked for (any more). */
enum status reset_agree(struct store *store, const struct id *id, int64_t ready_at,
			struct slice ended_by) MUST_CHECK;
/* What is agreed to, and ready; and its end.  STATUS_CONFLICT: its state is another by now. */
enum status reset_due(struct store *store, int64_t now, size_t most, struct arena *arena,
		      struct id **ids_out, size_t *count_out) MUST_CHECK;
enum status reset_end_agreed(struct store *store, const struct id *id, int64_t now) MUST_CHECK;
enum status reset_mailed(struct store *store, const struct id *id) MUST_CHECK;
/* Newest first. */
enum status
reset_list(struct store *store, struct slice owner_index, size_t most, struct arena *arena,
	   struct reset_row **rows_out, size_t *count_out) MUST_CHECK;
/* STATUS_CONFLICT: it has ended already. */
enum status reset_end(struct store *store, const struct id *id, enum reset_state state,
		      struct slice ended_by, int64_t now) MUST_CHECK;
/* All of an owner. */
enum status reset_forget(struct store *store, struct slice owner_index) MUST_CHECK;

#endif
