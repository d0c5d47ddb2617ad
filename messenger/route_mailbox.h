/*
 * What is put into the mailbox of its recipient when it is routed: see
 * route_mailbox.c.  Inside messenger/ only.
 */
#ifndef MESSENGER_ROUTE_MAILBOX_H
#define MESSENGER_ROUTE_MAILBOX_H

#include "messenger/routing.h"
#include "store/mailbox.h"

/* The mailbox that takes a message for them.  STATUS_NOT_FOUND: there is none, it is full, or
 * about to be given up. */
enum status routing_find_mailbox(struct routing *routing, struct slice recipient_index,
				 struct mailbox_row *mailbox_out) MUST_CHECK;

/* Put a delivery there, whose row and link are written. */
enum status routing_put_into_mailbox(struct routing *routing, const struct delivery_row *row,
				     const struct mailbox_row *mailbox,
				     const struct secret *temporary) MUST_CHECK;

#endif
