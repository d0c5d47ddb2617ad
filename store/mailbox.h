/*
 * Rows of `mailbox`, of what lies in one, and of who is signed in.
 */
#ifndef STORE_MAILBOX_H
#define STORE_MAILBOX_H

#include "store/delivery.h"
#include "store/desk.h"
#include "store/writing.h"

struct mailbox_row {
	struct id id;
	struct slice address; /* sealed */
	struct slice address_index;
	struct slice public;
	struct slice private_wrap;
	struct id lock_id;
	struct slice salt;
	uint32_t ops;
	uint32_t memory_kib;
	int rule;
	int64_t created_at;
	int64_t changed_at;   /* its passphrase */
	const char *language; /* in which its owner did so; NULL: unknown.  Written only */
};

/* STATUS_CONFLICT: there is one for that address. */
enum status mailbox_insert(struct store *store, const struct mailbox_row *row) MUST_CHECK;
enum status mailbox_read(struct store *store, const struct id *id, struct arena *arena,
			 struct mailbox_row *row_out) MUST_CHECK;
enum status mailbox_find(struct store *store, struct slice address_index, struct arena *arena,
			 struct mailbox_row *row_out) MUST_CHECK;
/* The one that a delivery lies in. */
enum status mailbox_of_delivery(struct store *store, const struct id *delivery, struct arena *arena,
				struct mailbox_row *row_out) MUST_CHECK;
/* Another lock: its terms and the private half under it.  STATUS_CONFLICT: it is not the one named
 * `old` any more. */
enum status mailbox_set_lock(struct store *store, const struct id *old,
			     const struct mailbox_row *row) MUST_CHECK;
/* The language of its owner; "" where it is not known.  STATUS_NOT_FOUND: there is no mailbox. */
enum status mailbox_language(struct store *store, struct slice address_index, struct arena *arena,
			     const char **language_out) MUST_CHECK;
/* Somebody is let in, in the open transaction: who ends sessions waits for its end.
 * STATUS_NOT_FOUND: it has another lock, or is gone. */
enum status
mailbox_enter(struct store *store, const struct id *id, const struct id *lock) MUST_CHECK;
/* Nobody else changes what lies in it until the open transaction ends.  STATUS_NOT_FOUND. */
enum status mailbox_lock(struct store *store, const struct id *id) MUST_CHECK;
/* Its owner came in. */
enum status mailbox_set_entered(struct store *store, const struct id *id, int64_t now) MUST_CHECK;
/* Without messages and sessions. */
enum status mailbox_delete(struct store *store, const struct id *id) MUST_CHECK;

/* What lies in it: messages, and their bytes. */
struct mailbox_usage {
	int64_t messages;
	int64_t bytes;
};
enum status
mailbox_usage(struct store *store, const struct id *id, struct mailbox_usage *usage_out) MUST_CHECK;

/* For the administrator. */
struct mailbox_overview_row {
	struct id id;
	struct slice address; /* sealed */
	int64_t created_at;
	int64_t changed_at; /* its passphrase */
	int64_t entered_at; /* 0: not since this is noted */
	struct mailbox_usage usage;
	int64_t sessions;
};
enum status mailbox_show(struct store *store, struct slice address_index, struct arena *arena,
			 struct mailbox_overview_row *row_out) MUST_CHECK;
/* Oldest first, behind that one. */
enum status
mailbox_list_all(struct store *store, const struct id *behind, size_t most, struct arena *arena,
		 struct mailbox_overview_row **rows_out, size_t *count_out) MUST_CHECK;

struct mailbox_message_row {
	struct id delivery_id;
	struct id mailbox_id;
	struct slice key_wrap;
	struct slice link_wrap;
	int64_t came_at;
};
/* STATUS_CONFLICT: it lies in one already. */
enum status
mailbox_message_insert(struct store *store, const struct mailbox_message_row *row) MUST_CHECK;
/* The wraps of one in that mailbox; STATUS_NOT_FOUND. */
enum status
mailbox_message_read(struct store *store, const struct id *delivery, const struct id *mailbox,
		     struct arena *arena, struct mailbox_message_row *row_out) MUST_CHECK;
/* It lies there no longer. */
enum status mailbox_message_delete(struct store *store, const struct id *delivery) MUST_CHECK;
/* Of a delivery whose link is replaced. */
enum status mailbox_message_relink(struct store *store, const struct id *delivery,
				   struct slice link_wrap) MUST_CHECK;

/* A line of the list. */
struct mailbox_line_row {
	struct id delivery_id;
	struct id message_id;
	int64_t came_at;
	int64_t opened_at;
	int64_t replied_at;
	int64_t expires_at;
	int64_t size;
	struct slice sender;
	struct slice subject;
	struct slice link_wrap;
};
#define MAILBOX_READ 1u
#define MAILBOX_UNREAD 2u
/* Newest first; `which` are bits of the two above.  The place is that of the desk's lists, with the
 * time at which a message came. */
enum status
mailbox_list(struct store *store, const struct id *mailbox, const struct desk_place *behind,
	     unsigned which, size_t most, struct arena *arena, struct mailbox_line_row **rows_out,
	     size_t *count_out) MUST_CHECK;
/* Who wrote its newest 1,000 messages: a line for each, that of their newest. */
enum status mailbox_people(struct store *store, const struct id *mailbox, struct arena *arena,
			   struct mailbox_line_row **rows_out, size_t *count_out) MUST_CHECK;
/* What its owner sent, newest first, at most `most`, from the one named on (NULL: from the first).
 */
struct mailbox_sent_row {
	struct writing_row writing;
	struct slice delivery_key_wrap;
	struct slice delivery_link_wrap;
	int64_t expires_at; /* of the delivery: what was written to it goes with it */
};
enum status
mailbox_sent(struct store *store, const struct id *mailbox, const struct id *from, size_t most,
	     struct arena *arena, struct mailbox_sent_row **rows_out, size_t *count_out) MUST_CHECK;
enum status
mailbox_sent_ids(struct store *store, const struct id *mailbox, size_t most, struct arena *arena,
		 struct id **ids_out, size_t *count_out) MUST_CHECK;
/* The oldest `most` deliveries in it. */
enum status
mailbox_deliveries(struct store *store, const struct id *mailbox, size_t most, struct arena *arena,
		   struct id **ids_out, size_t *count_out) MUST_CHECK;

/* As they came, from one on. */
enum status mailbox_piece(struct store *store, const struct id *mailbox, size_t from, size_t most,
			  struct arena *arena, struct id **ids_out, size_t *count_out) MUST_CHECK;

struct mailbox_session_row {
	struct id id;
	struct id mailbox_id;
	struct slice sealed;
	struct slice place; /* sealed: where from.  Written only */
	bool owes;	    /* a second factor */
	int tries;
	int64_t created_at;
	int64_t seen_at;
};
enum status mailbox_session_insert(struct store *store, struct slice token_hash,
				   const struct mailbox_session_row *row) MUST_CHECK;
/* As session_find (store/session.h). */
enum status mailbox_session_find(struct store *store, struct slice token_hash, int64_t now,
				 int64_t idle_since, int64_t begun_since, struct arena *arena,
				 struct mailbox_session_row *row_out) MUST_CHECK;
/* One more try of a factor that is owed; STATUS_BUSY: there were `most`. */
enum status mailbox_session_try(struct store *store, const struct id *id, int most) MUST_CHECK;
/* The factor was shown: it owes nothing from now on, and has that token, seal, place and beginning.
 * STATUS_NOT_FOUND: it was ended meanwhile, or owed nothing. */
enum status mailbox_session_admit(struct store *store, struct slice token_hash,
				  const struct mailbox_session_row *row) MUST_CHECK;
/* From now on under another token.  STATUS_NOT_FOUND. */
enum status mailbox_session_renew(struct store *store, const struct id *id, struct slice token_hash,
				  struct slice sealed) MUST_CHECK;
enum status mailbox_session_delete(struct store *store, const struct id *id) MUST_CHECK;
enum status mailbox_session_delete_of(struct store *store, const struct id *mailbox) MUST_CHECK;
enum status
mailbox_session_sweep(struct store *store, int64_t idle_since, int64_t begun_since) MUST_CHECK;

#endif
