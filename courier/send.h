/*
 * The outbox, sent: each row is locked, made into a letter, handed to the
 * relays, to its recipient's server or to a phone, and its outcome written down in the same
 * transaction.
 */
#ifndef COURIER_SEND_H
#define COURIER_SEND_H

#include "courier/direct.h"
#include "courier/phone.h"
#include "mail/relay_pool.h"
#include "messenger/messenger.h"

struct send_ways {
	struct relay_pool *relays;
	struct direct *direct;
	struct phone *phone;
};

/* `sure` is the time by which a mail may be given up: not after `now`. */
enum status send_some(const struct messenger *messenger, const struct send_ways *ways, int64_t now,
		      int64_t sure, bool *worked_out) MUST_CHECK;

#endif
