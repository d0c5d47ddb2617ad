#include "messenger/holders.h"

#include <string.h>

#include "store/give_up.h"
#include "store/message.h"

/* Any state of a delivery that gives no way to its holder makes it none. */
static bool
can_be_reached(const struct delivery_row *row, int64_t now)
{
	if (row->route == ROUTE_PLAIN)
		return row->state == DELIVERY_SENT && strcmp(row->reason, "own-domain") == 0;
	return row->route == ROUTE_PORTAL && row->expires_at > now && !delivery_is_lost(row) &&
	       (row->state == DELIVERY_READY || row->state == DELIVERY_OPENED);
}

struct gathering {
	const struct messenger *messenger;
	struct store *store;
	const struct delivery_row *answered;
	int64_t now;
	struct arena *arena;
	struct holder *holders;
	size_t count;
};

/* What lies in a mailbox that is about to go has no other way to its holder. */
static enum status
check_mailbox(const struct gathering *gathering, const struct delivery_row *row, bool *ending_out)
{
	*ending_out = false;
	return delivery_in_mailbox(row)
		   ? give_up_dooms(gathering->store, &row->id, gathering->now, ending_out)
		   : STATUS_OK;
}

static enum status
add(struct gathering *gathering, const struct delivery_row *row)
{
	const struct delivery_row *answered = gathering->answered;
	struct holder *holder = &gathering->holders[gathering->count];
	bool ending;
	enum status status;

	if (id_equal(row->id, answered->id) || !can_be_reached(row, gathering->now) ||
	    slice_equal(row->recipient_index, answered->recipient_index) ||
	    slice_equal(row->recipient_index, answered->sender_index))
		return STATUS_OK;
	for (size_t i = 0; i < gathering->count; i++)
		if (slice_equal(gathering->holders[i].delivery.recipient_index,
				row->recipient_index))
			return STATUS_OK;
	status = check_mailbox(gathering, row, &ending);
	if (status != STATUS_OK || ending)
		return status;
	*holder = (struct holder){
	    .address = messenger_display_open(gathering->messenger, "delivery.recipient", &row->id,
					      row->recipient, gathering->arena),
	    .name = "",
	    .inside = row->route == ROUTE_PLAIN,
	    .delivery = *row,
	};
	if (*holder->address != '\0')
		gathering->count++;
	return STATUS_OK;
}

enum status
holders_of(const struct messenger *messenger, struct store *store,
	   const struct delivery_row *answered, int64_t now, struct arena *arena,
	   struct holder **holders_out, size_t *count_out)
{
	struct gathering gathering = {.messenger = messenger,
				      .store = store,
				      .answered = answered,
				      .now = now,
				      .arena = arena};
	struct delivery_row *rows, author;
	struct message_row message;
	size_t count;
	enum status status =
	    delivery_of_message(store, &answered->message_id, arena, &rows, &count);

	if (status == STATUS_OK)
		status = message_read(store, &answered->message_id, false, arena, &message);
	if (status != STATUS_OK)
		return status;
	gathering.holders = arena_alloc_many(arena, count + 2, sizeof(*gathering.holders));
	if (message.has_parent) {
		status = delivery_read(store, &message.parent_delivery, false, arena, &author);
		if (status != STATUS_OK)
			return status;
		status = add(&gathering, &author);
	}
	for (size_t i = 0; i < count && status == STATUS_OK; i++)
		status = add(&gathering, &rows[i]);
	if (status != STATUS_OK)
		return status;
	*holders_out = gathering.holders;
	*count_out = gathering.count;
	return STATUS_OK;
}

/* The mailboxes of To and Cc, each with the index of its address. */
struct shown {
	const struct mailbox **mailboxes;
	struct slice *indexes;
	size_t count;
};

static void
show(const struct messenger *messenger, const struct mailbox *mailboxes, size_t count,
     struct arena *arena, struct shown *shown)
{
	for (size_t i = 0; i < count; i++) {
		shown->indexes[shown->count] =
		    messenger_address_index(messenger, mailboxes[i].address, arena);
		shown->mailboxes[shown->count++] = &mailboxes[i];
	}
}

static struct shown
show_all(const struct messenger *messenger, const struct manifest *manifest, struct arena *arena)
{
	size_t most = manifest->to_count + manifest->cc_count + 1;
	struct shown shown = {.count = 0};

	/* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers is meant. */
	shown.mailboxes = arena_alloc_many(arena, most, sizeof(*shown.mailboxes));
	shown.indexes = arena_alloc_many(arena, most, sizeof(*shown.indexes));
	show(messenger, manifest->to, manifest->to_count, arena, &shown);
	show(messenger, manifest->cc, manifest->cc_count, arena, &shown);
	return shown;
}

static const struct mailbox *
find_shown(const struct shown *shown, struct slice index)
{
	for (size_t i = 0; i < shown->count; i++)
		if (slice_equal(shown->indexes[i], index))
			return shown->mailboxes[i];
	return NULL;
}

static enum status
read_all(const struct messenger *messenger, const struct opened *opened, int64_t now,
	 struct arena *arena, struct delivery_row *answered, struct message_row *message,
	 struct holder **holders_out, size_t *count_out)
{
	struct store *store = store_pool_get(messenger->stores);
	enum status status = delivery_read(store, &opened->delivery, false, arena, answered);

	if (status == STATUS_OK)
		status = message_read(store, &opened->message, false, arena, message);
	if (status == STATUS_OK)
		status = holders_of(messenger, store, answered, now, arena, holders_out, count_out);
	store_pool_put(messenger->stores, store);
	return status;
}

enum status
messenger_holders(const struct messenger *messenger, const struct opened *opened, int64_t now,
		  struct arena *arena, struct holder **holders_out, size_t *count_out)
{
	const struct manifest *manifest = &opened->manifest;
	struct delivery_row answered;
	struct message_row message;
	struct holder *holders;
	struct shown shown;
	size_t count, kept = 0;
	enum status status =
	    read_all(messenger, opened, now, arena, &answered, &message, &holders, &count);

	if (status != STATUS_OK)
		return status;
	shown = show_all(messenger, manifest, arena);
	if (find_shown(&shown, answered.recipient_index) == NULL)
		count = 0;
	for (size_t i = 0; i < count; i++) {
		const struct mailbox *mailbox =
		    find_shown(&shown, holders[i].delivery.recipient_index);
		bool author =
		    message.has_parent && id_equal(holders[i].delivery.id, message.parent_delivery);

		if (mailbox == NULL && !author)
			continue;
		holders[i].name = mailbox != NULL ? mailbox->name : manifest->from.name;
		holders[kept++] = holders[i];
	}
	*holders_out = holders;
	*count_out = kept > HOLDERS_MAX ? 0 : kept;
	return STATUS_OK;
}
