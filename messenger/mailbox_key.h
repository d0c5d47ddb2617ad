/*
 * The keys of a mailbox (see docs/cryptography.md): its pair, the lock around the
 * private half, what is sealed to the public one.
 */
#ifndef MESSENGER_MAILBOX_KEY_H
#define MESSENGER_MAILBOX_KEY_H

#include "crypto/pair.h"
#include "messenger/messenger.h"
#include "store/mailbox.h"

/* Lock a private half with a passphrase: fills in lock and private_wrap of the row, whose id is
 * set.  One Argon2id: on the bounded pool. */
enum status
mailbox_key_lock(const struct messenger *messenger, const struct pair *pair,
		 struct slice passphrase, struct arena *arena, struct mailbox_row *row) MUST_CHECK;

/* passphrase -> pair of the mailbox.  STATUS_DENIED: a wrong one.  STATUS_DAMAGED.  One Argon2id.
 */
enum status mailbox_key_unlock(const struct messenger *messenger, const struct mailbox_row *row,
			       struct slice passphrase, struct pair *pair_out) MUST_CHECK;

/* Put a delivery into a mailbox: T and the secret of its link, sealed to the mailbox, inside the
 * open transaction.  STATUS_CONFLICT: it lies in one. */
enum status mailbox_key_put(struct store *store, const struct mailbox_row *mailbox,
			    const struct id *delivery, const struct secret *temporary_private,
			    const struct secret *link, int64_t now, struct arena *arena) MUST_CHECK;
/* The courier gave it another link. */
enum status mailbox_key_relink(struct store *store, const struct mailbox_row *mailbox,
			       const struct id *delivery, const struct secret *link,
			       struct arena *arena) MUST_CHECK;

/* T of a delivery that lies in the mailbox. */
enum status
mailbox_key_take(const struct pair *pair, const struct id *delivery, struct slice key_wrap,
		 struct secret *temporary_private_out) MUST_CHECK;
/* The text of its link, in the arena. */
enum status
mailbox_key_link(const struct pair *pair, const struct id *delivery, struct slice link_wrap,
		 struct arena *arena, const char **link_out) MUST_CHECK;

#endif
