/*
 * Rows of `key`: whose key was found where, and what is thought of it.  Addresses,
 * keys and evidence are sealed; they are found by keyed hashes of address and
 * fingerprint.
 */
#ifndef STORE_KEY_H
#define STORE_KEY_H

#include "store/store.h"

enum key_kind { KEY_CERTIFICATE = 1, KEY_OPENPGP };

enum key_standing {
	KEY_FOUND = 1, /* used for as long as it is believed */
	KEY_ACCEPTED,  /* by the administrator */
	KEY_REVIEW,    /* not used until the administrator has decided; `reason` says why */
	KEY_BANNED,
};

struct key_row {
	struct id id;
	enum key_kind kind;
	enum key_standing standing;
	int source; /* a number of the caller's, 1 to 20 */
	struct slice address;
	struct slice address_index;
	struct slice print_index;
	struct slice material;
	struct slice evidence;
	unsigned capabilities; /* bits of the caller's; 0: nothing is known */
	int64_t told_at;       /* when its owner signed these; 0: never */
	bool vouched;
	const char *reason; /* NULL: none */
	int64_t found_at;
	int64_t seen_at;
	int64_t expires_at; /* 0: never */
};

/* Put a key in, or see it again: then what was decided about it stays, and so does found_at.  Not
 * used by an address, a banned one is banned there too.  STATUS_CONFLICT: it is there under another
 * id (see key_find), which is what its sealed values belong to; or it is believed by the word of
 * another source, and not by this; or it was withdrawn, and this has not heard of it. */
enum status key_put(struct store *store, const struct key_row *row) MUST_CHECK;
/* The same for what anybody can bring: it takes the place of what came from `source` or above, when
 * it is believed no less and seen no earlier; besides of what a source below no longer gives.
 * `now` is when a new one was found.  STATUS_CONFLICT, too: what is there counts for more. */
enum status
key_put_brought(struct store *store, const struct key_row *row, int source, int64_t now) MUST_CHECK;
/* Unless something newer was told. */
enum status key_set_told(struct store *store, const struct id *id, unsigned capabilities,
			 int64_t told_at) MUST_CHECK;
/* Of each kind and standing that nobody decided about, keep the last seen `most` of an address that
 * came from `source` or above. */
enum status
key_trim(struct store *store, struct slice address_index, int source, size_t most) MUST_CHECK;

/* The id under which this key of this address is there; STATUS_NOT_FOUND. */
enum status key_find(struct store *store, struct slice address_index, struct slice print_index,
		     struct arena *arena, struct id *id_out) MUST_CHECK;

/* All of an address, accepted ones first, then the others that are used, then the last seen; at
 * most `most`. */
enum status
key_of_address(struct store *store, struct slice address_index, size_t most, struct arena *arena,
	       struct key_row **rows_out, size_t *count_out) MUST_CHECK;
enum status key_read(struct store *store, const struct id *id, struct arena *arena,
		     struct key_row *row_out) MUST_CHECK;
enum status
key_by_print(struct store *store, struct slice print_index, size_t most, struct arena *arena,
	     struct key_row **rows_out, size_t *count_out) MUST_CHECK;
/* Oldest first, behind (found_at, id); only those in review when asked for. */
enum status
key_list(struct store *store, bool review, int64_t found_at, const struct id *id, size_t most,
	 struct arena *arena, struct key_row **rows_out, size_t *count_out) MUST_CHECK;
/* The same of one address. */
enum status
key_list_of(struct store *store, struct slice address_index, bool review, size_t most,
	    struct arena *arena, struct key_row **rows_out, size_t *count_out) MUST_CHECK;

/* STATUS_NOT_FOUND when there is no such key, as below. */
enum status key_set_standing(struct store *store, const struct id *id, enum key_standing standing,
			     const char *reason) MUST_CHECK;
/* This key, for whatever address it was found. */
enum status key_ban(struct store *store, const struct id *id) MUST_CHECK;
/* An OpenPGP key whose maker has revoked it, for whatever address: into review, for good, even
 * where the administrator had accepted it. */
enum status key_withdraw(struct store *store, struct slice print_index) MUST_CHECK;
enum status key_delete(struct store *store, const struct id *id) MUST_CHECK;

/* Delete up to `most` of a standing that nobody decided about, and that no source has given since
 * `before`; of sources `from` to `to`. */
struct key_sweep {
	enum key_standing standing;
	int from;
	int to;
	int64_t before;
};
enum status key_sweep(struct store *store, const struct key_sweep *sweep, size_t most) MUST_CHECK;
/* Of those in review the newest `keep` stay, and all that came from a source below `source`. */
enum status key_sweep_review(struct store *store, int source, size_t keep, size_t most) MUST_CHECK;

#endif
