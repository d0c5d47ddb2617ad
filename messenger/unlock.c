#include "messenger/open.h"

#include <string.h>

#include "base/log.h"
#include "crypto/box.h"
#include "crypto/lock.h"
#include "messenger/account.h"
#include "messenger/admit.h"
#include "messenger/door.h"
#include "messenger/factor.h"
#include "messenger/mailbox.h"
#include "messenger/mailbox_key.h"
#include "messenger/mailbox_session.h"
#include "messenger/passphrase.h"
#include "messenger/throttle.h"
#include "store/lock.h"

#define FIRST_WAIT 30
#define LONGEST_WAIT 3600

/* One try of one passphrase. */
struct attempt {
	const struct messenger *messenger;
	struct arena *arena;
	const struct place *place;
	struct slice visiting; /* token of a mailbox that the visitor is signed in to */
	int64_t now;
	struct door door;
	struct lock_row lock;
	struct mailbox_row mailbox; /* of a delivery without a lock of its own */
	struct mailbox_message_row boxed;
	struct pair mailbox_pair;
	struct secret temporary_private;
	int64_t retry_at;
	bool counted; /* for its network */
};

/* No new try before: nothing for the first few, then 30 s doubling up to an hour. */
static int64_t
next_try(const struct policy *policy, int wrong_tries, int64_t now)
{
	int64_t wait = FIRST_WAIT;

	if (wrong_tries < policy->tries_before_wait)
		return 0;
	for (int i = policy->tries_before_wait; i < wrong_tries && wait < LONGEST_WAIT; i++)
		wait *= 2;
	return now + (wait < LONGEST_WAIT ? wait : LONGEST_WAIT);
}

/* The lock that the passphrase is for: the delivery's own, else that of the mailbox. */
static enum status
read_lock(struct attempt *attempt, struct store *store)
{
	const struct delivery_row *delivery = &attempt->door.delivery;
	enum status status;

	if (!delivery_in_mailbox(&attempt->door.delivery))
		return lock_read(store, &delivery->lock_id, attempt->arena, &attempt->lock);
	status = mailbox_of_delivery(store, &delivery->id, attempt->arena, &attempt->mailbox);
	return status == STATUS_OK
		   ? mailbox_message_read(store, &delivery->id, &attempt->mailbox.id,
					  attempt->arena, &attempt->boxed)
		   : status;
}

/* Count the try before it is made, under the row's lock: parallel tries cannot slip past the
 * limit.  A right passphrase sets the count back. */
static enum status
reserve_in_transaction(struct attempt *attempt, struct store *store)
{
	const struct policy *policy = attempt->messenger->policy;
	struct delivery_row *delivery = &attempt->door.delivery;
	enum status status = delivery_read(store, &delivery->id, true, attempt->arena, delivery);

	if (status != STATUS_OK)
		return status;
	if (door_standing(&attempt->door, attempt->now) != STANDING_READY ||
	    delivery_is_lost(delivery))
		return STATUS_GONE;
	if (delivery->retry_at > attempt->now) {
		attempt->retry_at = delivery->retry_at;
		return STATUS_BUSY;
	}
	status = read_lock(attempt, store);
	if (status != STATUS_OK)
		return status;
	delivery->wrong_tries++;
	return delivery_set_wrong(store, &delivery->id,
				  next_try(policy, delivery->wrong_tries, attempt->now), false,
				  attempt->now);
}

static enum status
reserve(struct attempt *attempt, struct store *store, struct slice link)
{
	struct throttle limit =
	    throttle_network(attempt->messenger, slice_from_text(attempt->place->network));
	enum status status =
	    throttle_once(attempt->messenger, store, &limit, attempt->now, &attempt->retry_at);

	attempt->counted = status == STATUS_OK;
	if (status == STATUS_OK)
		status = door_find(store, link, LINK_RECIPIENT, attempt->arena, &attempt->door);
	if (status == STATUS_OK)
		status = store_begin(store);
	if (status != STATUS_OK)
		return status;
	status = reserve_in_transaction(attempt, store);
	return store_end(store, status);
}

static enum status
terms_of(const struct lock_row *lock, struct lock_terms *terms)
{
	if (lock->salt.size != LOCK_SALT_SIZE)
		return STATUS_DAMAGED;
	terms->id = lock->id;
	terms->rule = (enum lock_rule)lock->rule;
	terms->ops = lock->ops;
	terms->memory_kib = lock->memory_kib;
	memcpy(terms->salt, lock->salt.data, LOCK_SALT_SIZE);
	return STATUS_OK;
}

/* passphrase -> mailbox -> T. */
static enum status
try_mailbox(struct attempt *attempt, struct slice passphrase)
{
	enum status status = mailbox_key_unlock(attempt->messenger, &attempt->mailbox, passphrase,
						&attempt->mailbox_pair);

	return status == STATUS_OK
		   ? mailbox_key_take(&attempt->mailbox_pair, &attempt->door.delivery.id,
				      attempt->boxed.key_wrap, &attempt->temporary_private)
		   : status;
}

/* passphrase -> lock pair; outer, then inner -> T. */
static enum status
try_lock(struct attempt *attempt, struct slice passphrase)
{
	const struct delivery_row *delivery = &attempt->door.delivery;
	struct lock_terms terms;
	struct pair lock;
	struct slice inner;
	enum status status = terms_of(&attempt->lock, &terms);

	if (status == STATUS_OK)
		status = lock_pair(&terms, passphrase, &attempt->messenger->keys->pepper, &lock);
	if (status != STATUS_OK)
		return status;
	status = box_open(secret_slice(&attempt->door.link), "wrap", id_slice(&delivery->id),
			  delivery->outer_wrap, attempt->arena, &inner);
	if (status == STATUS_OK)
		status = lock_open(&lock, PAIR_TEMPORARY_PRIVATE, &delivery->id, inner,
				   &attempt->temporary_private);
	pair_clear(&lock);
	return status;
}

/* Into the mailbox, whose session opens the message, too. */
static enum status
admit_to_mailbox(struct attempt *attempt, struct store *store, const struct secret *token,
		 struct unlocked *unlocked)
{
	const struct mailbox_entry entry = {&attempt->mailbox, &attempt->mailbox_pair, token,
					    attempt->place};
	bool owes;
	enum status status = mailbox_begin_session(attempt->messenger, store, &entry, attempt->now,
						   attempt->arena, &owes);

	if (status != STATUS_OK)
		return status;
	unlocked->way = owes ? UNLOCKED_MAILBOX_OWES : UNLOCKED_MAILBOX;
	/* Guessing was slowed down for others. */
	return delivery_set_right(store, &attempt->door.delivery.id);
}

/* Is the visitor signed in to that mailbox, with all that it takes? */
static enum status
is_inside(const struct attempt *attempt, struct store *store, const struct mailbox_row *mailbox,
	  bool *inside_out)
{
	/* Its pair is wiped with the arena, and so lies there. */
	struct inbox *inbox = arena_alloc(attempt->arena, sizeof(*inbox));
	enum status status = mailbox_find_session(attempt->messenger, store, attempt->visiting,
						  attempt->now, attempt->arena, inbox);

	*inside_out = status == STATUS_OK && !inbox->limited && id_equal(inbox->id, mailbox->id);
	return status == STATUS_DENIED ? STATUS_OK : status;
}

/* Does the message lie in a mailbox that takes more than a passphrase, which was not shown? */
static enum status
find_guard(const struct attempt *attempt, struct store *store, bool *guarded_out)
{
	const struct messenger *messenger = attempt->messenger;
	struct mailbox_row mailbox;
	bool inside = false;
	enum status status =
	    mailbox_of_delivery(store, &attempt->door.delivery.id, attempt->arena, &mailbox);

	*guarded_out = false;
	if (status != STATUS_OK)
		return status == STATUS_NOT_FOUND ? STATUS_OK : status;
	/* Before factors are looked at: who adds one ends what begins here, or is waited for. */
	status = mailbox_enter(store, &mailbox.id, &mailbox.lock_id);
	if (status != STATUS_OK)
		return status == STATUS_NOT_FOUND ? STATUS_CONFLICT : status;
	status = account_needs_factor(messenger, store, mailbox.address_index, attempt->arena,
				      guarded_out);
	*guarded_out = *guarded_out || messenger->policy->always_mailbox_factor;
	if (status == STATUS_OK && *guarded_out)
		status = is_inside(attempt, store, &mailbox, &inside);
	*guarded_out = *guarded_out && !inside;
	return status;
}

/* Into the message, or to the code that is asked for as well.  A code that the sender asks for
 * opens the message alone, not the mailbox that it lies in. */
static enum status
go_on(struct attempt *attempt, struct store *store, const struct secret *token,
      struct unlocked *unlocked)
{
	const struct delivery_row *delivery = &attempt->door.delivery;
	bool boxed = delivery_in_mailbox(delivery);
	bool guarded;
	enum status status = find_guard(attempt, store, &guarded);

	if (status != STATUS_OK)
		return status;
	if (boxed && (guarded || delivery->factor == FACTOR_NONE))
		return admit_to_mailbox(attempt, store, token, unlocked);
	if (guarded) {
		unlocked->way = UNLOCKED_NOTHING;
		return delivery_set_right(store, &delivery->id);
	}
	if (delivery->factor == FACTOR_NONE) {
		unlocked->way = UNLOCKED_MESSAGE;
		return admit(store, delivery, &attempt->temporary_private, token, attempt->now,
			     attempt->arena);
	}
	unlocked->way = UNLOCKED_FACTOR;
	return factor_begin(attempt->messenger, store, delivery, &attempt->temporary_private, token,
			    attempt->now, &attempt->retry_at, attempt->arena);
}

static enum status
let_in(struct attempt *attempt, struct store *store, struct unlocked *unlocked)
{
	struct secret token;
	enum status status = store_begin(store);

	if (status != STATUS_OK)
		return status;
	secret_random(&token, ADMIT_TOKEN_SIZE);
	status = go_on(attempt, store, &token, unlocked);
	/* That no more codes are sent just now, or none can be, makes the passphrase no wrong one.
	 */
	if (((status == STATUS_BUSY && attempt->retry_at > 0) || status == STATUS_NOT_FOUND) &&
	    store_commit(store) != STATUS_OK)
		status = STATUS_UNAVAILABLE;
	status = store_end(store, status);
	if (status != STATUS_OK) {
		secret_clear(&token);
		/* Closed in the very moment. */
		return status == STATUS_CONFLICT ? STATUS_GONE : status;
	}
	if (unlocked->way == UNLOCKED_NOTHING)
		secret_clear(&token);
	else
		secret_move(&unlocked->token, &token);
	return STATUS_OK;
}

/* The try is counted already; the last allowed one also suspends the link. */
static enum status
turn_away(struct attempt *attempt, struct store *store)
{
	const struct delivery_row *delivery = &attempt->door.delivery;
	const struct policy *policy = attempt->messenger->policy;
	enum status status = STATUS_OK;

	if (delivery->wrong_tries >= policy->tries_before_suspend) {
		status = delivery_set_wrong(store, &delivery->id, 0, true, attempt->now);
		if (status == STATUS_OK)
			status = store_notify(store, "postern_work");
		if (status == STATUS_CONFLICT)
			status = STATUS_OK;
	}
	return status == STATUS_OK ? STATUS_DENIED : status;
}

/* For its network only a wrong passphrase counts. */
static void
forgive(const struct attempt *attempt, struct store *store)
{
	struct throttle limit =
	    throttle_network(attempt->messenger, slice_from_text(attempt->place->network));

	if (attempt->counted)
		throttle_forgive(attempt->messenger, store, &limit, attempt->now);
}

static void
log_attempt(const struct attempt *attempt, enum status status)
{
	char id[ID_TEXT_SIZE];

	log_info("unlock", LOG_TEXT("delivery", id_text(attempt->door.delivery.id, id)),
		 LOG_TEXT("status", status_text(status)),
		 LOG_NUMBER("tries", attempt->door.delivery.wrong_tries));
}

enum status
messenger_unlock(const struct messenger *messenger, struct slice link, struct slice passphrase,
		 const struct place *place, struct slice mailbox, int64_t now,
		 struct unlocked *unlocked_out, int64_t *retry_at_out)
{
	struct attempt attempt = {.messenger = messenger,
				  .arena = arena_new(),
				  .place = place,
				  .visiting = mailbox,
				  .now = now};
	struct store *store;
	enum status status = STATUS_INVALID;

	*retry_at_out = 0;
	*unlocked_out = (struct unlocked){.factor = FACTOR_NONE};
	if (slice_trim(passphrase).size == 0 || passphrase.size > LOCK_PASSPHRASE_MAX)
		goto done;
	store = store_pool_get(messenger->stores);
	status = reserve(&attempt, store, link);
	if (status != STATUS_OK)
		forgive(&attempt, store);
	/* The connection is not kept while Argon2id works. */
	store_pool_put(messenger->stores, store);
	if (status == STATUS_NOT_FOUND)
		passphrase_spend_time(messenger);
	if (status != STATUS_OK)
		goto done;
	status = delivery_in_mailbox(&attempt.door.delivery) ? try_mailbox(&attempt, passphrase)
							     : try_lock(&attempt, passphrase);
	if (status == STATUS_OK)
		unlocked_out->factor = attempt.door.delivery.factor;
	store = store_pool_get(messenger->stores);
	if (status == STATUS_OK)
		status = let_in(&attempt, store, unlocked_out);
	/* To the visitor damage is a wrong passphrase; the log knows better. */
	log_attempt(&attempt, status);
	if (status == STATUS_DENIED || status == STATUS_INVALID || status == STATUS_DAMAGED)
		status = turn_away(&attempt, store);
	else
		forgive(&attempt, store);
	store_pool_put(messenger->stores, store);
done:
	*retry_at_out = attempt.retry_at;
	secret_clear(&attempt.temporary_private);
	pair_clear(&attempt.mailbox_pair);
	door_clear(&attempt.door);
	arena_free(attempt.arena);
	return status;
}
