/*
 * A reply on its way: to the sender of what it answers in the organisation's own
 * mail, encrypted where the sender's key is known, and to those who hold the same message as they
 * hold it; what is forwarded may go to some of them alone.  Whoever is none of these gets nothing,
 * whatever the envelope says.
 */
#include "messenger/routing.h"

#include "base/log.h"
#include "messenger/finder.h"
#include "messenger/holders.h"
#include "messenger/post.h"
#include "messenger/route_mailbox.h"
#include "messenger/seal.h"
#include "messenger/thread.h"
#include "store/give_up.h"
#include "store/link.h"

#define DAY 86400

/* As they hold the message: under its lock, in their mailbox, or both. */
static enum status
seal_as_held(struct routing *routing, struct delivery_row *row, const struct secret *temporary)
{
	struct lock_row lock;
	enum status status;

	if (!row->has_lock)
		return STATUS_OK;
	status = lock_read(routing->store, &row->lock_id, routing->arena, &lock);
	return status == STATUS_OK
		   ? seal_to_lock(routing->messenger, row, &lock, temporary, routing->arena)
		   : status;
}

static enum status
put_as_held(struct routing *routing, const struct delivery_row *row,
	    const struct delivery_row *held, const struct secret *temporary)
{
	struct mailbox_row mailbox;
	bool ending = false;
	enum status status = STATUS_OK;

	/* What has no lock and is about to go with its mailbox is none that is held (holders_of).
	 */
	if (held->has_lock)
		status = give_up_dooms(routing->store, &held->id, routing->now, &ending);
	/* Under the lock alone: that mailbox is about to go. */
	if (status != STATUS_OK || ending)
		return status;
	status = mailbox_of_delivery(routing->store, &held->id, routing->arena, &mailbox);

	/* It may have been closed in the very moment; then its messages are over, too. */
	if (status == STATUS_NOT_FOUND)
		return held->has_lock ? STATUS_OK : STATUS_CONFLICT;
	return status == STATUS_OK ? routing_put_into_mailbox(routing, row, &mailbox, temporary)
				   : status;
}

/* What opens the message that they hold opens this. */
static enum status
deliver_as_held(struct routing *routing, const struct delivery_row *answered,
		const struct holder *holder)
{
	const struct messenger *messenger = routing->messenger;
	struct delivery_row row = {
	    .id = id_new(),
	    .message_id = routing->row.id,
	    .state = DELIVERY_READY,
	    .route = ROUTE_PORTAL,
	    .reason = "reply-to-all",
	    .relay_status = "",
	    .recipient_index = holder->delivery.recipient_index,
	    /* The conversation is theirs: they can take it back, or have the link sent again. */
	    .sender_index = answered->sender_index,
	    .has_lock = holder->delivery.has_lock,
	    .lock_id = holder->delivery.lock_id,
	    .lifetime_days = holder->delivery.lifetime_days > 0
				 ? holder->delivery.lifetime_days
				 : messenger->policy->default_lifetime_days,
	    .mailbox = holder->delivery.mailbox,
	    .created_at = routing->now,
	    .secured_at = routing->now,
	};
	struct secret temporary;
	enum status status;

	row.expires_at = routing->now + (int64_t)row.lifetime_days * DAY;
	row.recipient = messenger_display_seal(messenger, "delivery.recipient", &row.id,
					       holder->address, routing->arena);
	status = seal_temporary(&routing->key, &row, routing->arena, &temporary);
	if (status != STATUS_OK)
		return status;
	status = seal_as_held(routing, &row, &temporary);
	if (status == STATUS_OK)
		status = delivery_insert(routing->store, &row);
	if (status == STATUS_OK)
		status = put_as_held(routing, &row, &holder->delivery, &temporary);
	secret_clear(&temporary);
	if (status == STATUS_OK)
		status = seal_insert_link(messenger, routing->store, &row.id, 0, routing->arena);
	if (status == STATUS_OK)
		status = post(routing->store, OUTBOX_NOTICE, &row, routing->now);
	routing->secured++;
	return status;
}

static const struct holder *
find_holder(const struct holder *holders, size_t count, struct slice index)
{
	for (size_t i = 0; i < count; i++)
		if (slice_equal(holders[i].delivery.recipient_index, index))
			return &holders[i];
	return NULL;
}

/* To one of the organisation's own.  Whose key is known gets it encrypted; inside, it may go as
 * ordinary mail too. */
static enum status
deliver_inside(struct routing *routing, struct decision *decision,
	       const struct envelope_recipient *asked)
{
	const struct messenger *messenger = routing->messenger;
	struct found_keys found = {.certificate = NULL};
	struct store *store;
	enum status status;

	if (!messenger->policy->protect_replies || messenger->finder == NULL)
		return routing_deliver(routing, decision, asked);
	store = store_pool_get(messenger->stores);
	status = finder_known(messenger, store, &decision->recipient, 1, routing->now,
			      routing->arena, &found);
	store_pool_put(messenger->stores, store);
	if (status != STATUS_OK)
		return status;
	decide_reply(messenger->policy, &found, decision);
	return routing_deliver(routing, decision, asked);
}

static enum status
deliver_to_holder(struct routing *routing, const struct delivery_row *answered,
		  const struct holder *holder, const struct envelope_recipient *asked)
{
	struct decision decision = {
	    .route = ROUTE_PLAIN, .reason = "own-domain", .recipient = holder->address};

	if (!holder->inside)
		return deliver_as_held(routing, answered, holder);
	return deliver_inside(routing, &decision, asked);
}

/* Each that is the sender, or holds what is answered; how many these were. */
static enum status
deliver_to_each(struct routing *routing, const struct delivery_row *answered, size_t *found_out)
{
	const struct envelope *envelope = &routing->envelope;
	char id[ID_TEXT_SIZE];
	struct holder *holders;
	size_t count;
	enum status status = holders_of(routing->messenger, routing->store, answered, routing->now,
					routing->arena, &holders, &count);

	for (size_t i = 0; i < envelope->recipient_count && status == STATUS_OK; i++) {
		const struct envelope_recipient *asked = &envelope->recipients[i];
		struct decision decision = {
		    .route = ROUTE_PLAIN, .reason = "reply", .recipient = asked->address};
		struct slice index =
		    messenger_address_index(routing->messenger, asked->address, routing->arena);
		const struct holder *holder = find_holder(holders, count, index);

		if (slice_equal(answered->sender_index, index))
			status = deliver_inside(routing, &decision, asked);
		else if (holder != NULL)
			status = deliver_to_holder(routing, answered, holder, asked);
		else {
			/* Their delivery may have ended since the reply was written. */
			log_warning("not-a-holder",
				    LOG_TEXT("message", id_text(routing->row.id, id)));
			continue;
		}
		*found_out += 1;
	}
	return status;
}

/* Whose conversation it is: the sender of what is answered.  Notices speak of them, and so do
 * reports. */
static enum status
find_host(struct routing *routing, const struct delivery_row *answered)
{
	struct message_row message;
	enum status status =
	    message_read(routing->store, &answered->message_id, false, routing->arena, &message);

	if (status != STATUS_OK)
		return status;
	routing->host = author_open(routing->messenger, &message, routing->arena);
	routing->host.message_id = routing->letter.manifest.message_id;
	return STATUS_OK;
}

/* What refers to nothing begins something of its own: its writer used the message to tell whom it
 * goes to.  Where the message has no Message-ID to refer to, the subject tells. */
static bool
answers_something(const struct routing *routing)
{
	const struct manifest *manifest = &routing->letter.manifest;

	return *manifest->references != '\0' ||
	       slice_starts_nocase(slice_from_text(manifest->subject), SLICE("re:")) ||
	       slice_starts_nocase(slice_from_text(manifest->subject), SLICE("fwd:"));
}

static enum status
note_reply(struct routing *routing, const struct delivery_row *answered)
{
	enum status status = STATUS_OK;

	/* Those that are encrypted have mails of their own. */
	if (routing->plain > 0)
		status = post_message(routing->store, OUTBOX_REPLY, &routing->row.id, &answered->id,
				      routing->now);

	/* Answers to this message stay secure. */
	if (status == STATUS_OK)
		status = thread_remember(routing->messenger, routing->store,
					 routing->letter.manifest.message_id, routing->now,
					 routing->arena);
	if (status != STATUS_OK || !answers_something(routing))
		return status;
	if (answered->replied_at == 0 && (answered->wishes & WISH_REPLIED) != 0)
		status = post(routing->store, OUTBOX_REPLIED, answered, routing->now);
	if (status != STATUS_OK)
		return status;
	status = delivery_set_replied(routing->store, &answered->id, routing->now);
	/* What it answers was closed meanwhile: the reply goes out all the same. */
	return status == STATUS_CONFLICT ? STATUS_OK : status;
}

enum status
routing_deliver_reply(struct routing *routing)
{
	struct delivery_row answered;
	size_t found = 0;
	enum status status;

	if (!routing->row.has_parent || routing->envelope.recipient_count == 0)
		return STATUS_DAMAGED;
	status = delivery_read(routing->store, &routing->row.parent_delivery, false, routing->arena,
			       &answered);
	if (status == STATUS_OK)
		status = deliver_to_each(routing, &answered, &found);
	if (status == STATUS_OK && found == 0)
		return STATUS_DAMAGED;
	if (status == STATUS_OK && routing->secured > 0)
		status = find_host(routing, &answered);
	return status == STATUS_OK ? note_reply(routing, &answered) : status;
}
