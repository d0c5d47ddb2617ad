/*
 * When a mail that could not be delivered is tried again.
 */
#ifndef MESSENGER_SCHEDULE_H
#define MESSENGER_SCHEDULE_H

#include <stdint.h>

#include "base/id.h"

#define SCHEDULE_LONGEST 14400 /* seconds between two tries, before jitter */

/* Seconds to wait after `tries` tries before this one: `first`, doubled with each of them, up to
 * SCHEDULE_LONGEST; and up to a quarter more, by the mail's id, so that those that failed together
 * do not come back together. */
int64_t schedule_delay(int64_t first, int tries, const struct id *mail);

#endif
