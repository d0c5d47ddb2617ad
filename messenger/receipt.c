#include "messenger/receipt.h"

#include "base/log.h"
#include "messenger/door.h"
#include "messenger/post.h"
#include "messenger/throttle.h"

#define ASK_PAUSE 3600

/* *new_out: it was not taken before. */
static enum status
take_one(const struct messenger *messenger, struct store *store, const struct delivery_row *row,
	 const struct taken_file *file, int64_t now, struct arena *arena, bool *new_out)
{
	struct taken_row taken = {.part = file->part, .taken_at = now};
	enum status status;

	if ((row->wishes & WISH_FILE_NAMES) != 0)
		taken.name =
		    messenger_display_seal(messenger, "taken.name", &row->id, file->name, arena);
	status = delivery_take(store, &row->id, &taken);
	*new_out = status == STATUS_OK;
	return status == STATUS_CONFLICT ? STATUS_OK : status;
}

static enum status
take_in_transaction(const struct messenger *messenger, struct store *store,
		    const struct id *delivery, const struct taken_file *files, size_t count,
		    int64_t now, struct arena *arena)
{
	struct delivery_row row;
	bool any = false;
	enum status status = delivery_read(store, delivery, false, arena, &row);

	for (size_t i = 0; i < count && status == STATUS_OK; i++) {
		bool is_new = false;

		status = take_one(messenger, store, &row, &files[i], now, arena, &is_new);
		any |= is_new;
	}
	if (status == STATUS_OK && any && (row.wishes & (WISH_FILES | WISH_FILE_NAMES)) != 0)
		status = post_later(store, OUTBOX_TAKEN, &row, now,
				    now + messenger->policy->receipt_seconds);
	return status;
}

enum status
messenger_take(const struct messenger *messenger, const struct id *delivery,
	       const struct taken_file *files, size_t count, int64_t now)
{
	struct arena *arena = arena_new();
	struct store *store = store_pool_get(messenger->stores);
	enum status status = store_begin(store);

	if (status == STATUS_OK)
		status = take_in_transaction(messenger, store, delivery, files, count, now, arena);
	status = store_end(store, status);
	store_pool_put(messenger->stores, store);
	arena_free(arena);
	return status;
}

static enum status
ask_in_transaction(const struct messenger *messenger, struct store *store, struct door *door,
		   int64_t now, int64_t *retry_at_out, struct arena *arena)
{
	struct delivery_row *row = &door->delivery;
	struct throttle limit;
	enum status status = delivery_read(store, &row->id, true, arena, row);

	if (status != STATUS_OK)
		return status;
	if (door_standing(door, now) != STANDING_READY)
		return STATUS_GONE;
	if (row->asked_at > now - ASK_PAUSE && row->asked_at <= now) {
		*retry_at_out = row->asked_at + ASK_PAUSE;
		return STATUS_BUSY;
	}
	limit = throttle_pair("throttle asked", row->sender_index, row->recipient_index,
			      messenger->policy->pair_mails, arena);
	status = throttle_once(messenger, store, &limit, now, retry_at_out);
	if (status == STATUS_OK)
		status = delivery_set_asked(store, &row->id, now, now);
	if (status == STATUS_OK)
		status = post(store, OUTBOX_ASKED, row, now);
	return status == STATUS_OK ? store_notify(store, "postern_work") : status;
}

enum status
messenger_ask(const struct messenger *messenger, struct slice link, int64_t now,
	      int64_t *retry_at_out)
{
	struct arena *arena = arena_new();
	struct store *store = store_pool_get(messenger->stores);
	char id[ID_TEXT_SIZE];
	struct door door;
	enum status status = door_find(store, link, LINK_RECIPIENT, arena, &door);

	*retry_at_out = 0;
	if (status == STATUS_OK) {
		status = store_begin(store);
		if (status == STATUS_OK)
			status =
			    ask_in_transaction(messenger, store, &door, now, retry_at_out, arena);
		status = store_end(store, status);
		log_info("asked", LOG_TEXT("delivery", id_text(door.delivery.id, id)),
			 LOG_TEXT("status", status_text(status)));
		door_clear(&door);
	}
	store_pool_put(messenger->stores, store);
	arena_free(arena);
	return status == STATUS_CONFLICT ? STATUS_GONE : status;
}
