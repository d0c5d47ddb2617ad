#include "messenger/work.h"

#include "messenger/author.h"
#include "messenger/lease.h"
#include "store/message.h"
#include "store/outbox.h"
#include "store/session.h"

#define UPLOAD_SECONDS 86400 /* no message is received for longer than a day */
#define THROTTLE_SECONDS 86400

static enum status
tell_sender(const struct messenger *messenger, struct store *store, const struct delivery_row *row,
	    enum outbox_kind kind, int64_t now, struct arena *arena)
{
	struct message_row message;
	enum status status = message_read(store, &row->message_id, false, arena, &message);

	if (status != STATUS_OK)
		return status;
	if (*author_open(messenger, &message, arena).address == '\0')
		return STATUS_OK;
	return outbox_insert(store, &(struct outbox_row){.id = id_new(),
							 .kind = kind,
							 .message_id = row->message_id,
							 .has_delivery = true,
							 .delivery_id = row->id,
							 .created_at = now,
							 .next_at = now});
}

static enum status
expire_in_transaction(const struct messenger *messenger, struct store *store, const struct id *id,
		      int64_t now, struct arena *arena)
{
	struct delivery_row row;
	enum status status = delivery_read(store, id, true, arena, &row);

	if (status != STATUS_OK)
		return status;
	if (row.expires_at == 0 || row.expires_at > now)
		return STATUS_CONFLICT;
	status = delivery_close(store, id, DELIVERY_EXPIRED, now);
	if (status == STATUS_OK)
		status = session_delete_of(store, id);
	if (status != STATUS_OK)
		return status;
	if (row.state == DELIVERY_HELD || row.state == DELIVERY_SECURING)
		return tell_sender(messenger, store, &row, OUTBOX_BOUNCE, now, arena);
	if (row.state == DELIVERY_READY)
		return tell_sender(messenger, store, &row, OUTBOX_EXPIRED_UNREAD, now, arena);
	return STATUS_OK;
}

static bool
is_over(const struct delivery_row *row)
{
	return row->state >= DELIVERY_SENT;
}

/* The bytes of a message go when the last of its deliveries is over. */
static enum status
clear_in_transaction(const struct messenger *messenger, struct store *store, const struct id *id,
		     int64_t now, struct arena *arena)
{
	struct delivery_row row, *rows;
	size_t count;
	bool all_over = true;
	enum status status = delivery_read(store, id, true, arena, &row);

	(void)messenger;
	(void)now;
	if (status != STATUS_OK)
		return status;
	if (row.cleared || !is_over(&row))
		return STATUS_CONFLICT;
	status = delivery_of_message(store, &row.message_id, arena, &rows, &count);
	for (size_t i = 0; status == STATUS_OK && i < count; i++)
		all_over = all_over && is_over(&rows[i]);
	/* Closing the last of them may have queued a mail since this one was claimed. */
	if (status == STATUS_OK && all_over)
		status = outbox_check_done(store, &row.message_id);
	if (status == STATUS_OK && all_over)
		status = message_destroy(store, &row.message_id);
	if (status == STATUS_OK)
		status = session_delete_of(store, id);
	if (status == STATUS_OK)
		status = delivery_set_cleared(store, id);
	return status;
}

enum status
messenger_expire_some(const struct messenger *messenger, int64_t now, bool *worked_out)
{
	return lease_work(messenger, DELIVERY_TO_EXPIRE, expire_in_transaction, "expired", now,
			  worked_out);
}

enum status
messenger_clear_some(const struct messenger *messenger, int64_t now, bool *worked_out)
{
	return lease_work(messenger, DELIVERY_TO_CLEAR, clear_in_transaction, "cleared", now,
			  worked_out);
}

enum status
messenger_sweep(const struct messenger *messenger, int64_t now)
{
	const struct policy *policy = messenger->policy;
	struct store *store = store_pool_get(messenger->stores);
	size_t swept;
	enum status status =
	    session_sweep(store, now - policy->session_idle_seconds, now - policy->session_seconds);

	if (status == STATUS_OK)
		status = throttle_sweep(store, now - THROTTLE_SECONDS);
	if (status == STATUS_OK)
		status = message_sweep_uploads(store, now - UPLOAD_SECONDS, &swept);
	store_pool_put(messenger->stores, store);
	return status;
}
