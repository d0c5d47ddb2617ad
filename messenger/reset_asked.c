#include "messenger/reset_asked.h"

#include "base/log.h"
#include "mail/address.h"
#include "messenger/account.h"
#include "messenger/claimant.h"
#include "messenger/mailed_link.h"
#include "messenger/post.h"
#include "messenger/work.h"
#include "store/mailbox.h"

#define BATCH ((size_t)16)

enum status
factors_lost_post(struct store *store, const struct id *reset, enum factors_lost_step step,
		  int64_t now)
{
	return post_step(store, OUTBOX_FACTORS_LOST, reset, step, now);
}

/* --- the first consent --- */

struct asking {
	const struct messenger *messenger;
	struct store *store;
	const struct desk *desk;
	const struct delivery_row *delivery;
	int64_t now;
	struct arena *arena;
};

/* Counted whether anything comes of it, so that the answer tells nothing. */
static enum status
count_asking(const struct asking *asking, int64_t *retry_at_out)
{
	struct throttle limits[] = {
	    {"throttle factors lost by", asking->delivery->sender_index, RESETS_ASKED_BY_SENDER,
	     THROTTLE_WINDOW_MOST},
	    {"throttle factors lost of", asking->delivery->recipient_index,
	     RESETS_ASKED_OF_RECIPIENT, THROTTLE_WINDOW_MOST},
	};
	enum status status = STATUS_OK;

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]) && status == STATUS_OK; i++)
		status = throttle_once(asking->messenger, asking->store, &limits[i], asking->now,
				       retry_at_out);
	return status;
}

/* Whoever asked at the desk does not agree as an administrator as well: people are called on
 * machines as in their addresses, so the local part stands where the account of an administrator
 * does. */
static struct reset_person
sender_person(const struct asking *asking)
{
	return (struct reset_person){
	    asking->desk->address,
	    arena_text_from(asking->arena, address_local(slice_from_text(asking->desk->address)))};
}

static enum status
write_row(const struct asking *asking, const struct mailbox_row *mailbox, const char *owner)
{
	const struct messenger *messenger = asking->messenger;
	struct reset_person sender = sender_person(asking);
	struct reset_row row = {
	    .id = id_new(),
	    .owner_index = mailbox->address_index,
	    .begun_at = asking->now,
	    .lapses_at = asking->now + RESET_ASKED_SECONDS,
	};
	struct mailed_link link;
	enum status status = mailed_link_make(messenger, &row.id, asking->arena, &link);

	if (status == STATUS_OK)
		status = mailbox_language(asking->store, mailbox->address_index, asking->arena,
					  &row.language);
	if (status != STATUS_OK)
		return status;
	row.link_wrap = link.wrap;
	row.address =
	    messenger_display_seal(messenger, RESET_ADDRESS, &row.id, owner, asking->arena);
	row.begun_by =
	    reset_seal_person(messenger, RESET_BEGUN_BY, &row.id, &sender, asking->arena);
	status = reset_ask(asking->store, link.hash, &row);
	return status == STATUS_OK
		   ? factors_lost_post(asking->store, &row.id, FACTORS_LOST_ASKED, asking->now)
		   : status;
}

static enum status
ask(const struct asking *asking, int64_t *retry_at_out)
{
	const struct delivery_row *delivery = asking->delivery;
	struct mailbox_row mailbox;
	bool has_factor = false;
	const char *owner;
	enum status status;

	if ((delivery->state != DELIVERY_READY && delivery->state != DELIVERY_OPENED) ||
	    delivery->expires_at <= asking->now)
		return STATUS_CONFLICT;
	status = mailbox_of_delivery(asking->store, &delivery->id, asking->arena, &mailbox);
	if (status == STATUS_NOT_FOUND)
		return STATUS_CONFLICT;
	if (status == STATUS_OK)
		status = count_asking(asking, retry_at_out);
	if (status == STATUS_OK)
		status = account_needs_factor(asking->messenger, asking->store,
					      mailbox.address_index, asking->arena, &has_factor);
	if (status != STATUS_OK || !has_factor)
		return status;
	owner = messenger_display_open(asking->messenger, "mailbox.address", &mailbox.id,
				       mailbox.address, asking->arena);
	/* Theirs are those of the desk, too, which two administrators alone take away. */
	if (policy_is_own(asking->messenger->policy, slice_from_text(owner)))
		return STATUS_OK;
	status = write_row(asking, &mailbox, owner);
	return status == STATUS_CONFLICT ? STATUS_OK : status;
}

enum status
messenger_reset_ask(const struct messenger *messenger, const struct desk *desk,
		    const struct id *delivery, int64_t now, int64_t *retry_at_out)
{
	struct claimant claimant = {.owner_index = desk->index, .delivery = *delivery};
	struct asking asking = {.messenger = messenger,
				.store = store_pool_get(messenger->stores),
				.desk = desk,
				.now = now,
				.arena = arena_new()};
	char id[ID_TEXT_SIZE];
	struct door door;
	enum status status = store_begin(asking.store);

	*retry_at_out = 0;
	if (status == STATUS_OK)
		status = claimant_open(asking.store, &claimant, asking.arena, &door);
	if (status == STATUS_OK) {
		asking.delivery = &door.delivery;
		status = ask(&asking, retry_at_out);
		door_clear(&door);
	}
	status = store_end(asking.store, status);
	store_pool_put(messenger->stores, asking.store);
	log_warning("factors-lost-asked", LOG_TEXT("delivery", id_text(*delivery, id)),
		    LOG_TEXT("status", status_text(status)));
	arena_free(asking.arena);
	return status;
}

/* --- the second --- */

enum status
reset_take_consent(const struct messenger *messenger, struct store *store, const struct id *reset,
		   struct slice ended_by, int64_t now, int64_t *ready_at_out)
{
	int64_t wait = messenger->policy->reset_seconds;
	enum status status;

	*ready_at_out = now + (wait > RESET_ASKED_WAIT ? wait : RESET_ASKED_WAIT);
	status = reset_agree(store, reset, *ready_at_out, ended_by);
	return status == STATUS_OK ? factors_lost_post(store, reset, FACTORS_LOST_AGREED, now)
				   : status;
}

static enum status
follow(struct store *store, struct slice link, int64_t now, struct arena *arena,
       struct reset_row *row)
{
	struct slice hash;
	enum status status = mailed_link_hash(link, arena, &hash);

	if (status == STATUS_OK)
		status = reset_find_link(store, hash, arena, row);
	if (status == STATUS_OK &&
	    (row->state == RESET_LAPSED || (row->state == RESET_ASKED && row->lapses_at <= now)))
		status = STATUS_GONE;
	return status;
}

enum status
messenger_reset_look(const struct messenger *messenger, struct slice link, int64_t now,
		     struct arena *arena, struct reset_view *view_out)
{
	struct store *store = store_pool_get(messenger->stores);
	struct reset_row row;
	enum status status = follow(store, link, now, arena, &row);

	store_pool_put(messenger->stores, store);
	if (status == STATUS_OK)
		*view_out = reset_view_row(messenger, &row, now, arena);
	return status;
}

enum status
messenger_reset_agree(const struct messenger *messenger, struct slice link, int64_t now)
{
	struct arena *arena = arena_new();
	struct store *store = store_pool_get(messenger->stores);
	struct reset_row row;
	int64_t ready_at;
	enum status status = store_begin(store);

	if (status == STATUS_OK)
		status = follow(store, link, now, arena, &row);
	if (status == STATUS_OK)
		status = reset_take_consent(messenger, store, &row.id, slice_of(NULL, 0), now,
					    &ready_at);
	status = store_end(store, status);
	store_pool_put(messenger->stores, store);
	log_warning("factors-lost-agreed", LOG_TEXT("status", status_text(status)));
	arena_free(arena);
	return status;
}

/* --- its end --- */

static enum status
complete(struct store *store, const struct id *id, int64_t now, struct arena *arena)
{
	struct reset_row row;
	enum status status = reset_end_agreed(store, id, now);

	if (status == STATUS_OK)
		status = reset_read(store, id, arena, &row);
	if (status == STATUS_OK)
		status = reset_take_away(store, row.owner_index, now);
	return status == STATUS_OK ? factors_lost_post(store, id, FACTORS_LOST_DONE, now) : status;
}

enum status
messenger_reset_some(const struct messenger *messenger, int64_t now, bool *worked_out)
{
	struct store *store = store_pool_get(messenger->stores);
	struct arena *arena = arena_new();
	struct id *ids = NULL;
	size_t count = 0;
	enum status status = reset_due(store, now, BATCH, arena, &ids, &count);

	*worked_out = false;
	for (size_t i = 0; i < count && status == STATUS_OK; i++) {
		status = store_begin(store);
		if (status == STATUS_OK)
			status = complete(store, &ids[i], now, arena);
		status = store_end(store, status);
		*worked_out = *worked_out || status == STATUS_OK;
		if (status != STATUS_CONFLICT)
			log_warning("factors-lost-done", LOG_TEXT("status", status_text(status)));
		/* One that fails is tried again in the next round; the others go on. */
		if (status != STATUS_UNAVAILABLE)
			status = STATUS_OK;
	}
	arena_free(arena);
	store_pool_put(messenger->stores, store);
	return status;
}
