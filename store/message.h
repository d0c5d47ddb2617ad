/*
 * Rows of `message`, `chunk` and `upload`.
 */
#ifndef STORE_MESSAGE_H
#define STORE_MESSAGE_H

#include "store/intake.h"
#include "store/store.h"

enum message_state { MESSAGE_RECEIVED = 1, MESSAGE_ROUTED, MESSAGE_DESTROYED, MESSAGE_STUCK };

struct message_row {
	struct id id;
	enum message_origin origin;
	enum message_state state;
	int64_t received_at;
	uint64_t size;
	uint32_t chunk_count;
	struct slice chunk; /* empty unless chunk_count is 1 */
	struct slice gateway_wrap;
	struct slice envelope;
	struct slice manifest;
	struct slice sender;
	struct slice sender_index;
	struct slice subject;
	bool has_parent;
	struct id parent_delivery;
	int claims;
	unsigned transfer; /* bits of enum message_transfer */
	unsigned returns;  /* 0 unsaid, 1 the whole message, 2 its header */
	struct slice envelope_id;
};

/* AUTOMATIC: a machine wrote it, so that nobody is asked or reminded as a person is. */
enum message_transfer { TRANSFER_BINARY = 1, TRANSFER_UTF8 = 2, TRANSFER_AUTOMATIC = 4 };

/* What routing finds out; all sealed but the index and the numbers. */
struct message_findings {
	struct slice manifest;
	struct slice sender;
	struct slice sender_index;
	struct slice subject;
	unsigned transfer;
	unsigned returns;
	struct slice envelope_id;
};

/* Lease up to `most` received messages until `until` and commit: those never claimed
 * before, or else one that was (so that a message that kills its reader does not take others
 * along). Skips rows that are locked.  Ids in the arena; *count_out may be 0. */
enum status message_claim(struct store *store, int64_t now, int64_t until, size_t most,
			  struct arena *arena, struct id **ids_out, size_t *count_out) MUST_CHECK;

/* Read one row; with `lock`, FOR UPDATE SKIP LOCKED inside the open transaction (STATUS_BUSY
 * when somebody else holds it). */
enum status message_read(struct store *store, const struct id *id, bool lock, struct arena *arena,
			 struct message_row *row_out) MUST_CHECK;

/* The sealed chunk `number` of a message with several, into `sealed` (room bytes). */
enum status message_chunk(struct store *store, const struct id *id, uint32_t number,
			  unsigned char *sealed, size_t room, size_t *size_out) MUST_CHECK;

/* Routing is done: manifest and shown fields are set, the state is ROUTED. */
enum status message_set_routed(struct store *store, const struct id *id,
			       const struct message_findings *findings) MUST_CHECK;
enum status message_set_stuck(struct store *store, const struct id *id) MUST_CHECK;

/* The courier's own wrap of K is no longer needed. */
enum status message_drop_gateway_wrap(struct store *store, const struct id *id) MUST_CHECK;

/* Overwrite keys and bytes, delete chunks, leave the tombstone (state DESTROYED).  In an open
 * transaction: it takes several statements. */
enum status message_destroy(struct store *store, const struct id *id) MUST_CHECK;

/* Replies written for a delivery. */
enum status message_replies(struct store *store, const struct id *delivery, struct arena *arena,
			    struct id **ids_out, size_t *count_out) MUST_CHECK;

/* Delete chunks of uploads begun before `before` whose message never came, and the marks of
 * those that did; *deleted_out counts chunks.  `before` must lie further back than any upload can
 * last: chunks of one that is still going on are lost with the rest. */
enum status
message_sweep_uploads(struct store *store, int64_t before, size_t *deleted_out) MUST_CHECK;

#endif
