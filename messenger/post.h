/*
 * A letter is queued: the row from which the courier makes and sends it, in the
 * transaction of the state that it speaks of.
 */
#ifndef MESSENGER_POST_H
#define MESSENGER_POST_H

#include "store/delivery.h"
#include "store/outbox.h"

/* About a delivery, to be sent at `at`.  What may be told once only, and was, is no failure. */
enum status post_later(struct store *store, enum outbox_kind kind,
		       const struct delivery_row *delivery, int64_t now, int64_t at) MUST_CHECK;

/* At once. */
enum status post(struct store *store, enum outbox_kind kind, const struct delivery_row *delivery,
		 int64_t now) MUST_CHECK;

/* At once, under an id that the delivery remembers. */
enum status post_named(struct store *store, const struct id *name, enum outbox_kind kind,
		       const struct delivery_row *delivery, int64_t now) MUST_CHECK;

/* The message itself: OUTBOX_PLAIN to all its queued deliveries (`delivery` NULL) or to that one,
 * OUTBOX_REPLY with the delivery that it answers. */
enum status post_message(struct store *store, enum outbox_kind kind, const struct id *message,
			 const struct id *delivery, int64_t now) MUST_CHECK;

/* About a row that concerns no message, such as a mailbox that is given up: `step` is what the mail
 * says of it.  The courier is woken when the transaction is through. */
enum status post_step(struct store *store, enum outbox_kind kind, const struct id *about, int step,
		      int64_t now) MUST_CHECK;

#endif
