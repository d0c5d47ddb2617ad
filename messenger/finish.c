#include "messenger/work.h"

#include "messenger/lease.h"
#include "messenger/mailbox_key.h"
#include "messenger/pdf_lock.h"
#include "messenger/post.h"
#include "messenger/remind.h"
#include "messenger/seal.h"
#include "store/link.h"

/* Its lock, where its sender did not make it; its sender is asked again where nothing is left to
 * make it of. */
static enum status
make_lock(const struct messenger *messenger, struct store *store, struct delivery_row *row,
	  int64_t now, struct arena *arena, bool *held_out)
{
	enum status status = STATUS_OK;

	*held_out = false;
	if (row->has_lock)
		return STATUS_OK;
	if (!delivery_pdf_is_generated(row->pdf))
		return STATUS_CONFLICT;
	status = pdf_lock_make(messenger, store, row, row->pdf, now, arena);
	if (status != STATUS_NOT_FOUND)
		return status;
	*held_out = true;
	row->state = DELIVERY_HELD;
	status = delivery_set_held_again(store, &row->id, remind_next(messenger->policy, row, now));
	return status == STATUS_OK ? post(store, OUTBOX_FINISH, row, now) : status;
}

/* What is kept until a PDF has left. */
static enum status
keep_for_pdf(const struct messenger *messenger, struct store *store, struct delivery_row *row,
	     const struct secret *temporary, struct arena *arena)
{
	enum status status = seal_hold(messenger, row, temporary, arena);

	return status == STATUS_OK ? delivery_set_pdf_ready(store, row) : status;
}

static enum status
set_ready(const struct messenger *messenger, struct store *store, struct delivery_row *row,
	  const struct secret *temporary, int64_t now, struct arena *arena)
{
	/* A passphrase that is set anew moves neither the end nor the link. */
	bool first = row->secured_at == 0, by_pdf = first && row->pdf != PDF_NONE;
	enum status status;

	if (first) {
		row->secured_at = now;
		row->expires_at = now + (int64_t)row->lifetime_days * 86400;
	}
	row->state = DELIVERY_READY;
	if (row->opened_at == 0)
		row->remind_at = remind_next(messenger->policy, row, now);
	status = delivery_set_ready(store, &row->id, row->outer_wrap, row->rescue_wrap, now,
				    row->expires_at, row->remind_at);
	if (status == STATUS_OK && by_pdf)
		status = keep_for_pdf(messenger, store, row, temporary, arena);
	if (status == STATUS_OK && first)
		status = seal_insert_link(messenger, store, &row->id, row->link_generation, arena);
	if (status == STATUS_OK && by_pdf)
		return pdf_lock_post(messenger, store, row, now, arena);
	return status == STATUS_OK ? post(store, first ? OUTBOX_NOTICE : OUTBOX_NEW_CLUE, row, now)
				   : status;
}

static enum status
seal_in_transaction(const struct messenger *messenger, struct store *store, const struct id *id,
		    int64_t now, struct arena *arena)
{
	struct delivery_row row;
	struct lock_row lock;
	struct secret temporary;
	bool held;
	enum status status = delivery_read(store, id, true, arena, &row);

	if (status != STATUS_OK)
		return status;
	if (row.state != DELIVERY_SECURING)
		return STATUS_CONFLICT;
	status = make_lock(messenger, store, &row, now, arena, &held);
	if (status != STATUS_OK || held)
		return status;
	status = lock_read(store, &row.lock_id, arena, &lock);
	if (status == STATUS_OK)
		status = seal_open_held(messenger, &row, &temporary);
	if (status != STATUS_OK)
		return status;
	status = seal_to_lock(messenger, &row, &lock, &temporary, arena);
	if (status == STATUS_OK)
		status = set_ready(messenger, store, &row, &temporary, now, arena);
	secret_clear(&temporary);
	return status;
}

/* Where it lies in a mailbox, its owner goes by the new link, too. */
static enum status
relink_in_mailbox(const struct messenger *messenger, struct store *store,
		  const struct delivery_row *delivery, uint32_t generation, struct arena *arena)
{
	struct delivery_row relinked = *delivery;
	struct mailbox_row mailbox;
	struct secret link;
	enum status status = mailbox_of_delivery(store, &delivery->id, arena, &mailbox);

	if (status != STATUS_OK)
		return status == STATUS_NOT_FOUND ? STATUS_OK : status;
	relinked.link_generation = generation;
	seal_recipient_link(messenger, &relinked, &link);
	status = mailbox_key_relink(store, &mailbox, &delivery->id, &link, arena);
	secret_clear(&link);
	return status;
}

/* The link's old layer comes off, the new one goes on: no passphrase is needed for that. */
static enum status
relink_in_transaction(const struct messenger *messenger, struct store *store, const struct id *id,
		      int64_t now, struct arena *arena)
{
	struct delivery_row row;
	struct slice outer = {NULL, 0};
	bool suspended;
	uint32_t next;
	enum status status = delivery_read(store, id, true, arena, &row);

	if (status != STATUS_OK)
		return status;
	suspended = row.suspended_at != 0;
	if ((!suspended && row.relink_at == 0) ||
	    (row.state != DELIVERY_READY && row.state != DELIVERY_OPENED))
		return STATUS_CONFLICT;
	next = row.link_generation + 1;
	if (row.has_lock)
		status = seal_relink(messenger, &row, row.link_generation, next, arena, &outer);
	if (status == STATUS_OK)
		status = relink_in_mailbox(messenger, store, &row, next, arena);
	if (status == STATUS_OK)
		status = link_end_all(store, id, LINK_RECIPIENT,
				      suspended ? LINK_SUSPENDED : LINK_REPLACED);
	if (status == STATUS_OK)
		status = seal_insert_link(messenger, store, id, next, arena);
	if (status == STATUS_OK)
		status = delivery_set_relinked(store, id, next, outer);
	row.link_generation = next;
	if (status == STATUS_OK)
		status =
		    post(store, suspended ? OUTBOX_SUSPENDED_RECIPIENT : OUTBOX_NOTICE, &row, now);
	if (status == STATUS_OK && suspended)
		status = post(store, OUTBOX_SUSPENDED_SENDER, &row, now);
	return status;
}

enum status
messenger_seal_some(const struct messenger *messenger, int64_t now, bool *worked_out)
{
	return lease_work(messenger, DELIVERY_TO_SECURE, seal_in_transaction, "secured", now,
			  worked_out);
}

enum status
messenger_relink_some(const struct messenger *messenger, int64_t now, bool *worked_out)
{
	return lease_work(messenger, DELIVERY_TO_RELINK, relink_in_transaction, "relinked", now,
			  worked_out);
}
