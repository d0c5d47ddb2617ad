/*
 * The outbox, sent: each row is locked, made into a letter, handed to the
 * relays, and its outcome written down in the same transaction.
 */
#ifndef COURIER_SEND_H
#define COURIER_SEND_H

#include "mail/relay_pool.h"
#include "messenger/messenger.h"

/* `sure` is the time by which a mail may be given up: not after `now`. */
enum status send_some(const struct messenger *messenger, struct relay_pool *relays, int64_t now,
		      int64_t sure, bool *worked_out) MUST_CHECK;

#endif
