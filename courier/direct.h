/*
 * Letters to the mail servers of their recipients themselves, over connections that are
 * verified: by TLSA records in signed DNS, by an MTA-STS policy, or as the administrator
 * has pinned them.  Nothing of a letter is said before its server has shown who it is.
 *
 * Each letter has one recipient and a connection of its own.
 */
#ifndef COURIER_DIRECT_H
#define COURIER_DIRECT_H

#include "base/config.h"
#include "messenger/dispatch.h"

/* What letters that have to wait for others here are waiting for. */
#define DIRECT_TRANSPORT "verified tls"

struct direct;

/* Borrows the configuration. */
struct direct *direct_new(const struct config *config);
/* Nobody may be sending. */
void direct_free(struct direct *direct);

/* Whether no letter could be taken just now. */
bool direct_is_busy(struct direct *direct);

/* Send the letter of an OUTBOX_VERIFIED.  STATUS_OK and STATUS_UNAVAILABLE: its recipient has an
 * outcome, and the dispatch tells what else is to be known; any other status is one of the letter's
 * source.  `sure` is the time by which something may be given up. */
enum status direct_send(struct direct *direct, const struct messenger *messenger,
			struct dispatch *dispatch, const struct relay_letter *letter, int64_t sure,
			struct arena *arena, struct relay_wait *wait_out) MUST_CHECK;

#endif
