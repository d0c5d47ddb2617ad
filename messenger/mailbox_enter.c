/* The passphrase of a mailbox: whoever comes in with it, changes it, or destroys what it opens. */
#include "base/log.h"
#include "crypto/lock.h"
#include "mail/address.h"
#include "messenger/account.h"
#include "messenger/mailbox_key.h"
#include "messenger/mailbox_session.h"
#include "messenger/throttle.h"
#include "store/give_up.h"
#include "store/session.h"
#include "store/signed_in.h"

#define HOUR 3600
#define DELIVERIES_AT_ONCE ((size_t)500)

/* Guesses at one address, whether there is a mailbox or not. */
static struct throttle
limit_of_address(const struct messenger *messenger, struct slice index)
{
	return (struct throttle){"throttle mailbox", index, messenger->policy->tries_before_suspend,
				 HOUR};
}

/* The same by who is signed in already, whom nobody outside can keep from it. */
static struct throttle
limit_inside(const struct messenger *messenger, struct slice index)
{
	return (struct throttle){"throttle mailbox inside", index,
				 messenger->policy->tries_before_suspend, HOUR};
}

static void
log_mailbox(const char *event, enum status status)
{
	log_info(event, LOG_TEXT("status", status_text(status)));
}

static bool
is_wrong(enum status status)
{
	return status == STATUS_DENIED || status == STATUS_INVALID;
}

static void
forgive(const struct messenger *messenger, const struct throttle *limit, int64_t now)
{
	struct store *store = store_pool_get(messenger->stores);

	throttle_forgive(messenger, store, limit, now);
	store_pool_put(messenger->stores, store);
}

/* A guess, counted before it is made: parallel ones cannot slip past the limit.  Right ones do not
 * count. */
static enum status
guess(const struct messenger *messenger, const struct throttle *limit, struct slice passphrase,
      int64_t now, struct arena *arena, struct mailbox_row *row, struct pair *pair_out,
      int64_t *retry_at_out)
{
	struct store *store = store_pool_get(messenger->stores);
	enum status found = STATUS_NOT_FOUND;
	enum status status = throttle_once(messenger, store, limit, now, retry_at_out);

	if (status == STATUS_OK)
		found = mailbox_find(store, limit->subject, arena, row);
	/* The connection is not kept while Argon2id works. */
	store_pool_put(messenger->stores, store);
	if (status != STATUS_OK)
		return status;
	if (found == STATUS_OK) {
		status = mailbox_key_unlock(messenger, row, passphrase, pair_out);
	} else {
		passphrase_spend_time(messenger);
		status = found == STATUS_NOT_FOUND ? STATUS_DENIED : found;
	}
	if (status == STATUS_DAMAGED) {
		log_error("mailbox-damaged");
		return STATUS_DENIED;
	}
	if (!is_wrong(status))
		forgive(messenger, limit, now);
	return status;
}

static enum status
let_in(const struct messenger *messenger, const struct mailbox_entry *entry, int64_t now,
       struct arena *arena, bool *owes_out)
{
	struct store *store = store_pool_get(messenger->stores);
	enum status status = store_begin(store);

	if (status == STATUS_OK)
		status = mailbox_begin_session(messenger, store, entry, now, arena, owes_out);
	status = store_end(store, status);
	store_pool_put(messenger->stores, store);
	return status;
}

static enum status
enter(const struct messenger *messenger, const struct place *place, const char *address,
      struct slice passphrase, int64_t now, const struct secret *token, bool *owes_out,
      int64_t *retry_at_out, struct arena *arena)
{
	struct throttle limit =
	    limit_of_address(messenger, messenger_address_index(messenger, address, arena));
	struct mailbox_row row;
	struct pair pair;
	enum status status =
	    guess(messenger, &limit, passphrase, now, arena, &row, &pair, retry_at_out);

	if (status != STATUS_OK)
		return is_wrong(status) ? STATUS_DENIED : status;
	status = let_in(messenger, &(struct mailbox_entry){&row, &pair, token, place}, now, arena,
			owes_out);
	pair_clear(&pair);
	return status;
}

/* The same, counted for the visitor's network as well. */
static enum status
enter_from(const struct messenger *messenger, const struct place *place, const char *address,
	   struct slice passphrase, int64_t now, const struct secret *token, bool *owes_out,
	   int64_t *retry_at_out, struct arena *arena)
{
	struct throttle limit = throttle_network(messenger, slice_from_text(place->network));
	struct store *store = store_pool_get(messenger->stores);
	enum status status = throttle_once(messenger, store, &limit, now, retry_at_out);

	store_pool_put(messenger->stores, store);
	if (status != STATUS_OK)
		return status;
	status =
	    enter(messenger, place, address, passphrase, now, token, owes_out, retry_at_out, arena);
	if (status != STATUS_DENIED)
		forgive(messenger, &limit, now);
	return status;
}

enum status
messenger_mailbox_enter(const struct messenger *messenger, struct slice address,
			struct slice passphrase, const struct place *place, int64_t now,
			struct secret *token_out, bool *owes_out, int64_t *retry_at_out)
{
	struct arena *arena = arena_new();
	struct slice typed = slice_trim(address);
	struct secret token;
	enum status status = STATUS_INVALID;

	*owes_out = false;
	*retry_at_out = 0;
	secret_random(&token, MAILBOX_TOKEN_SIZE);
	if (address_check(typed, NULL) == STATUS_OK && slice_trim(passphrase).size > 0 &&
	    passphrase.size <= LOCK_PASSPHRASE_MAX)
		status = enter_from(messenger, place, arena_text_from(arena, typed), passphrase,
				    now, &token, owes_out, retry_at_out, arena);
	if (status == STATUS_OK)
		secret_move(token_out, &token);
	else
		secret_clear(&token);
	log_mailbox("mailbox-sign-in", status);
	arena_free(arena);
	return status;
}

/* --- by who is inside --- */

enum status
messenger_mailbox_leave(const struct messenger *messenger, const struct inbox *inbox)
{
	struct store *store = store_pool_get(messenger->stores);
	enum status status = mailbox_session_delete(store, &inbox->session);

	store_pool_put(messenger->stores, store);
	return status;
}

static enum status
relock_in_transaction(const struct messenger *messenger, struct store *store, const struct id *old,
		      const struct mailbox_entry *entry, int64_t now, struct arena *arena)
{
	enum status status = mailbox_set_lock(store, old, entry->mailbox);

	/* Who reads what lies there by a passphrase of its own is sent away, too. */
	if (status == STATUS_OK)
		status = signed_in_end_mailbox(store, entry->mailbox->address_index, NULL);
	return status == STATUS_OK ? mailbox_go_on(messenger, store, entry, now, arena) : status;
}

static enum status
change(const struct messenger *messenger, const struct inbox *inbox, struct slice current,
       struct slice passphrase, const struct mailbox_visitor *visitor, const struct secret *token,
       int64_t now, struct arena *arena, int64_t *retry_at_out)
{
	struct throttle limit = limit_inside(messenger, inbox->index);
	struct mailbox_row row;
	struct store *store;
	struct pair pair;
	struct mailbox_entry entry = {&row, &pair, token, &visitor->place};
	struct id old;
	enum status status =
	    guess(messenger, &limit, current, now, arena, &row, &pair, retry_at_out);

	if (status != STATUS_OK)
		return status == STATUS_INVALID ? STATUS_DENIED : status;
	old = row.lock_id;
	row.changed_at = now;
	row.language = visitor->language;
	status = mailbox_key_lock(messenger, &pair, passphrase, arena, &row);
	if (status == STATUS_OK) {
		store = store_pool_get(messenger->stores);
		status = store_begin(store);
		if (status == STATUS_OK)
			status = relock_in_transaction(messenger, store, &old, &entry, now, arena);
		status = store_end(store, status);
		store_pool_put(messenger->stores, store);
	}
	pair_clear(&pair);
	return status;
}

enum status
messenger_mailbox_change(const struct messenger *messenger, const struct inbox *inbox,
			 struct slice current, const struct passphrase_form *form,
			 const struct mailbox_visitor *visitor, int64_t now,
			 struct secret *token_out, unsigned *faults_out,
			 struct strength *strength_out, int64_t *retry_at_out)
{
	struct arena *arena = arena_new();
	struct secret token;
	enum status status = STATUS_INVALID;

	*retry_at_out = 0;
	*faults_out = passphrase_check_alone(messenger, form, strength_out);
	if (*faults_out == 0) {
		secret_random(&token, MAILBOX_TOKEN_SIZE);
		status = change(messenger, inbox, current, form->passphrase, visitor, &token, now,
				arena, retry_at_out);
		if (status == STATUS_OK)
			secret_move(token_out, &token);
		else
			secret_clear(&token);
	}
	log_mailbox("mailbox-passphrase", status);
	arena_free(arena);
	return status;
}

/* --- its end --- */

static enum status
destroy_some(struct store *store, const struct id *mailbox, int64_t now, bool *more_out)
{
	struct arena *arena = arena_new();
	struct id *deliveries;
	size_t count = 0;
	enum status status =
	    mailbox_deliveries(store, mailbox, DELIVERIES_AT_ONCE, arena, &deliveries, &count);

	for (size_t i = 0; status == STATUS_OK && i < count; i++) {
		status = delivery_close(store, &deliveries[i], DELIVERY_DESTROYED,
					CLOSED_BY_RECIPIENT, now);
		if (status == STATUS_OK)
			status = session_delete_of(store, &deliveries[i]);
	}
	*more_out = count == DELIVERIES_AT_ONCE;
	arena_free(arena);
	return status;
}

static enum status
close_in_transaction(const struct messenger *messenger, struct store *store,
		     const struct inbox *inbox, int64_t now)
{
	bool more = true;
	/* Who changes the account just now is waited for, and whoever comes next has no session. */
	enum status status = account_hold(messenger, store, inbox->index, now);

	/* The courier may be giving it up: one of the two finds it gone. */
	if (status == STATUS_OK)
		status = mailbox_lock(store, &inbox->id);
	while (status == STATUS_OK && more)
		status = destroy_some(store, &inbox->id, now, &more);
	if (status == STATUS_OK)
		status = signed_in_end_mailbox(store, inbox->index, NULL);
	if (status == STATUS_OK)
		status = account_forget(messenger, store, inbox->address, inbox->index);
	if (status == STATUS_OK)
		status = mailbox_delete(store, &inbox->id);
	/* Behind the mailbox's row, as who begins one takes them. */
	if (status == STATUS_OK)
		status = give_up_forget(store, inbox->index);
	return status == STATUS_OK ? store_notify(store, "postern_work") : status;
}

enum status
messenger_mailbox_close(const struct messenger *messenger, const struct inbox *inbox,
			struct slice passphrase, int64_t now, int64_t *retry_at_out)
{
	struct throttle limit = limit_inside(messenger, inbox->index);
	struct arena *arena = arena_new();
	struct mailbox_row row;
	struct store *store;
	struct pair pair;
	enum status status =
	    guess(messenger, &limit, passphrase, now, arena, &row, &pair, retry_at_out);

	if (status == STATUS_OK) {
		pair_clear(&pair);
		store = store_pool_get(messenger->stores);
		status = store_begin(store);
		if (status == STATUS_OK)
			status = close_in_transaction(messenger, store, inbox, now);
		status = store_end(store, status);
		store_pool_put(messenger->stores, store);
	}
	log_mailbox("mailbox-closed", status);
	arena_free(arena);
	return status == STATUS_INVALID ? STATUS_DENIED : status;
}
