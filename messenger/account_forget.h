/*
 * All that is kept of somebody who signs in: second factors, recovery codes, places, events,
 * resets.  Inside messenger/ only.
 */
#ifndef MESSENGER_ACCOUNT_FORGET_H
#define MESSENGER_ACCOUNT_FORGET_H

#include "store/store.h"

/* Inside the open transaction; sessions are the caller's. */
enum status account_forget(struct store *store, struct slice owner_index) MUST_CHECK;

#endif
