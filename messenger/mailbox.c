#include "messenger/mailbox.h"

#include "base/log.h"
#include "crypto/link.h"
#include "crypto/lock.h"
#include "mail/address.h"
#include "messenger/mailbox_key.h"
#include "messenger/mailbox_session.h"
#include "messenger/throttle.h"
#include "store/session.h"

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

/* --- making one --- */

static enum status
standing_in(const struct messenger *messenger, struct store *store, const struct opened *opened,
	    struct arena *arena, enum mailbox_standing *standing_out)
{
	static const enum mailbox_standing offers[] = {
	    [MAILBOXES_NEVER] = MAILBOX_NONE,
	    [MAILBOXES_OFFERED] = MAILBOX_OFFERED,
	    [MAILBOXES_ALWAYS] = MAILBOX_EXPECTED,
	};
	struct slice index = messenger_address_index(messenger, opened->recipient, arena);
	struct mailbox_row there, holding;
	enum status status;

	*standing_out = opened->by_mailbox ? MAILBOX_HOLDS : MAILBOX_NONE;
	if (opened->by_mailbox || *opened->recipient == '\0')
		return STATUS_OK;
	status = mailbox_find(store, index, arena, &there);
	if (status == STATUS_NOT_FOUND) {
		*standing_out = offers[messenger->policy->mailboxes];
		return STATUS_OK;
	}
	if (status == STATUS_OK)
		status = mailbox_of_delivery(store, &opened->delivery, arena, &holding);
	if (status == STATUS_OK)
		*standing_out = MAILBOX_HOLDS;
	else if (status == STATUS_NOT_FOUND)
		*standing_out = MAILBOX_THERE;
	return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

enum status
messenger_mailbox_standing(const struct messenger *messenger, const struct opened *opened,
			   struct arena *arena, enum mailbox_standing *standing_out)
{
	struct store *store = store_pool_get(messenger->stores);
	enum status status = standing_in(messenger, store, opened, arena, standing_out);

	store_pool_put(messenger->stores, store);
	return status;
}

static enum status
put_opened(struct store *store, const struct mailbox_row *row, const struct opened *opened,
	   struct slice link, int64_t now, struct arena *arena)
{
	struct secret secret;
	enum status status = link_parse(link, &secret);

	if (status != STATUS_OK)
		return status;
	status = mailbox_key_put(store, row, &opened->delivery, &opened->temporary_private, &secret,
				 now, arena);
	secret_clear(&secret);
	return status;
}

static enum status
make_in_transaction(const struct messenger *messenger, struct store *store,
		    const struct mailbox_row *row, const struct pair *pair,
		    const struct opened *opened, struct slice link, const struct secret *token,
		    int64_t now, struct arena *arena)
{
	bool owes;
	enum status status = mailbox_insert(store, row);

	if (status == STATUS_OK)
		status = put_opened(store, row, opened, link, now, arena);
	/* Who has second factors has shown none yet: that is asked at the next time. */
	if (status == STATUS_OK)
		status =
		    mailbox_begin_session(messenger, store, row, pair, token, now, arena, &owes);
	return status;
}

static enum status
make(const struct messenger *messenger, const struct opened *opened, struct slice link,
     struct slice passphrase, int64_t now, const struct secret *token, struct arena *arena)
{
	struct mailbox_row row = {.id = id_new(), .created_at = now};
	struct pair pair;
	struct store *store;
	enum status status;

	pair_new(&pair);
	row.public = arena_copy(arena, slice_of(pair.public, PAIR_PUBLIC_SIZE));
	row.address_index = messenger_address_index(messenger, opened->recipient, arena);
	row.address =
	    messenger_display_seal(messenger, "mailbox.address", &row.id, opened->recipient, arena);
	status = mailbox_key_lock(messenger, &pair, passphrase, arena, &row);
	if (status == STATUS_OK) {
		store = store_pool_get(messenger->stores);
		status = store_begin(store);
		if (status == STATUS_OK)
			status = make_in_transaction(messenger, store, &row, &pair, opened, link,
						     token, now, arena);
		status = store_end(store, status);
		store_pool_put(messenger->stores, store);
	}
	pair_clear(&pair);
	return status;
}

enum status
messenger_mailbox_make(const struct messenger *messenger, const struct opened *opened,
		       struct slice link, const struct passphrase_form *form, int64_t now,
		       struct secret *token_out, unsigned *faults_out,
		       struct strength *strength_out)
{
	struct arena *arena = arena_new();
	enum mailbox_standing standing;
	struct secret token;
	enum status status = messenger_mailbox_standing(messenger, opened, arena, &standing);

	*faults_out = 0;
	*strength_out = (struct strength){0};
	if (status == STATUS_OK && standing == MAILBOX_NONE)
		status = STATUS_NOT_FOUND;
	if (status == STATUS_OK && standing != MAILBOX_OFFERED && standing != MAILBOX_EXPECTED)
		status = STATUS_CONFLICT;
	if (status == STATUS_OK)
		*faults_out = passphrase_check_alone(messenger, form, strength_out);
	if (*faults_out != 0)
		status = STATUS_INVALID;
	if (status == STATUS_OK) {
		secret_random(&token, MAILBOX_TOKEN_SIZE);
		status = make(messenger, opened, link, form->passphrase, now, &token, arena);
		if (status == STATUS_OK)
			secret_move(token_out, &token);
		else
			secret_clear(&token);
	}
	log_mailbox("mailbox-made", status);
	arena_free(arena);
	return status;
}

enum status
messenger_mailbox_keep(const struct messenger *messenger, const struct inbox *inbox,
		       const struct opened *opened, struct slice link, int64_t now,
		       struct arena *arena)
{
	struct slice index = messenger_address_index(messenger, opened->recipient, arena);
	struct mailbox_row row;
	struct store *store;
	enum status status;

	if (!slice_equal(index, inbox->index))
		return STATUS_NOT_FOUND;
	store = store_pool_get(messenger->stores);
	status = mailbox_read(store, &inbox->id, arena, &row);
	if (status == STATUS_OK)
		status = put_opened(store, &row, opened, link, now, arena);
	store_pool_put(messenger->stores, store);
	log_mailbox("mailbox-kept", status);
	return status;
}

/* --- the passphrase --- */

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
let_in(const struct messenger *messenger, const struct mailbox_row *row, const struct pair *pair,
       const struct secret *token, int64_t now, struct arena *arena, bool *owes_out)
{
	struct store *store = store_pool_get(messenger->stores);
	enum status status = store_begin(store);

	if (status == STATUS_OK)
		status =
		    mailbox_begin_session(messenger, store, row, pair, token, now, arena, owes_out);
	status = store_end(store, status);
	store_pool_put(messenger->stores, store);
	return status;
}

static enum status
enter(const struct messenger *messenger, const char *address, struct slice passphrase, int64_t now,
      const struct secret *token, bool *owes_out, int64_t *retry_at_out, struct arena *arena)
{
	struct throttle limit =
	    limit_of_address(messenger, messenger_address_index(messenger, address, arena));
	struct mailbox_row row;
	struct pair pair;
	enum status status =
	    guess(messenger, &limit, passphrase, now, arena, &row, &pair, retry_at_out);

	if (status != STATUS_OK)
		return is_wrong(status) ? STATUS_DENIED : status;
	status = let_in(messenger, &row, &pair, token, now, arena, owes_out);
	pair_clear(&pair);
	return status;
}

/* The same, counted for the visitor's network as well. */
static enum status
enter_from(const struct messenger *messenger, struct slice network, const char *address,
	   struct slice passphrase, int64_t now, const struct secret *token, bool *owes_out,
	   int64_t *retry_at_out, struct arena *arena)
{
	struct throttle limit = throttle_network(messenger, network);
	struct store *store = store_pool_get(messenger->stores);
	enum status status = throttle_once(messenger, store, &limit, now, retry_at_out);

	store_pool_put(messenger->stores, store);
	if (status != STATUS_OK)
		return status;
	status = enter(messenger, address, passphrase, now, token, owes_out, retry_at_out, arena);
	if (status != STATUS_DENIED)
		forgive(messenger, &limit, now);
	return status;
}

enum status
messenger_mailbox_enter(const struct messenger *messenger, struct slice address,
			struct slice passphrase, struct slice network, int64_t now,
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
		status = enter_from(messenger, network, arena_text_from(arena, typed), passphrase,
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
messenger_mailbox_leave(const struct messenger *messenger, const struct inbox *inbox,
			bool everywhere)
{
	struct store *store = store_pool_get(messenger->stores);
	enum status status = everywhere ? mailbox_session_delete_of(store, &inbox->id)
					: mailbox_session_delete(store, &inbox->session);

	store_pool_put(messenger->stores, store);
	return status;
}

static enum status
relock_in_transaction(struct store *store, const struct id *old, const struct mailbox_row *row,
		      const struct pair *pair, const struct secret *token, int64_t now,
		      struct arena *arena)
{
	enum status status = mailbox_set_lock(store, old, row);

	if (status == STATUS_OK)
		status = mailbox_session_delete_of(store, &row->id);
	return status == STATUS_OK
		   ? mailbox_session_insert_for(store, &row->id, pair, false, token, now, arena)
		   : status;
}

static enum status
change(const struct messenger *messenger, const struct inbox *inbox, struct slice current,
       struct slice passphrase, const struct secret *token, int64_t now, struct arena *arena,
       int64_t *retry_at_out)
{
	struct throttle limit = limit_inside(messenger, inbox->index);
	struct mailbox_row row;
	struct store *store;
	struct pair pair;
	struct id old;
	enum status status =
	    guess(messenger, &limit, current, now, arena, &row, &pair, retry_at_out);

	if (status != STATUS_OK)
		return status == STATUS_INVALID ? STATUS_DENIED : status;
	old = row.lock_id;
	row.changed_at = now;
	status = mailbox_key_lock(messenger, &pair, passphrase, arena, &row);
	if (status == STATUS_OK) {
		store = store_pool_get(messenger->stores);
		status = store_begin(store);
		if (status == STATUS_OK)
			status = relock_in_transaction(store, &old, &row, &pair, token, now, arena);
		status = store_end(store, status);
		store_pool_put(messenger->stores, store);
	}
	pair_clear(&pair);
	return status;
}

enum status
messenger_mailbox_change(const struct messenger *messenger, const struct inbox *inbox,
			 struct slice current, const struct passphrase_form *form, int64_t now,
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
		status = change(messenger, inbox, current, form->passphrase, &token, now, arena,
				retry_at_out);
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
close_in_transaction(struct store *store, const struct mailbox_row *row, int64_t now)
{
	bool more = true;
	enum status status = mailbox_lock(store, &row->id);

	while (status == STATUS_OK && more)
		status = destroy_some(store, &row->id, now, &more);
	if (status == STATUS_OK)
		status = mailbox_session_delete_of(store, &row->id);
	if (status == STATUS_OK)
		status = mailbox_delete(store, &row->id);
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
			status = close_in_transaction(store, &row, now);
		status = store_end(store, status);
		store_pool_put(messenger->stores, store);
	}
	log_mailbox("mailbox-closed", status);
	arena_free(arena);
	return status == STATUS_INVALID ? STATUS_DENIED : status;
}
