/*
 * A recipient who has a mailbox gets what comes for them there: no clue and no
 * passphrase of its sender's are needed.
 */
#include "messenger/route_mailbox.h"

#include "messenger/mailbox_key.h"
#include "messenger/seal.h"

enum status
routing_put_into_mailbox(struct routing *routing, const struct delivery_row *row,
			 const struct mailbox_row *mailbox, const struct secret *temporary)
{
	struct secret link;
	enum status status;

	seal_recipient_link(routing->messenger, row, &link);
	status = mailbox_key_put(routing->store, mailbox, &row->id, temporary, &link, routing->now,
				 routing->arena);
	secret_clear(&link);
	return status;
}
