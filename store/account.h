/*
 * Rows of `account_factor`, `recovery_code` and `account_event`: what people who sign in
 * show besides their mailbox, and what they are told of.  Owners are found by the keyed
 * hash of their address.
 */
#ifndef STORE_ACCOUNT_H
#define STORE_ACCOUNT_H

#include "store/store.h"

enum account_factor_kind { ACCOUNT_TOTP = 1 };

struct account_factor_row {
	struct id id;
	enum account_factor_kind kind;
	struct slice secret; /* sealed */
	uint64_t last_step;  /* 0: no code was used yet */
	bool confirmed;	     /* counts only then */
	int64_t created_at;
	int64_t used_at; /* 0: never */
};

/* Of the owner, what was begun and not confirmed. */
enum status account_factor_drop_begun(struct store *store, struct slice owner_index) MUST_CHECK;
/* One that is to be confirmed; others of the owner that are not are dropped. */
enum status account_factor_begin(struct store *store, struct slice owner_index,
				 const struct account_factor_row *row) MUST_CHECK;
/* All of an owner, oldest first. */
enum status account_factor_list(struct store *store, struct slice owner_index, struct arena *arena,
				struct account_factor_row **rows_out, size_t *count_out) MUST_CHECK;
/* The code of that step was shown; STATUS_CONFLICT: it or a later one was before.  Confirms. */
enum status
account_factor_use(struct store *store, const struct id *id, uint64_t step, int64_t now) MUST_CHECK;
/* All of an owner. */
enum status account_factor_drop(struct store *store, struct slice owner_index) MUST_CHECK;
/* STATUS_NOT_FOUND. */
enum status account_factor_delete(struct store *store, const struct id *id,
				  struct slice owner_index) MUST_CHECK;

/* All recovery codes of an owner: these instead of those that there were; none for `count` 0. */
enum status recovery_code_set(struct store *store, struct slice owner_index,
			      const struct slice *hashes, size_t count, int64_t now) MUST_CHECK;
/* It is good for once.  STATUS_NOT_FOUND. */
enum status
recovery_code_use(struct store *store, struct slice owner_index, struct slice hash) MUST_CHECK;
enum status
recovery_code_count(struct store *store, struct slice owner_index, size_t *count_out) MUST_CHECK;

enum account_event {
	ACCOUNT_FACTOR_ADDED = 1,
	ACCOUNT_FACTOR_REMOVED,
	ACCOUNT_RECOVERY_USED,
	ACCOUNT_RECOVERY_NEW,
	ACCOUNT_PASSKEY_ADDED,
	ACCOUNT_PASSKEY_REMOVED,      /* others, or codes by an app, are left */
	ACCOUNT_LAST_PASSKEY_REMOVED, /* and nothing is left */
	ACCOUNT_APP_REMOVED,	      /* passkeys are left */
	ACCOUNT_PASSKEY_COPIED,	      /* it was refused */
	ACCOUNT_NEW_PLACE = 20,
	ACCOUNT_RESET_BEGUN,
	ACCOUNT_RESET_DONE,
	ACCOUNT_RESET_STOPPED,
};
struct account_event_row {
	struct id id;
	enum account_event what;
	struct slice owner_index;
	struct slice address; /* sealed */
	struct slice detail;  /* sealed: where from, or by whom; empty: there is none */
	int64_t until;	      /* of a reset: when it may be completed; 0 else */
	int64_t created_at;
};
enum status
account_event_insert(struct store *store, const struct account_event_row *row) MUST_CHECK;
enum status account_event_read(struct store *store, const struct id *id, struct arena *arena,
			       struct account_event_row *row_out) MUST_CHECK;
/* Those of an owner, newest first. */
enum status
account_event_list(struct store *store, struct slice owner_index, size_t most, struct arena *arena,
		   struct account_event_row **rows_out, size_t *count_out) MUST_CHECK;

/* Those of an owner; mails about them that wait are not written any more. */
enum status account_event_drop(struct store *store, struct slice owner_index) MUST_CHECK;

/* Factors that were never confirmed, begun before the first time; events before the second whose
 * mail has left. */
enum status
account_sweep(struct store *store, int64_t begun_before, int64_t events_before) MUST_CHECK;

#endif
