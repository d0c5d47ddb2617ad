#include "messenger/change.h"

#include "base/log.h"
#include "messenger/post.h"
#include "messenger/remind.h"
#include "store/session.h"

#define DAY 86400
#define RESEND_PAUSE 900

/* One change, inside its transaction; the delivery is locked and fresh. */
struct change {
	const struct messenger *messenger;
	struct arena *arena;
	int64_t now;
	struct door door;
	struct delivery_row *delivery; /* the door's */
	enum closed_by by;
	int days;
	bool anew;
	int64_t retry_at;
};

typedef enum status change_job(struct change *change, struct store *store);

static enum status
run_in_transaction(struct change *change, struct store *store, change_job *job)
{
	enum status status = store_begin(store);

	if (status == STATUS_OK)
		status = delivery_read(store, &change->delivery->id, true, change->arena,
				       change->delivery);
	if (status == STATUS_OK)
		status = job(change, store);
	if (status == STATUS_OK)
		status = store_notify(store, "postern_work");
	return store_end(store, status);
}

static enum status
run(struct change *change, const struct claimant *claimant, change_job *job, const char *event)
{
	struct store *store = store_pool_get(change->messenger->stores);
	char id[ID_TEXT_SIZE];
	enum status status;

	change->arena = arena_new();
	change->by = claimant->administrator ? CLOSED_BY_ADMIN : CLOSED_BY_SENDER;
	status = claimant_open(store, claimant, change->arena, &change->door);
	if (status == STATUS_OK) {
		change->delivery = &change->door.delivery;
		status = run_in_transaction(change, store, job);
		log_info(event, LOG_TEXT("delivery", id_text(change->delivery->id, id)),
			 LOG_TEXT("status", status_text(status)));
		door_clear(&change->door);
	}
	store_pool_put(change->messenger->stores, store);
	arena_free(change->arena);
	return status;
}

static enum status
close_as(struct change *change, struct store *store, enum delivery_state state)
{
	const struct id *id = &change->delivery->id;
	enum status status = delivery_close(store, id, state, change->by, change->now);

	return status == STATUS_OK ? session_delete_of(store, id) : status;
}

static enum status
recall(struct change *change, struct store *store)
{
	return close_as(change, store, DELIVERY_RECALLED);
}

static enum status
destroy(struct change *change, struct store *store)
{
	return close_as(change, store, DELIVERY_DESTROYED);
}

enum status
messenger_recall(const struct messenger *messenger, const struct claimant *claimant, int64_t now)
{
	struct change change = {.messenger = messenger, .now = now};

	return run(&change, claimant, recall, "recalled");
}

enum status
messenger_destroy_sent(const struct messenger *messenger, const struct claimant *claimant,
		       int64_t now)
{
	struct change change = {.messenger = messenger, .now = now};

	return run(&change, claimant, destroy, "destroyed-by-sender");
}

static bool
is_over(const struct change *change)
{
	const struct delivery_row *delivery = change->delivery;

	return (delivery->state != DELIVERY_READY && delivery->state != DELIVERY_OPENED) ||
	       delivery->expires_at <= change->now;
}

static enum status
extend(struct change *change, struct store *store)
{
	struct delivery_row *delivery = change->delivery;

	if (is_over(change))
		return STATUS_CONFLICT;
	delivery->expires_at = change->now + (int64_t)change->days * DAY;
	return delivery_set_expiry(
	    store, &delivery->id, delivery->expires_at,
	    delivery->state == DELIVERY_READY && delivery->remind_days > 0
		? remind_next(change->messenger->policy, delivery, change->now)
		: 0);
}

enum status
messenger_extend(const struct messenger *messenger, const struct claimant *claimant, int days,
		 int64_t now)
{
	struct change change = {.messenger = messenger, .now = now, .days = days};

	if (days < 1 || days > messenger->policy->longest_lifetime_days)
		return STATUS_INVALID;
	return run(&change, claimant, extend, "extended");
}

static enum status
resend(struct change *change, struct store *store)
{
	struct delivery_row *delivery = change->delivery;
	int64_t since = change->now - RESEND_PAUSE;
	enum status status;

	if (is_over(change))
		return STATUS_CONFLICT;
	/* A new link that is on its way is enough. */
	if (delivery->resent_at > since || delivery->relink_at != 0 ||
	    delivery->suspended_at != 0) {
		change->retry_at =
		    (delivery->resent_at > since ? delivery->resent_at : change->now) +
		    RESEND_PAUSE;
		return STATUS_BUSY;
	}
	status = delivery_set_resent(store, &delivery->id, change->anew, change->now, since);
	if (status == STATUS_OK && !change->anew)
		status = post(store, OUTBOX_NOTICE, delivery, change->now);
	/* A link that came into other hands ends what was opened with it. */
	if (status == STATUS_OK && change->anew)
		status = session_delete_of(store, &delivery->id);
	return status;
}

enum status
messenger_resend(const struct messenger *messenger, const struct claimant *claimant, bool anew,
		 int64_t now, int64_t *retry_at_out)
{
	struct change change = {.messenger = messenger, .now = now, .anew = anew};
	enum status status = run(&change, claimant, resend, anew ? "relink-asked" : "resent");

	*retry_at_out = change.retry_at;
	return status;
}
