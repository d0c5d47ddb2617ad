#include "messenger/work.h"

#include "messenger/lease.h"
#include "messenger/seal.h"
#include "store/link.h"
#include "store/outbox.h"

static enum status
seal_in_transaction(const struct messenger *messenger, struct store *store, const struct id *id,
		    int64_t now, struct arena *arena)
{
	struct delivery_row row;
	struct lock_row lock;
	struct secret temporary;
	int64_t expires_at;
	enum status status = delivery_read(store, id, true, arena, &row);

	if (status != STATUS_OK)
		return status;
	if (row.state != DELIVERY_SECURING || !row.has_lock)
		return STATUS_CONFLICT;
	status = lock_read(store, &row.lock_id, arena, &lock);
	if (status == STATUS_OK)
		status = seal_open_held(messenger, &row, &temporary);
	if (status != STATUS_OK)
		return status;
	status = seal_to_lock(messenger, &row, &lock, &temporary, arena);
	secret_clear(&temporary);
	expires_at = now + (int64_t)row.lifetime_days * 86400;
	if (status == STATUS_OK)
		status =
		    delivery_set_ready(store, id, row.outer_wrap, row.rescue_wrap, now, expires_at);
	if (status == STATUS_OK)
		status = seal_insert_link(messenger, store, id, row.link_generation, arena);
	if (status == STATUS_OK)
		status =
		    outbox_insert(store, &(struct outbox_row){.id = id_new(),
							      .kind = OUTBOX_NOTICE,
							      .message_id = row.message_id,
							      .has_delivery = true,
							      .delivery_id = *id,
							      .generation = row.link_generation,
							      .created_at = now,
							      .next_at = now});
	return status;
}

/* The link's old layer comes off, the new one goes on: no passphrase is needed for that. */
static enum status
relink_in_transaction(const struct messenger *messenger, struct store *store, const struct id *id,
		      int64_t now, struct arena *arena)
{
	static const enum outbox_kind kinds[] = {OUTBOX_SUSPENDED_RECIPIENT,
						 OUTBOX_SUSPENDED_SENDER};
	struct delivery_row row;
	struct slice outer;
	uint32_t next;
	enum status status = delivery_read(store, id, true, arena, &row);

	if (status != STATUS_OK)
		return status;
	if (row.suspended_at == 0 || (row.state != DELIVERY_READY && row.state != DELIVERY_OPENED))
		return STATUS_CONFLICT;
	next = row.link_generation + 1;
	status = seal_relink(messenger, &row, row.link_generation, next, arena, &outer);
	if (status == STATUS_OK)
		status = link_end_all(store, id, LINK_RECIPIENT, LINK_SUSPENDED);
	if (status == STATUS_OK)
		status = seal_insert_link(messenger, store, id, next, arena);
	if (status == STATUS_OK)
		status = delivery_set_relinked(store, id, next, outer);
	for (size_t i = 0; i < 2 && status == STATUS_OK; i++)
		status = outbox_insert(store, &(struct outbox_row){.id = id_new(),
								   .kind = kinds[i],
								   .message_id = row.message_id,
								   .has_delivery = true,
								   .delivery_id = *id,
								   .generation = next,
								   .created_at = now,
								   .next_at = now});
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
