/*
 * A message that was to leave by verified TLS, and whose servers could not be verified:
 * it goes the next way of its ladder, as if it had come just now.
 */
#ifndef MESSENGER_FALL_H
#define MESSENGER_FALL_H

#include "messenger/dispatch.h"

/* In the transaction of the dispatch, which still has its locks: the delivery takes its new way,
 * and the letters that go with it are queued.  It has one delivery, which no server was given. */
enum status
fall(const struct messenger *messenger, struct store *store, const struct dispatch *dispatch,
     int64_t now, struct arena *arena, enum delivery_route *route_out) MUST_CHECK;

#endif
