/*
 * What a signed-in sender needs: their list of deliveries, codes to sign in
 * (`sign_in`) and sessions (`desk_session`).
 */
#ifndef STORE_DESK_H
#define STORE_DESK_H

#include "store/delivery.h"

/* One line of the list. */
struct desk_row {
	struct id delivery_id;
	struct id message_id;
	enum delivery_state state;
	enum delivery_route route;
	struct slice recipient; /* sealed, as are all but numbers */
	int64_t created_at;
	int64_t opened_at;
	int64_t replied_at;
	int64_t closed_at;
	int64_t expires_at;
	int64_t asked_at;
	int64_t suspended_at;
	struct slice subject; /* empty when the message is destroyed */
	struct slice sender;  /* message.sender, likewise; of everybody's parts only */
};

/* The owner of the database alone may ask for everybody's. */
enum desk_part {
	DESK_SECURED = 1,
	DESK_PLAIN,
	DESK_EVERYBODY,
	DESK_EVERYBODY_SECURED,
	DESK_EVERYBODY_PLAIN
};

/* A place in the list: rows come from behind it. */
struct desk_place {
	int64_t created_at;
	struct id delivery_id;
};
/* Before the newest. */
struct desk_place desk_place_first(void);

/* Newest first, states as bits (1 << state).  An empty `sender_index` stands for anybody in
 * everybody's parts. */
enum status
desk_list(struct store *store, enum desk_part part, struct slice sender_index,
	  const struct desk_place *behind, unsigned states, size_t most, struct arena *arena,
	  struct desk_row **rows_out, size_t *count_out) MUST_CHECK;

struct sign_in_row {
	struct id id;
	struct slice address; /* sealed */
	struct slice address_index;
	struct slice code_hash;
	struct slice code_wrap; /* empty once mailed */
	int tries;
	int64_t created_at;
};
enum status sign_in_insert(struct store *store, struct slice token_hash,
			   const struct sign_in_row *row) MUST_CHECK;
/* Count a try and give the row (id, address, hash, tries); STATUS_NOT_FOUND when it began before
 * `since` or `most` tries are used up. */
enum status sign_in_try(struct store *store, struct slice token_hash, int64_t since, int most,
			struct arena *arena, struct sign_in_row *row_out) MUST_CHECK;
/* Look only (id, address, tries). */
enum status sign_in_find(struct store *store, struct slice token_hash, int64_t since,
			 struct arena *arena, struct sign_in_row *row_out) MUST_CHECK;
/* For the courier (id, address, index, wrap, begin). */
enum status sign_in_read(struct store *store, const struct id *id, struct arena *arena,
			 struct sign_in_row *row_out) MUST_CHECK;
/* The mailed code was right; from then on only the second factor is tried, and looked for, by the
 * two functions below. */
enum status sign_in_set_coded(struct store *store, const struct id *id, int64_t now) MUST_CHECK;
/* As sign_in_try, from when the mailed code was right; gives id, address, index, tries. */
enum status
sign_in_try_factor(struct store *store, struct slice token_hash, int64_t since, int most,
		   struct arena *arena, struct sign_in_row *row_out) MUST_CHECK;
enum status sign_in_find_factor(struct store *store, struct slice token_hash, int64_t since,
				struct arena *arena, struct sign_in_row *row_out) MUST_CHECK;
enum status sign_in_mailed(struct store *store, const struct id *id) MUST_CHECK;
/* STATUS_NOT_FOUND: it was used by somebody else just now, or ended. */
enum status sign_in_delete(struct store *store, const struct id *id) MUST_CHECK;
/* All that is on the way for somebody: codes, and factors that are owed. */
enum status sign_in_end(struct store *store, struct slice address_index) MUST_CHECK;

struct desk_session_row {
	struct id id;
	struct slice address; /* sealed */
	struct slice address_index;
	struct slice place; /* sealed: where from; empty in rows older than this */
	int64_t created_at;
};
enum status desk_session_insert(struct store *store, struct slice token_hash,
				const struct desk_session_row *row) MUST_CHECK;
/* As session_find. */
enum status desk_session_find(struct store *store, struct slice token_hash, int64_t now,
			      int64_t idle_since, int64_t begun_since, struct arena *arena,
			      struct desk_session_row *row_out) MUST_CHECK;
enum status desk_session_delete(struct store *store, struct slice token_hash) MUST_CHECK;
/* From now on under another token.  STATUS_NOT_FOUND. */
enum status
desk_session_renew(struct store *store, const struct id *id, struct slice token_hash) MUST_CHECK;
/* All of somebody but `but`; NULL: all. */
enum status desk_session_end_others(struct store *store, struct slice address_index,
				    const struct id *but) MUST_CHECK;

/* What is over of both. */
enum status desk_sweep(struct store *store, int64_t codes_before, int64_t idle_since,
		       int64_t begun_since) MUST_CHECK;

#endif
