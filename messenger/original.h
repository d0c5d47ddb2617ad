/*
 * A message as it is to leave, or as a report may show it: the stored bytes with
 * what routing has changed, under the courier's own wrap of its key.
 */
#ifndef MESSENGER_ORIGINAL_H
#define MESSENGER_ORIGINAL_H

#include "messenger/messenger.h"
#include "store/delivery.h"
#include "store/message.h"

/* The message; with the wrap of a delivery that was held before its sender let it go (`held`), or
 * with its own (NULL).  The arena wipes the key.  STATUS_GONE: there is no wrap any more. */
enum status original_open(const struct messenger *messenger, const struct message_row *row,
			  const struct delivery_row *held, struct arena *arena,
			  struct source *source_out) MUST_CHECK;

#endif
