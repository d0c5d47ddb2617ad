/*
 * What is put into the mailbox of its recipient when it is routed; whether it is, is
 * settled in settle.h.  Inside messenger/ only.
 */
#ifndef MESSENGER_ROUTE_MAILBOX_H
#define MESSENGER_ROUTE_MAILBOX_H

#include "messenger/routing.h"
#include "store/mailbox.h"

/* Put a delivery there, whose row and link are written. */
enum status routing_put_into_mailbox(struct routing *routing, const struct delivery_row *row,
				     const struct mailbox_row *mailbox,
				     const struct secret *temporary) MUST_CHECK;

#endif
