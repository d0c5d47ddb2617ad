/*
 * Rows of `link`: from the hash of a link secret, or of a pick-up code, to a
 * delivery.  Old links stay, so that their holders get an honest answer.
 */
#ifndef STORE_LINK_H
#define STORE_LINK_H

#include "store/delivery.h"
#include "store/lock.h"
#include "store/message.h"
#include "store/store.h"

enum link_end { LINK_LIVE = 0, LINK_REPLACED, LINK_SUSPENDED };

struct link_row {
	struct id delivery_id;
	int kind; /* 1 recipient, 2 sender */
	uint32_t generation;
	enum link_end ended;
	struct slice pickup_wrap;
};

/* pickup_hash and pickup_wrap empty for a sender's link.  STATUS_CONFLICT when the hash or the
 * pick-up code is taken: the transaction stays usable, another code may be tried. */
enum status
link_insert(struct store *store, struct slice hash, const struct id *delivery, int kind,
	    uint32_t generation, struct slice pickup_hash, struct slice pickup_wrap) MUST_CHECK;
enum status link_find(struct store *store, struct slice hash, int kind, struct arena *arena,
		      struct link_row *row_out) MUST_CHECK;
/* A link and all that it leads to. */
struct link_path {
	struct link_row link;
	struct delivery_row delivery;
	struct message_row message;
	struct lock_row lock;
	bool has_lock; /* there is one */
};

/* The same as link_find, delivery_read, message_read and lock_read one after the other, in one
 * turn. The message's chunk stays empty unless asked for. */
enum status link_follow(struct store *store, struct slice hash, int kind, bool with_chunk,
			struct arena *arena, struct link_path *path_out) MUST_CHECK;
enum status link_find_pickup(struct store *store, struct slice pickup_hash, struct arena *arena,
			     struct link_row *row_out) MUST_CHECK;
/* End the live links of a delivery of one kind. */
enum status link_end_all(struct store *store, const struct id *delivery, int kind,
			 enum link_end ended) MUST_CHECK;

#endif
