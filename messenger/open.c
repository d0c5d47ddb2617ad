#include "messenger/open.h"

#include <string.h>

#include "base/log.h"
#include "crypto/box.h"
#include "crypto/hash.h"
#include "crypto/pair.h"
#include "messenger/account.h"
#include "messenger/admit.h"
#include "messenger/author.h"
#include "messenger/content.h"
#include "messenger/door.h"
#include "messenger/mailbox.h"
#include "store/session.h"

/* What an opened message needs to stay readable, besides what its holder sees. */
struct opening {
	struct opened opened;
	struct session_row session;
	bool has_session;
	struct inbox inbox;
	bool has_inbox;
	struct message_row message;
	struct source stored;
};

static void
clear_opening(void *argument)
{
	struct opening *opening = argument;

	secret_clear(&opening->opened.temporary_private);
	secret_clear(&opening->opened.message_key);
}

static enum status
find_session(const struct messenger *messenger, struct store *store, struct slice token,
	     int64_t now, struct arena *arena, struct session_row *session_out)
{
	const struct policy *policy = messenger->policy;
	unsigned char hash[HASH_SIZE];

	hash_purpose((struct slice){NULL, 0}, "session token", token, hash);
	return session_find(store, slice_of(hash, sizeof(hash)), now,
			    now - policy->session_idle_seconds, now - policy->session_seconds,
			    arena, session_out);
}

/* What lies in a mailbox waits for the factor that a policy demands of its owner, also for who came
 * to it before, or by its own passphrase. */
static enum status
check_set_up(const struct messenger *messenger, struct store *store, const struct id *delivery,
	     struct arena *arena)
{
	struct mailbox_row mailbox;
	bool has_factor;
	enum status status;

	if (!messenger->policy->always_mailbox_factor)
		return STATUS_OK;
	status = mailbox_of_delivery(store, delivery, arena, &mailbox);
	if (status != STATUS_OK)
		return status == STATUS_NOT_FOUND ? STATUS_OK : status;
	status = account_needs_factor(messenger, store, mailbox.address_index, arena, &has_factor);
	return status == STATUS_OK && !has_factor ? STATUS_CONFLICT : status;
}

/* cookie -> T */
static enum status
open_session(const struct messenger *messenger, const struct door *door, struct slice token,
	     struct opening *opening)
{
	const struct session_row *session = &opening->session;
	const struct id *delivery = &door->delivery.id;

	opening->opened.session_ends_at = session->created_at + messenger->policy->session_seconds;
	/* It is seen just now. */
	opening->opened.session_idle_at =
	    session->seen_at + messenger->policy->session_idle_seconds;
	if (opening->opened.session_idle_at > opening->opened.session_ends_at)
		opening->opened.session_idle_at = opening->opened.session_ends_at;
	return box_open_secret(token, "session", id_slice(delivery), session->sealed,
			       &opening->opened.temporary_private);
}

/* mailbox -> T.  The first time is the opening that its sender may want to be told of. */
static enum status
open_by_mailbox(struct store *store, const struct door *door, int64_t now, struct arena *arena,
		struct opening *opening)
{
	const struct delivery_row *delivery = &door->delivery;
	struct opened *opened = &opening->opened;
	enum status status;

	if (!opening->has_inbox || delivery->factor != FACTOR_NONE)
		return STATUS_DENIED;
	status =
	    mailbox_take(store, &opening->inbox, &delivery->id, arena, &opened->temporary_private);
	if (status == STATUS_OK && delivery->state == DELIVERY_READY)
		status = admit_by_mailbox(store, delivery, now);
	opened->by_mailbox = true;
	opened->session_idle_at = opening->inbox.idle_at;
	opened->session_ends_at = opening->inbox.ends_at;
	return status;
}

/* T -> K */
static enum status
open_key(const struct door *door, struct opening *opening)
{
	const struct delivery_row *delivery = &door->delivery;
	struct pair pair;
	enum status status =
	    pair_from_private(secret_slice(&opening->opened.temporary_private), &pair);

	if (status != STATUS_OK)
		return status;
	status = pair_open(&pair, PAIR_MESSAGE_KEY, &delivery->message_id,
			   delivery->message_key_wrap, &opening->opened.message_key);
	pair_clear(&pair);
	return status;
}

static enum status
open_manifest(struct opening *opening, struct arena *arena)
{
	struct slice bytes;
	enum status status =
	    box_open(secret_slice(&opening->opened.message_key), "manifest",
		     id_slice(&opening->message.id), opening->message.manifest, arena, &bytes);

	return status == STATUS_OK ? manifest_read(bytes, arena, &opening->opened.manifest)
				   : status;
}

static enum status
open_message(const struct messenger *messenger, const struct door *door, struct arena *arena,
	     struct opening *opening)
{
	struct opened *opened = &opening->opened;
	enum status status = open_key(door, opening);

	if (status == STATUS_OK)
		status = open_manifest(opening, arena);
	if (status == STATUS_OK)
		status = content_open(messenger, &opening->message, &opened->message_key, arena,
				      &opening->stored);
	if (status == STATUS_OK)
		status = edit_source(&opening->stored, &opened->manifest.edits, arena,
				     &opened->message_source);
	if (status != STATUS_OK)
		return status;
	opened->delivery = door->delivery.id;
	opened->message = opening->message.id;
	opened->expires_at = door->delivery.expires_at;
	opened->is_answer = opening->message.has_parent;
	opened->mailbox = door->delivery.mailbox;
	opened->sender_address = author_open(messenger, &opening->message, arena).address;
	opened->recipient = messenger_display_open(
	    messenger, "delivery.recipient", &opened->delivery, door->delivery.recipient, arena);
	return STATUS_OK;
}

static enum status
open_door(const struct messenger *messenger, struct store *store, const struct door *door,
	  const struct opening_tokens *tokens, int64_t now, struct arena *arena,
	  struct opening *opening)
{
	char id[ID_TEXT_SIZE];
	enum delivery_standing standing = door_standing(door, now);
	enum status status;

	/* Somebody else's guessing suspends the link, not the reader who is inside already. */
	if (standing != STANDING_READY && standing != STANDING_SUSPENDED &&
	    standing != STANDING_REPLACED)
		return STATUS_GONE;
	if (opening->has_session && id_equal(opening->session.delivery_id, door->delivery.id)) {
		status = check_set_up(messenger, store, &door->delivery.id, arena);
		if (status == STATUS_OK)
			status = open_session(messenger, door, tokens->message, opening);
	} else {
		status = open_by_mailbox(store, door, now, arena, opening);
	}
	if (status != STATUS_OK)
		return status;
	status = open_message(messenger, door, arena, opening);
	if (status == STATUS_DAMAGED)
		log_error("message-damaged", LOG_TEXT("delivery", id_text(door->delivery.id, id)));
	return status;
}

/* Who has a session of this message, or of a mailbox. */
static enum status
find_sessions(const struct messenger *messenger, struct store *store,
	      const struct opening_tokens *tokens, int64_t now, struct arena *arena,
	      struct opening *opening)
{
	enum status status = STATUS_NOT_FOUND;

	if (tokens->message.size > 0)
		status =
		    find_session(messenger, store, tokens->message, now, arena, &opening->session);
	opening->has_session = status == STATUS_OK;
	if (status != STATUS_NOT_FOUND || tokens->mailbox.size == 0)
		return status == STATUS_NOT_FOUND ? STATUS_OK : status;
	status =
	    mailbox_find_session(messenger, store, tokens->mailbox, now, arena, &opening->inbox);
	opening->has_inbox = status == STATUS_OK;
	return status == STATUS_DENIED ? STATUS_OK : status;
}

enum status
messenger_open(const struct messenger *messenger, struct slice link,
	       const struct opening_tokens *tokens, int64_t now, struct arena *arena,
	       struct opened **opened_out)
{
	struct opening *opening = arena_alloc(arena, sizeof(*opening));
	struct store *store = store_pool_get(messenger->stores);
	struct link_path path = {0};
	struct door door;
	enum status status;

	arena_defer(arena, clear_opening, opening);
	/* First, so that nothing large is read for a stranger who has the link only. */
	status = find_sessions(messenger, store, tokens, now, arena, opening);
	if (status == STATUS_OK)
		status =
		    door_follow(store, link, LINK_RECIPIENT,
				opening->has_session || opening->has_inbox, arena, &door, &path);
	if (status == STATUS_OK) {
		opening->message = path.message;
		status = open_door(messenger, store, &door, tokens, now, arena, opening);
		door_clear(&door);
	}
	store_pool_put(messenger->stores, store);
	if (status == STATUS_OK)
		*opened_out = &opening->opened;
	return status;
}

static enum status
open_in_mailbox(const struct messenger *messenger, struct store *store, const struct id *id,
		bool seen, int64_t now, struct arena *arena, struct opening *opening)
{
	struct door door = {.link = {NULL, 0}};
	struct delivery_row *delivery = &door.delivery;
	enum status status = delivery_read(store, id, false, arena, delivery);

	if (status == STATUS_NOT_FOUND)
		return STATUS_DENIED;
	if (status != STATUS_OK)
		return status;
	if ((delivery->state != DELIVERY_READY && delivery->state != DELIVERY_OPENED) ||
	    delivery->expires_at <= now)
		return STATUS_GONE;
	if (delivery->factor != FACTOR_NONE)
		return STATUS_DENIED;
	status =
	    mailbox_take(store, &opening->inbox, id, arena, &opening->opened.temporary_private);
	if (status == STATUS_OK)
		status =
		    message_read(store, &delivery->message_id, false, arena, &opening->message);
	if (status == STATUS_OK && seen && delivery->state == DELIVERY_READY)
		status = admit_by_mailbox(store, delivery, now);
	return status == STATUS_OK ? open_message(messenger, &door, arena, opening) : status;
}

enum status
messenger_open_in_mailbox(const struct messenger *messenger, const struct inbox *inbox,
			  const struct id *delivery, bool seen, int64_t now, struct arena *arena,
			  struct opened **opened_out)
{
	struct opening *opening = arena_alloc(arena, sizeof(*opening));
	struct store *store = store_pool_get(messenger->stores);
	enum status status;

	arena_defer(arena, clear_opening, opening);
	opening->inbox = *inbox; /* borrowed: its pair is cleared by its owner */
	status = open_in_mailbox(messenger, store, delivery, seen, now, arena, opening);
	store_pool_put(messenger->stores, store);
	if (status == STATUS_OK)
		*opened_out = &opening->opened;
	return status;
}

enum status
messenger_close(const struct messenger *messenger, struct slice token)
{
	struct store *store = store_pool_get(messenger->stores);
	unsigned char hash[HASH_SIZE];
	enum status status;

	hash_purpose((struct slice){NULL, 0}, "session token", token, hash);
	status = session_delete(store, slice_of(hash, sizeof(hash)));
	store_pool_put(messenger->stores, store);
	return status;
}

enum status
messenger_destroy(const struct messenger *messenger, const struct id *delivery, int64_t now)
{
	struct store *store = store_pool_get(messenger->stores);
	char id[ID_TEXT_SIZE];
	enum status status = store_begin(store);

	if (status == STATUS_OK)
		status =
		    delivery_close(store, delivery, DELIVERY_DESTROYED, CLOSED_BY_RECIPIENT, now);
	if (status == STATUS_OK)
		status = session_delete_of(store, delivery);
	if (status == STATUS_OK)
		status = store_notify(store, "postern_work");
	status = store_end(store, status);
	store_pool_put(messenger->stores, store);
	log_info("destroyed", LOG_TEXT("delivery", id_text(*delivery, id)),
		 LOG_TEXT("status", status_text(status)));
	return status;
}
