/*
 * The key wraps of a portal delivery (see docs/cryptography.md): temporary
 * pair, hold, lock, link, rescue.  The courier's work: needs gateway and link key.
 */
#ifndef MESSENGER_SEAL_H
#define MESSENGER_SEAL_H

#include "crypto/link.h"
#include "crypto/pair.h"
#include "messenger/messenger.h"
#include "store/delivery.h"
#include "store/lock.h"

/* The gateway's own pair, for the courier.  It borrows the private half: not to be cleared. */
struct pair seal_gateway_pair(const struct messenger *messenger);

/* Give a new delivery its temporary pair: sets temporary_public and message_key_wrap. */
enum status seal_temporary(const struct secret *message_key, struct delivery_row *row,
			   struct arena *arena, struct secret *temporary_private_out) MUST_CHECK;

/* While its sender has not finished: sets gateway_wrap. */
enum status seal_hold(const struct messenger *messenger, struct delivery_row *row,
		      const struct secret *temporary_private, struct arena *arena) MUST_CHECK;

/* The reverse: T of a held (or securing) delivery. */
enum status seal_open_held(const struct messenger *messenger, const struct delivery_row *row,
			   struct secret *temporary_private_out) MUST_CHECK;

/* The message's key by way of that T. */
enum status
seal_open_held_message(const struct messenger *messenger, const struct delivery_row *row,
		       struct secret *message_key_out) MUST_CHECK;

/* Seal T to the lock (inner), and the lock's public key with that (outer) to the recipient's link
 * of row->link_generation; and to the sender's link, when policy allows rescue and the sender has
 * one (row->sender_wrap).  Sets outer_wrap and rescue_wrap. */
enum status seal_to_lock(const struct messenger *messenger, struct delivery_row *row,
			 const struct lock_row *lock, const struct secret *temporary_private,
			 struct arena *arena) MUST_CHECK;

/* T to the sender's link alone, as seal_to_lock does it: of a delivery that has no lock. */
enum status seal_rescue(const struct messenger *messenger, struct delivery_row *row,
			const struct secret *temporary_private, struct arena *arena) MUST_CHECK;

/* The secret of the recipient's link of row->link_generation. */
void seal_recipient_link(const struct messenger *messenger, const struct delivery_row *row,
			 struct secret *link_out);

/* Move the outer layer from the link of `from` to that of `to`; the passphrase is not needed. */
enum status
seal_relink(const struct messenger *messenger, const struct delivery_row *row, uint32_t from,
	    uint32_t to, struct arena *arena, struct slice *outer_wrap_out) MUST_CHECK;

/*
 * The sender's link is random, not derived: otherwise whoever has the courier's
 * key file could open the rescue wrap of every secured delivery.  It is kept
 * sealed (sender_wrap) only while the delivery is held, for the mail that
 * carries it; from then on it is in the sender's mailbox and nowhere else.
 */

/* Make one: sets sender_wrap, gives its hash (LINK_HASH_SIZE bytes in the arena). */
void seal_sender_link(const struct messenger *messenger, struct delivery_row *row,
		      struct arena *arena, struct slice *hash_out);

/* Its secret, while it is kept; STATUS_GONE afterwards. */
enum status seal_open_sender_link(const struct messenger *messenger, const struct delivery_row *row,
				  struct secret *link_out) MUST_CHECK;

/* Write the row by which the recipient's link and its pick-up code are found (one Argon2id of 19
 * MiB). */
enum status
seal_insert_link(const struct messenger *messenger, struct store *store, const struct id *delivery,
		 uint32_t generation, struct arena *arena) MUST_CHECK;

#endif
