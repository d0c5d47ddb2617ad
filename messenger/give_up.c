#include "messenger/give_up.h"

#include "base/log.h"
#include "mail/address.h"
#include "messenger/mailed_link.h"
#include "messenger/post.h"

#define HOUR 3600

static struct give_up_view
view_row(const struct messenger *messenger, const struct give_up_row *row, int64_t now,
	 struct arena *arena)
{
	bool lapsed =
	    (row->state == GIVE_UP_ASKED || row->state == GIVE_UP_BEGUN) && row->lapses_at <= now;

	return (struct give_up_view){
	    .address =
		messenger_display_open(messenger, GIVE_UP_ADDRESS, &row->id, row->address, arena),
	    .begun_by =
		reset_open_person(messenger, GIVE_UP_BEGUN_BY, &row->id, row->begun_by, arena),
	    .ended_by =
		reset_open_person(messenger, GIVE_UP_ENDED_BY, &row->id, row->ended_by, arena),
	    .state = lapsed ? GIVE_UP_LAPSED : row->state,
	    .begun_at = row->begun_at,
	    .ready_at = row->ready_at,
	    .lapses_at = row->lapses_at,
	    .ended_at = lapsed ? row->lapses_at : row->ended_at,
	};
}

enum status
give_up_post(struct store *store, const struct id *give_up, enum give_up_step step, int64_t now)
{
	return post_step(store, OUTBOX_GIVE_UP, give_up, step, now);
}

/* --- asking for the link --- */

/* A link that is on its way, or lies in a mailbox, is good: who asks again gets no other one. */
static enum status
ask_in_transaction(const struct messenger *messenger, struct store *store, const char *address,
		   const char *language, int64_t now, int64_t *retry_at_out, struct arena *arena)
{
	struct give_up_row row = {
	    .id = id_new(),
	    .owner_index = messenger_address_index(messenger, address, arena),
	    .language = language,
	    .asked_at = now,
	    .lapses_at = now + GIVE_UP_LINK_SECONDS,
	};
	struct throttle limit = {"throttle give-up", row.owner_index, GIVE_UP_LINKS_A_DAY,
				 THROTTLE_WINDOW_MOST};
	struct mailed_link link;
	enum status status = mailed_link_make(messenger, &row.id, arena, &link);

	if (status != STATUS_OK)
		return status;
	row.link_wrap = link.wrap;
	row.address = messenger_display_seal(messenger, GIVE_UP_ADDRESS, &row.id, address, arena);
	status = give_up_lapse(store, row.owner_index, now);
	if (status == STATUS_OK)
		status = give_up_ask(store, link.hash, &row);
	if (status != STATUS_OK)
		return status == STATUS_CONFLICT ? STATUS_OK : status;
	status = throttle_once(messenger, store, &limit, now, retry_at_out);
	return status == STATUS_OK ? give_up_post(store, &row.id, GIVE_UP_STEP_LINK, now) : status;
}

/* As many as a network may ask for codes to sign in. */
static enum status
ask_from(const struct messenger *messenger, struct slice network, const char *address,
	 const char *language, int64_t now, int64_t *retry_at_out, struct arena *arena)
{
	struct throttle limit = {"throttle give-up network", network,
				 messenger->policy->sign_in_network, HOUR};
	struct store *store = store_pool_get(messenger->stores);
	enum status status = throttle_once(messenger, store, &limit, now, retry_at_out);

	if (status == STATUS_OK) {
		status = store_begin(store);
		if (status == STATUS_OK)
			status = ask_in_transaction(messenger, store, address, language, now,
						    retry_at_out, arena);
		status = store_end(store, status);
	}
	store_pool_put(messenger->stores, store);
	return status;
}

enum status
messenger_give_up_ask(const struct messenger *messenger, struct slice address, struct slice network,
		      const char *language, int64_t now, int64_t *retry_at_out)
{
	struct arena *arena = arena_new();
	struct slice typed = slice_trim(address);
	enum status status = STATUS_INVALID;

	*retry_at_out = 0;
	if (address_check(typed, NULL) == STATUS_OK)
		status = ask_from(messenger, network, address_normalise(typed, arena), language,
				  now, retry_at_out, arena);
	log_info("give-up-asked", LOG_TEXT("status", status_text(status)));
	arena_free(arena);
	return status;
}

/* --- by the link --- */

/* The row of a link, and the mailbox that it would end: one that there was when it was asked for,
 * so that no old link ends a new mailbox. */
static enum status
follow(struct store *store, struct slice link, int64_t now, struct arena *arena,
       struct give_up_row *row, struct mailbox_row *mailbox)
{
	struct slice hash;
	enum status status = mailed_link_hash(link, arena, &hash);

	if (status == STATUS_OK)
		status = give_up_find_link(store, hash, arena, row);
	if (status != STATUS_OK)
		return status;
	if (row->state == GIVE_UP_LAPSED || (row->state == GIVE_UP_ASKED && row->lapses_at <= now))
		return STATUS_GONE;
	status = mailbox_find(store, row->owner_index, arena, mailbox);
	if (status == STATUS_NOT_FOUND ||
	    (status == STATUS_OK && mailbox->created_at > row->asked_at))
		return STATUS_GONE;
	return status;
}

enum status
messenger_give_up_look(const struct messenger *messenger, struct slice link, int64_t now,
		       struct arena *arena, struct give_up_view *view_out)
{
	struct store *store = store_pool_get(messenger->stores);
	struct mailbox_row mailbox;
	struct give_up_row row, begun;
	enum status status = follow(store, link, now, arena, &row, &mailbox);

	/* By another link, or by administrators. */
	if (status == STATUS_OK && row.state == GIVE_UP_ASKED) {
		status = give_up_of_mailbox(store, &mailbox.id, now, arena, &begun);
		if (status == STATUS_OK)
			row = begun;
		if (status == STATUS_NOT_FOUND)
			status = STATUS_OK;
	}
	store_pool_put(messenger->stores, store);
	if (status == STATUS_OK)
		*view_out = view_row(messenger, &row, now, arena);
	return status;
}

/* The mailbox's row first: of two who begin, or end it, at once one waits for the other. */
static enum status
begin_in_transaction(const struct messenger *messenger, struct store *store, struct slice link,
		     int64_t now, struct arena *arena)
{
	struct mailbox_row mailbox;
	struct give_up_row row;
	enum status status = follow(store, link, now, arena, &row, &mailbox);

	if (status == STATUS_OK && row.state != GIVE_UP_ASKED)
		status = STATUS_CONFLICT;
	if (status != STATUS_OK)
		return status;
	status = mailbox_lock(store, &mailbox.id);
	if (status == STATUS_OK)
		status = mailbox_language(store, mailbox.address_index, arena, &row.language);
	if (status != STATUS_OK)
		return status == STATUS_NOT_FOUND ? STATUS_GONE : status;
	row.mailbox_id = mailbox.id;
	row.begun_at = now;
	row.ready_at = now + messenger->policy->mailbox_wait_seconds;
	status = give_up_begin(store, &row);
	return status == STATUS_OK ? give_up_post(store, &row.id, GIVE_UP_STEP_BEGUN, now) : status;
}

enum status
messenger_give_up_begin(const struct messenger *messenger, struct slice link, int64_t now)
{
	struct arena *arena = arena_new();
	struct store *store = store_pool_get(messenger->stores);
	enum status status = store_begin(store);

	if (status == STATUS_OK)
		status = begin_in_transaction(messenger, store, link, now, arena);
	status = store_end(store, status);
	store_pool_put(messenger->stores, store);
	log_info("give-up-begun", LOG_TEXT("status", status_text(status)));
	arena_free(arena);
	return status;
}

/* --- by who is signed in --- */

enum status
messenger_give_up_find(const struct messenger *messenger, struct slice owner_index, int64_t now,
		       struct arena *arena, struct give_up_view *view_out)
{
	struct store *store = store_pool_get(messenger->stores);
	struct give_up_row row;
	enum status status = give_up_of_owner(store, owner_index, now, arena, &row);

	store_pool_put(messenger->stores, store);
	if (status == STATUS_OK)
		*view_out = view_row(messenger, &row, now, arena);
	return status;
}

enum status
messenger_give_up_stop(const struct messenger *messenger, const struct inbox *inbox, int64_t now)
{
	struct arena *arena = arena_new();
	struct store *store = store_pool_get(messenger->stores);
	struct give_up_row row;
	enum status status = store_begin(store);

	if (status == STATUS_OK)
		status = give_up_of_mailbox(store, &inbox->id, now, arena, &row);
	if (status == STATUS_OK)
		status = give_up_stop(store, &row.id, now);
	if (status == STATUS_OK)
		status = give_up_post(store, &row.id, GIVE_UP_STEP_STOPPED, now);
	status = store_end(store, status);
	store_pool_put(messenger->stores, store);
	/* Somebody tried to end it who does not know its passphrase. */
	if (status == STATUS_OK)
		log_warning("give-up-stopped", LOG_TEXT("by", "its owner"));
	arena_free(arena);
	return status == STATUS_CONFLICT ? STATUS_NOT_FOUND : status;
}

/* --- by administrators --- */

struct administering {
	const struct messenger *messenger;
	struct store *store;
	const char *owner;
	struct slice index;
	const struct reset_person *by;
	int64_t now;
	struct arena *arena;
	int64_t ready_at;
};
typedef enum status administering_step(struct administering *doing);

static enum status
begin_by(struct administering *doing)
{
	const struct messenger *messenger = doing->messenger;
	struct give_up_row row = {.id = id_new(), .owner_index = doing->index};
	struct mailbox_row mailbox;
	enum status status = mailbox_find(doing->store, doing->index, doing->arena, &mailbox);

	if (status == STATUS_OK)
		status = mailbox_lock(doing->store, &mailbox.id);
	if (status == STATUS_OK)
		status = mailbox_language(doing->store, mailbox.address_index, doing->arena,
					  &row.language);
	if (status == STATUS_OK)
		status = give_up_lapse(doing->store, doing->index, doing->now);
	if (status != STATUS_OK)
		return status;
	row.mailbox_id = mailbox.id;
	row.begun_at = doing->now;
	row.ready_at = doing->now + messenger->policy->mailbox_wait_seconds;
	row.lapses_at = row.ready_at + RESET_LAPSE_SECONDS;
	row.address =
	    messenger_display_seal(messenger, GIVE_UP_ADDRESS, &row.id, doing->owner, doing->arena);
	row.begun_by =
	    reset_seal_person(messenger, GIVE_UP_BEGUN_BY, &row.id, doing->by, doing->arena);
	status = give_up_insert(doing->store, &row);
	doing->ready_at = row.ready_at;
	return status == STATUS_OK
		   ? give_up_post(doing->store, &row.id, GIVE_UP_STEP_BEGUN, doing->now)
		   : status;
}

static enum status
complete_by(struct administering *doing)
{
	const struct messenger *messenger = doing->messenger;
	struct reset_person begun_by;
	struct give_up_row row;
	enum status status =
	    give_up_of_owner(doing->store, doing->index, doing->now, doing->arena, &row);

	if (status == STATUS_OK && row.state != GIVE_UP_BEGUN)
		status = STATUS_NOT_FOUND;
	if (status != STATUS_OK)
		return status;
	doing->ready_at = row.ready_at;
	begun_by =
	    reset_open_person(messenger, GIVE_UP_BEGUN_BY, &row.id, row.begun_by, doing->arena);
	/* Who began it and cannot be read might be anybody. */
	if (*begun_by.name == '\0' || reset_same_person(&begun_by, doing->by))
		return STATUS_DENIED;
	if (row.ready_at > doing->now)
		return STATUS_BUSY;
	status = give_up_confirm(
	    doing->store, &row.id,
	    reset_seal_person(messenger, GIVE_UP_ENDED_BY, &row.id, doing->by, doing->arena));
	if (status == STATUS_CONFLICT)
		return STATUS_NOT_FOUND;
	return status == STATUS_OK ? store_notify(doing->store, "postern_work") : status;
}

static enum status
administer(struct administering *doing, administering_step *step, const char *event,
	   int64_t *ready_at_out)
{
	enum status status;

	doing->arena = arena_new();
	doing->store = store_pool_get(doing->messenger->stores);
	doing->index = messenger_address_index(doing->messenger, doing->owner, doing->arena);
	status = store_begin(doing->store);
	if (status == STATUS_OK)
		status = step(doing);
	status = store_end(doing->store, status);
	store_pool_put(doing->messenger->stores, doing->store);
	log_info(event, LOG_TEXT("status", status_text(status)));
	arena_free(doing->arena);
	*ready_at_out = doing->ready_at;
	return status;
}

enum status
messenger_give_up_by(const struct messenger *messenger, const char *owner,
		     const struct reset_person *by, int64_t now, int64_t *ready_at_out)
{
	struct administering doing = {.messenger = messenger, .owner = owner, .by = by, .now = now};

	return administer(&doing, begin_by, "give-up-begun", ready_at_out);
}

enum status
messenger_give_up_complete(const struct messenger *messenger, const char *owner,
			   const struct reset_person *by, int64_t now, int64_t *ready_at_out)
{
	struct administering doing = {.messenger = messenger, .owner = owner, .by = by, .now = now};

	return administer(&doing, complete_by, "give-up-completed", ready_at_out);
}

enum status
messenger_give_up_list(const struct messenger *messenger, struct slice owner_index, int64_t now,
		       struct arena *arena, struct give_up_view **views_out, size_t *count_out)
{
	struct store *store = store_pool_get(messenger->stores);
	struct give_up_view *views;
	struct give_up_row *rows;
	size_t count;
	enum status status = give_up_list(store, owner_index, GIVE_UPS_MOST, arena, &rows, &count);

	store_pool_put(messenger->stores, store);
	if (status != STATUS_OK)
		return status;
	views = arena_alloc_many(arena, count + 1, sizeof(*views));
	for (size_t i = 0; i < count; i++)
		views[i] = view_row(messenger, &rows[i], now, arena);
	*views_out = views;
	*count_out = count;
	return STATUS_OK;
}
