/*
 * When somebody is reminded: the sender of a held message once and shortly
 * before its end, the recipient of an unread one likewise.
 */
#ifndef MESSENGER_REMIND_H
#define MESSENGER_REMIND_H

#include "messenger/policy.h"
#include "store/delivery.h"

/* The first reminder of this delivery that lies behind `now`; 0 when there is none (any more). */
int64_t remind_next(const struct policy *policy, const struct delivery_row *delivery, int64_t now);

/* Is this the last one before the end? */
bool remind_is_last(const struct policy *policy, const struct delivery_row *delivery, int64_t now);

#endif
