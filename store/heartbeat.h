/*
 * The row of `heartbeat`: the last time that couriers were sure of.
 */
#ifndef STORE_HEARTBEAT_H
#define STORE_HEARTBEAT_H

#include "store/store.h"

/* 0 when there was none yet. */
enum status heartbeat_read(struct store *store, int64_t *seen_at_out) MUST_CHECK;
/* An earlier time than the one that is there changes nothing. */
enum status heartbeat_note(struct store *store, int64_t now) MUST_CHECK;

#endif
