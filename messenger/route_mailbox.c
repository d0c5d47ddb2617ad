/*
 * A recipient who has a mailbox gets what comes for them there: no clue and no
 * passphrase of its sender's are needed.
 */
#include "messenger/route_mailbox.h"

#include "base/log.h"
#include "messenger/mailbox_key.h"
#include "messenger/seal.h"
#include "store/give_up.h"

/* STATUS_NOT_FOUND: it is about to be given up, so there is none for what comes new. */
static enum status
is_ending(struct routing *routing, const struct mailbox_row *mailbox)
{
	struct give_up_row ending;
	char id[ID_TEXT_SIZE];
	enum status status =
	    give_up_of_mailbox(routing->store, &mailbox->id, routing->now, routing->arena, &ending);

	if (status != STATUS_OK)
		return status == STATUS_NOT_FOUND ? STATUS_OK : status;
	log_info("mailbox-ending", LOG_TEXT("message", id_text(routing->row.id, id)));
	return STATUS_NOT_FOUND;
}

enum status
routing_find_mailbox(struct routing *routing, struct slice recipient_index,
		     struct mailbox_row *mailbox_out)
{
	const struct policy *policy = routing->messenger->policy;
	struct mailbox_usage usage;
	char id[ID_TEXT_SIZE];
	enum status status;

	if (policy->mailboxes == MAILBOXES_NEVER)
		return STATUS_NOT_FOUND;
	status = mailbox_find(routing->store, recipient_index, routing->arena, mailbox_out);
	/* What came into it now would be lost with it. */
	if (status == STATUS_OK)
		status = is_ending(routing, mailbox_out);
	if (status == STATUS_OK)
		status = mailbox_usage(routing->store, &mailbox_out->id, &usage);
	if (status != STATUS_OK)
		return status;
	if (usage.messages < policy->mailbox_messages && usage.bytes < policy->mailbox_bytes)
		return STATUS_OK;
	log_warning("mailbox-full", LOG_TEXT("message", id_text(routing->row.id, id)),
		    LOG_NUMBER("messages", usage.messages), LOG_NUMBER("bytes", usage.bytes));
	return STATUS_NOT_FOUND;
}

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
