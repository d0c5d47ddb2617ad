#include "messenger/secure.h"

#include <string.h>

#include "base/log.h"
#include "crypto/lock.h"
#include "messenger/author.h"
#include "messenger/door.h"
#include "store/lock.h"
#include "store/session.h"

#define CLUE_MAX ((size_t)500)
#define PASSPHRASE_LEAST ((size_t)6)
#define TELLING_LEAST ((size_t)3) /* shorter answers occur in any sentence */

static enum status
look(const struct messenger *messenger, struct store *store, const struct door *door,
     struct arena *arena, struct sender_view *view)
{
	const struct delivery_row *delivery = &door->delivery;
	struct message_row message;
	struct lock_row lock;
	enum status status = message_read(store, &delivery->message_id, false, arena, &message);

	if (status != STATUS_OK)
		return status;
	*view = (struct sender_view){
	    .delivery = delivery->id,
	    .message = message.id,
	    .state = delivery->state,
	    .recipient = messenger_display_open(messenger, "delivery.recipient", &delivery->id,
						delivery->recipient, arena),
	    .subject = messenger_display_open(messenger, "message.subject", &message.id,
					      message.subject, arena),
	    .reason = delivery->reason,
	    .clue = "",
	    .sent_at = message.received_at,
	    .secured_at = delivery->secured_at,
	    .opened_at = delivery->opened_at,
	    .replied_at = delivery->replied_at,
	    .closed_at = delivery->closed_at,
	    .expires_at = delivery->expires_at,
	    .receipt_asked = delivery->notify,
	    .suspended = delivery->suspended_at != 0,
	    .default_lifetime_days = messenger->policy->default_lifetime_days,
	    .longest_lifetime_days = messenger->policy->longest_lifetime_days,
	};
	if (!delivery->has_lock)
		return STATUS_OK;
	status = lock_read(store, &delivery->lock_id, arena, &lock);
	if (status == STATUS_OK)
		view->clue =
		    messenger_display_open(messenger, "lock.clue", &lock.id, lock.clue, arena);
	return status;
}

enum status
messenger_look_sender(const struct messenger *messenger, struct slice link, struct arena *arena,
		      struct sender_view *view_out)
{
	struct store *store = store_pool_get(messenger->stores);
	struct sender_view view;
	struct door door;
	enum status status = door_find(store, link, LINK_SENDER, arena, &door);

	if (status == STATUS_OK) {
		status = door.row.ended == LINK_LIVE ? look(messenger, store, &door, arena, &view)
						     : STATUS_GONE;
		door_clear(&door);
	}
	store_pool_put(messenger->stores, store);
	if (status == STATUS_OK)
		*view_out = view;
	return status;
}

static enum lock_rule
rule_of(const struct secure_form *form)
{
	return form->forgiving ? LOCK_FORGIVING : LOCK_EXACT;
}

/* Does the clue give the answer away?  Compared as forgiving as can be. */
static bool
clue_tells(struct slice clue, struct slice passphrase)
{
	struct secret plain_clue, answer;
	bool tells = false;

	if (clue.size > LOCK_PASSPHRASE_MAX ||
	    lock_normalise(LOCK_FORGIVING, clue, &plain_clue) != STATUS_OK)
		return false;
	if (lock_normalise(LOCK_FORGIVING, passphrase, &answer) == STATUS_OK) {
		tells =
		    answer.size >= TELLING_LEAST &&
		    slice_find(secret_slice(&plain_clue), secret_slice(&answer), 0) != SLICE_NONE;
		secret_clear(&answer);
	}
	secret_clear(&plain_clue);
	return tells;
}

static unsigned
check_passphrase(const struct secure_form *form)
{
	struct secret answer;
	unsigned faults = 0;
	enum status status;

	if (form->passphrase.size == 0)
		return SECURE_PASSPHRASE_MISSING;
	if (form->passphrase.size > LOCK_PASSPHRASE_MAX)
		return SECURE_PASSPHRASE_TOO_LONG;
	status = lock_normalise(rule_of(form), form->passphrase, &answer);
	if (status != STATUS_OK)
		return slice_trim(form->passphrase).size == 0 ? SECURE_PASSPHRASE_MISSING
							      : SECURE_NOT_TEXT;
	if (slice_count_characters(secret_slice(&answer)) < PASSPHRASE_LEAST)
		faults |= SECURE_PASSPHRASE_WEAK;
	secret_clear(&answer);
	if (!slice_equal(form->passphrase, form->passphrase_again))
		faults |= SECURE_PASSPHRASES_DIFFER;
	return faults;
}

unsigned
messenger_secure_check(const struct messenger *messenger, const struct secure_form *form)
{
	struct slice clue = slice_trim(form->clue);
	unsigned faults = check_passphrase(form);
	struct secret ignored;

	if (clue.size == 0)
		faults |= SECURE_CLUE_MISSING;
	else if (clue.size > CLUE_MAX)
		faults |= SECURE_CLUE_TOO_LONG;
	else if (lock_normalise(LOCK_EXACT, clue, &ignored) != STATUS_OK)
		faults |= SECURE_NOT_TEXT;
	else
		secret_clear(&ignored);
	if (clue.size > 0 && form->passphrase.size > 0 && clue_tells(clue, form->passphrase))
		faults |= SECURE_CLUE_TELLS;
	if (form->lifetime_days < 1 ||
	    form->lifetime_days > messenger->policy->longest_lifetime_days)
		faults |= SECURE_LIFETIME;
	return faults;
}

/* passphrase -> lock: only its public half leaves this function. */
static enum status
make_lock(const struct messenger *messenger, const struct secure_form *form, int64_t now,
	  struct arena *arena, struct lock_row *row)
{
	struct lock_terms terms;
	struct secret answer;
	struct pair pair;
	enum status status;

	lock_terms_new(rule_of(form), messenger->policy->lock_ops,
		       messenger->policy->lock_memory_kib, &terms);
	status = lock_normalise(terms.rule, form->passphrase, &answer);
	if (status != STATUS_OK)
		return status;
	status = lock_derive(&terms, &answer, &messenger->keys->pepper, &pair);
	secret_clear(&answer);
	if (status != STATUS_OK)
		return status;
	*row = (struct lock_row){
	    .id = terms.id,
	    .salt = arena_copy(arena, slice_of(terms.salt, LOCK_SALT_SIZE)),
	    .ops = terms.ops,
	    .memory_kib = terms.memory_kib,
	    .rule = (int)terms.rule,
	    .created_at = now,
	};
	row->clue = messenger_display_seal(messenger, "lock.clue", &row->id,
					   arena_text_from(arena, slice_trim(form->clue)), arena);
	/* In clear it would let whoever has the database and the pepper test guesses. */
	status = pair_seal(messenger->keys->gateway_public, PAIR_LOCK_PUBLIC, &row->id,
			   slice_of(pair.public, PAIR_PUBLIC_SIZE), arena, &row->public_wrap);
	pair_clear(&pair);
	return status;
}

static enum status
save_template(const struct messenger *messenger, struct store *store,
	      const struct delivery_row *delivery, const struct lock_row *lock,
	      const struct secure_form *form, int64_t now, struct arena *arena)
{
	struct template_row row = {
	    .id = id_new(),
	    .owner_index = delivery->sender_index,
	    .recipient_index = delivery->recipient_index,
	    .lock_id = lock->id,
	    .lifetime_days = form->lifetime_days,
	    .notify = form->notify,
	    .created_at = now,
	};
	struct message_row message;
	const char *recipient;
	enum status status = message_read(store, &delivery->message_id, false, arena, &message);

	if (status != STATUS_OK)
		return status;
	recipient = messenger_display_open(messenger, "delivery.recipient", &delivery->id,
					   delivery->recipient, arena);
	row.owner = messenger_display_seal(messenger, "template.owner", &row.id,
					   author_open(messenger, &message, arena).address, arena);
	row.recipient =
	    messenger_display_seal(messenger, "template.recipient", &row.id, recipient, arena);
	return lock_template_save(store, &row);
}

static enum status
secure_in_transaction(const struct messenger *messenger, struct store *store,
		      const struct door *door, const struct lock_row *lock,
		      const struct secure_form *form, int64_t now, struct arena *arena)
{
	const struct delivery_row *delivery = &door->delivery;
	enum status status = lock_insert(store, lock);

	if (status == STATUS_OK)
		status = delivery_set_securing(store, &delivery->id, &lock->id, form->lifetime_days,
					       form->notify);
	if (status == STATUS_OK && form->save_template)
		status = save_template(messenger, store, delivery, lock, form, now, arena);
	if (status == STATUS_OK)
		status = store_notify(store, "postern_work");
	return status;
}

static enum status
secure(const struct messenger *messenger, const struct door *door, const struct secure_form *form,
       int64_t now, struct arena *arena)
{
	char id[ID_TEXT_SIZE];
	struct lock_row lock;
	struct store *store;
	enum status status;

	if (door->row.ended != LINK_LIVE || door->delivery.state != DELIVERY_HELD ||
	    door->delivery.expires_at <= now)
		return STATUS_CONFLICT;
	if (messenger_secure_check(messenger, form) != 0)
		return STATUS_INVALID;
	status = make_lock(messenger, form, now, arena, &lock);
	if (status != STATUS_OK)
		return status;
	store = store_pool_get(messenger->stores);
	status = store_begin(store);
	if (status == STATUS_OK)
		status = secure_in_transaction(messenger, store, door, &lock, form, now, arena);
	if (status == STATUS_OK)
		status = store_commit(store);
	if (status != STATUS_OK)
		store_rollback(store);
	store_pool_put(messenger->stores, store);
	log_info("finished-by-sender", LOG_TEXT("delivery", id_text(door->delivery.id, id)),
		 LOG_TEXT("status", status_text(status)));
	return status;
}

enum status
messenger_secure(const struct messenger *messenger, struct slice link,
		 const struct secure_form *form, int64_t now)
{
	struct arena *arena = arena_new();
	struct store *store = store_pool_get(messenger->stores);
	struct door door;
	enum status status = door_find(store, link, LINK_SENDER, arena, &door);

	/* The connection is not kept while Argon2id works. */
	store_pool_put(messenger->stores, store);
	if (status == STATUS_OK) {
		status = secure(messenger, &door, form, now, arena);
		door_clear(&door);
	}
	arena_free(arena);
	return status;
}

static enum status
recall_in_transaction(struct store *store, const struct door *door, int64_t now)
{
	enum status status;

	if (door->row.ended != LINK_LIVE)
		return STATUS_CONFLICT;
	status = delivery_close(store, &door->delivery.id, DELIVERY_RECALLED, now);
	if (status == STATUS_OK)
		status = session_delete_of(store, &door->delivery.id);
	if (status == STATUS_OK)
		status = store_notify(store, "postern_work");
	return status;
}

enum status
messenger_recall(const struct messenger *messenger, struct slice link, int64_t now)
{
	struct arena *arena = arena_new();
	struct store *store = store_pool_get(messenger->stores);
	char id[ID_TEXT_SIZE];
	struct door door;
	enum status status = door_find(store, link, LINK_SENDER, arena, &door);

	if (status == STATUS_OK) {
		status = store_begin(store);
		if (status == STATUS_OK)
			status = recall_in_transaction(store, &door, now);
		if (status == STATUS_OK)
			status = store_commit(store);
		if (status != STATUS_OK)
			store_rollback(store);
		log_info("recalled", LOG_TEXT("delivery", id_text(door.delivery.id, id)),
			 LOG_TEXT("status", status_text(status)));
		door_clear(&door);
	}
	store_pool_put(messenger->stores, store);
	arena_free(arena);
	return status;
}
