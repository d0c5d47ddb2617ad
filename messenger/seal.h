/*
 * The key wraps of a portal delivery (see docs/cryptography.md): temporary
 * pair, hold, lock, link, rescue.  The courier's work: needs gateway and link key.
 */
#ifndef MESSENGER_SEAL_H
#define MESSENGER_SEAL_H

#include "crypto/link.h"
#include "messenger/messenger.h"
#include "store/delivery.h"
#include "store/lock.h"

/* Give a new delivery its temporary pair: sets temporary_public and message_key_wrap. */
enum status seal_temporary(const struct secret *message_key, struct delivery_row *row,
			   struct arena *arena, struct secret *temporary_private_out) MUST_CHECK;

/* While its sender has not finished: sets gateway_wrap. */
enum status seal_hold(const struct messenger *messenger, struct delivery_row *row,
		      const struct secret *temporary_private, struct arena *arena) MUST_CHECK;

/* The reverse: T of a held (or securing) delivery. */
enum status seal_open_held(const struct messenger *messenger, const struct delivery_row *row,
			   struct secret *temporary_private_out) MUST_CHECK;

/* Seal T to the lock and to the recipient's link of row->link_generation; and to the sender's link of
 * row->sender_generation when policy allows rescue.  Sets outer_wrap and rescue_wrap. */
enum status seal_to_lock(const struct messenger *messenger, struct delivery_row *row,
			 struct slice lock_public, const struct secret *temporary_private,
			 struct arena *arena) MUST_CHECK;

/* Move the outer layer from the link of `from` to that of `to`; the passphrase is not needed. */
enum status seal_relink(const struct messenger *messenger, const struct delivery_row *row,
			uint32_t from, uint32_t to, struct arena *arena,
			struct slice *outer_wrap_out) MUST_CHECK;

/* Write the rows by which links are found: the sender's, or the recipient's with its pick-up
 * code (one Argon2id of 19 MiB). */
enum status seal_insert_link(const struct messenger *messenger, struct store *store,
			     const struct id *delivery, enum link_kind kind, uint32_t generation,
			     struct arena *arena) MUST_CHECK;

#endif
