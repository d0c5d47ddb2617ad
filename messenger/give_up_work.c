/*
 * The end of a mailbox that is given up: what lies in it, all that is known of its owner, then
 * itself with its key, in one transaction.
 */
#include "messenger/work.h"

#include "base/log.h"
#include "messenger/account.h"
#include "messenger/give_up.h"
#include "store/session.h"
#include "store/writing.h"

#define BATCH ((size_t)8)
#define DELIVERIES_AT_ONCE ((size_t)500)

/* How much came to its end. */
struct ending {
	const struct messenger *messenger;
	struct store *store;
	struct id mailbox;
	int64_t now;
	int64_t kept; /* openable by the clue that it has */
	int64_t lost; /* openable by a new one only */
	int64_t destroyed;
};

/* What was written in it, drafts too, opens by the message's own key: it would open again with the
 * new clue, which the message's sender knows as well. */
static enum status
lose(struct ending *ending, const struct id *delivery)
{
	enum status status = delivery_set_lost(ending->store, delivery, ending->now);

	if (status == STATUS_OK)
		status = session_delete_of(ending->store, delivery);
	if (status == STATUS_OK)
		status = writing_forget(ending->store, delivery);
	ending->lost++;
	return status;
}

static enum status
destroy(struct ending *ending, const struct id *delivery)
{
	enum status status = delivery_close(ending->store, delivery, DELIVERY_DESTROYED,
					    CLOSED_BY_GIVING_UP, ending->now);

	if (status == STATUS_OK)
		status = session_delete_of(ending->store, delivery);
	ending->destroyed++;
	return status;
}

static enum status
end_one(struct ending *ending, const struct id *id, struct arena *arena)
{
	struct delivery_row row;
	enum status status = delivery_read(ending->store, id, true, arena, &row);

	if (status != STATUS_OK)
		return status;
	/* A lock of its own has opened it, and does. */
	if (row.has_lock) {
		ending->kept++;
		return mailbox_message_delete(ending->store, id);
	}
	return row.rescue_wrap.size > 0 ? lose(ending, id) : destroy(ending, id);
}

static enum status
end_some(struct ending *ending, bool *more_out)
{
	struct arena *arena = arena_new();
	struct id *ids;
	size_t count = 0;
	enum status status = mailbox_deliveries(ending->store, &ending->mailbox, DELIVERIES_AT_ONCE,
						arena, &ids, &count);

	for (size_t i = 0; status == STATUS_OK && i < count; i++)
		status = end_one(ending, &ids[i], arena);
	*more_out = count == DELIVERIES_AT_ONCE;
	arena_free(arena);
	return status;
}

static enum status
end_contents(struct ending *ending)
{
	bool more = true;
	enum status status = mailbox_session_delete_of(ending->store, &ending->mailbox);

	while (status == STATUS_OK && more)
		status = end_some(ending, &more);
	return status;
}

static enum status
forget_owner(const struct ending *ending, const struct give_up_row *row, struct arena *arena)
{
	const char *address = messenger_display_open(ending->messenger, GIVE_UP_ADDRESS, &row->id,
						     row->address, arena);

	return account_forget(ending->messenger, ending->store, address, row->owner_index);
}

static enum status
give_up(struct ending *ending, const struct id *id, struct arena *arena)
{
	struct give_up_row row;
	enum status status = give_up_read(ending->store, id, arena, &row);

	/* The mailbox first, as whoever begins, stops or closes does. */
	if (status == STATUS_OK)
		status = row.has_mailbox ? mailbox_lock(ending->store, &row.mailbox_id)
					 : STATUS_NOT_FOUND;
	if (status == STATUS_OK)
		status = give_up_lock(ending->store, id, arena, &row);
	if (status == STATUS_OK && row.ready_at > ending->now)
		status = STATUS_NOT_FOUND;
	/* Stopped, closed, or done by somebody else. */
	if (status != STATUS_OK)
		return status == STATUS_NOT_FOUND ? STATUS_CONFLICT : status;
	ending->mailbox = row.mailbox_id;
	status = end_contents(ending);
	if (status == STATUS_OK)
		status = forget_owner(ending, &row, arena);
	if (status == STATUS_OK)
		status = give_up_done(ending->store, &row.id, ending->now);
	if (status == STATUS_OK)
		status = mailbox_delete(ending->store, &row.mailbox_id);
	if (status == STATUS_OK)
		status = give_up_forget(ending->store, row.owner_index);
	return status == STATUS_OK
		   ? give_up_post(ending->store, &row.id, GIVE_UP_STEP_DONE, ending->now)
		   : status;
}

static enum status
give_up_in_transaction(const struct messenger *messenger, struct store *store, const struct id *id,
		       int64_t now)
{
	struct ending ending = {.messenger = messenger, .store = store, .now = now};
	struct arena *arena = arena_new();
	enum status status = store_begin(store);

	if (status == STATUS_OK)
		status = give_up(&ending, id, arena);
	status = store_end(store, status);
	if (status != STATUS_CONFLICT)
		log_warning("given-up", LOG_TEXT("status", status_text(status)),
			    LOG_NUMBER("kept", ending.kept), LOG_NUMBER("lost", ending.lost),
			    LOG_NUMBER("destroyed", ending.destroyed));
	arena_free(arena);
	return status;
}

enum status
messenger_give_up_some(const struct messenger *messenger, int64_t now, bool *worked_out)
{
	struct store *store = store_pool_get(messenger->stores);
	struct arena *arena = arena_new();
	struct id *ids = NULL;
	size_t count = 0;
	enum status status = give_up_due(store, now, BATCH, arena, &ids, &count);

	*worked_out = false;
	for (size_t i = 0; i < count && status == STATUS_OK; i++) {
		status = give_up_in_transaction(messenger, store, &ids[i], now);
		*worked_out = *worked_out || status == STATUS_OK;
		/* One that fails is tried again in the next round; the others go on. */
		if (status != STATUS_UNAVAILABLE)
			status = STATUS_OK;
	}
	arena_free(arena);
	store_pool_put(messenger->stores, store);
	return status;
}
