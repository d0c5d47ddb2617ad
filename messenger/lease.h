/*
 * Work on deliveries: lease some, then do each in a transaction of its own.  A
 * process that dies in between loses nothing: the lease runs out and another
 * one takes over.  Nor does the database's machine: what it forgets is still
 * there to be leased, and mail about it leaves only after the claim of that mail,
 * which waits for the disk.
 */
#ifndef MESSENGER_LEASE_H
#define MESSENGER_LEASE_H

#include "messenger/messenger.h"
#include "store/delivery.h"

/* One job, inside an open transaction; STATUS_CONFLICT when there is nothing to do any more. */
typedef enum status lease_job(const struct messenger *messenger, struct store *store,
			      const struct id *delivery, int64_t now, struct arena *arena);

/* Do up to one batch of that kind of work; each is logged as `event`. */
enum status lease_work(const struct messenger *messenger, enum delivery_work kind, lease_job *job,
		       const char *event, int64_t now, bool *worked_out) MUST_CHECK;

#endif
