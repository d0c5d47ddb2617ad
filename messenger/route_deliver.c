#include "messenger/routing.h"

#include "base/log.h"
#include "messenger/factor.h"
#include "messenger/pdf_lock.h"
#include "messenger/pdf_way.h"
#include "messenger/post.h"
#include "messenger/protect.h"
#include "messenger/remind.h"
#include "messenger/report.h"
#include "messenger/route_mailbox.h"
#include "messenger/seal.h"
#include "messenger/settle.h"
#include "messenger/sign.h"
#include "messenger/throttle.h"
#include "store/link.h"

#define DAY 86400

/* The sender's link: its hash is written behind the delivery, its secret leaves with a letter that
 * the delivery remembers. */
static void
give_sender_link(struct routing *routing, struct delivery_row *row, struct slice *hash_out)
{
	seal_sender_link(routing->messenger, row, routing->arena, hash_out);
	row->has_link_letter = true;
	row->link_letter = id_new();
}

static enum status
insert_sender_link(struct routing *routing, const struct delivery_row *row, struct slice hash)
{
	struct slice none = {NULL, 0};

	return link_insert(routing->store, hash, &row->id, LINK_SENDER, 0, none, none);
}

/* What a mail program asked for counts as the sender's wish (RFC 8098 section 2.1); of a machine's
 * message nothing does. */
static unsigned
wishes_of(const struct routing *routing, unsigned settled)
{
	if (routing->automatic)
		return 0;
	return *routing->letter.manifest.receipt_to == '\0' ? settled : settled | WISH_OPENED;
}

static enum status
write_delivery(struct routing *routing, const struct delivery_row *row)
{
	return routing->falls ? delivery_set_fallen(routing->store, row)
			      : delivery_insert(routing->store, row);
}

/* What its sender settled, or what holds where nothing is settled (`template` NULL). */
static void
settle(const struct routing *routing, struct delivery_row *row, const struct template_row *template)
{
	const struct policy *policy = routing->messenger->policy;
	bool by_template = template != NULL;

	row->state = DELIVERY_READY;
	row->by_template = by_template;
	row->lifetime_days = by_template ? template->lifetime_days : policy->default_lifetime_days;
	row->wishes = wishes_of(routing, by_template ? template->wishes : 0);
	if (!routing->automatic)
		row->remind_days = by_template ? template->remind_days : policy->remind_days;
	row->language = by_template ? template->language : NULL;
	row->factor = factor_in_force(policy, by_template ? template->factor : FACTOR_NONE);
	if (by_template)
		row->phone =
		    templates_phone_for(routing->messenger, template, &row->id, routing->arena);
	row->secured_at = routing->now;
	row->expires_at = routing->now + (int64_t)row->lifetime_days * DAY;
	row->remind_at = remind_next(policy, row, routing->now);
}

/* The row, its links, and the mails about them: to the recipient, and with a link (its hash not
 * empty) to the sender. */
static enum status
write_ready(struct routing *routing, const struct delivery_row *row, struct slice hash)
{
	enum status status = write_delivery(routing, row);

	if (status == STATUS_OK)
		status = seal_insert_link(routing->messenger, routing->store, &row->id, 0,
					  routing->arena);
	if (status == STATUS_OK)
		status = row->pdf == PDF_NONE
			     ? post(routing->store, OUTBOX_NOTICE, row, routing->now)
			     : pdf_lock_post(routing->messenger, routing->store, row, routing->now,
					     routing->arena);
	if (status == STATUS_OK && hash.size > 0)
		status = insert_sender_link(routing, row, hash);
	if (status == STATUS_OK && hash.size > 0)
		status =
		    post_named(routing->store, &row->link_letter, OUTBOX_SENT, row, routing->now);
	return status;
}

/* Under its lock, which is a template's or was made for it alone; T is kept until a PDF has left.
 */
static enum status
deliver_locked(struct routing *routing, struct delivery_row *row,
	       const struct template_row *template, const struct secret *temporary)
{
	struct slice hash = {NULL, 0};
	struct lock_row lock;
	enum status status = lock_read(routing->store, &row->lock_id, routing->arena, &lock);

	/* The template was changed in this very moment: once more. */
	if (status != STATUS_OK)
		return status == STATUS_NOT_FOUND ? STATUS_CONFLICT : status;
	if (template == NULL || template->link_mail)
		give_sender_link(routing, row, &hash);
	status = seal_to_lock(routing->messenger, row, &lock, temporary, routing->arena);
	if (status == STATUS_OK && row->pdf != PDF_NONE)
		status = seal_hold(routing->messenger, row, temporary, routing->arena);
	if (status != STATUS_OK)
		return status;
	settle(routing, row, template);
	return write_ready(routing, row, hash);
}

/* STATUS_NOT_FOUND: there is no password left on the sheet. */
static enum status
deliver_by_template(struct routing *routing, struct delivery_row *row,
		    const struct template_row *template, const struct secret *temporary)
{
	enum status status = STATUS_OK;

	if (delivery_pdf_is_generated(template->pdf)) {
		status = pdf_lock_make(routing->messenger, routing->store, row, template->pdf,
				       routing->now, routing->arena);
	} else {
		row->has_lock = true;
		row->lock_id = template->lock_id;
		row->pdf = template->pdf;
		row->pdf_password = template->pdf_password;
	}
	if (status == STATUS_OK)
		status = deliver_locked(routing, row, template, temporary);
	if (status == STATUS_OK)
		status = template_set_used(routing->store, &template->id, routing->now);
	return status;
}

/* Nothing is settled for this recipient, and the organisation's ladder says PDF. */
static enum status
deliver_by_ladder(struct routing *routing, struct delivery_row *row, const struct secret *temporary)
{
	enum status status = pdf_lock_make(routing->messenger, routing->store, row, PDF_GENERATED,
					   routing->now, routing->arena);

	return status == STATUS_OK ? deliver_locked(routing, row, NULL, temporary) : status;
}

static enum status
deliver_to_mailbox(struct routing *routing, struct delivery_row *row,
		   const struct mailbox_row *mailbox, const struct template_row *template,
		   const struct secret *temporary)
{
	struct slice hash = {NULL, 0};
	enum status status;

	if (template == NULL || template->link_mail)
		give_sender_link(routing, row, &hash);
	status = seal_rescue(routing->messenger, row, temporary, routing->arena);
	if (status != STATUS_OK)
		return status;
	settle(routing, row, template);
	status = write_ready(routing, row, hash);
	if (status == STATUS_OK)
		status = routing_put_into_mailbox(routing, row, mailbox, temporary);
	if (status == STATUS_OK && template != NULL)
		status = template_set_used(routing->store, &template->id, routing->now);
	return status;
}

static enum status
post_finish(struct routing *routing, const struct delivery_row *row)
{
	return post_named(routing->store, &row->link_letter, OUTBOX_FINISH, row, routing->now);
}

/* Two machines that answer each other must not fill a mailbox: about messages that no person wrote
 * the sender is asked so many times a day; then a reminder asks. */
static enum status
ask_machine(struct routing *routing, const struct delivery_row *row)
{
	const struct messenger *messenger = routing->messenger;
	struct throttle limit =
	    throttle_pair("throttle finish", row->sender_index, row->recipient_index,
			  messenger->policy->pair_mails, routing->arena);
	int64_t retry_at;
	enum status status =
	    throttle_once(messenger, routing->store, &limit, routing->now, &retry_at);

	if (status == STATUS_BUSY) {
		log_warning("sender-not-asked", LOG_TEXT("why", "too many requests today"));
		return delivery_set_reminded(routing->store, &row->id, retry_at, 0);
	}
	return status == STATUS_OK ? post_finish(routing, row) : status;
}

static enum status
deliver_held(struct routing *routing, struct delivery_row *row, const struct secret *temporary)
{
	const struct policy *policy = routing->messenger->policy;
	struct slice hash;
	enum status status = seal_hold(routing->messenger, row, temporary, routing->arena);

	if (status != STATUS_OK)
		return status;
	give_sender_link(routing, row, &hash);
	row->state = DELIVERY_HELD;
	row->wishes = wishes_of(routing, 0);
	row->expires_at = routing->now + policy->hold_seconds;
	if (!routing->automatic)
		row->remind_at = remind_next(policy, row, routing->now);
	status = write_delivery(routing, row);
	if (status == STATUS_OK)
		status = insert_sender_link(routing, row, hash);
	if (status != STATUS_OK)
		return status;
	return routing->automatic ? ask_machine(routing, row) : post_finish(routing, row);
}

/* What an administrator may want to mend: these would not have been held otherwise. */
static void
log_settled(const struct routing *routing, const struct settled *settled)
{
	char id[ID_TEXT_SIZE];

	if (settled->template_waits)
		log_warning("template-waits",
			    LOG_TEXT("factor", factor_word(settled->template.factor)),
			    LOG_TEXT("pdf", pdf_way_word(settled->template.pdf)));
	if (settled->mailbox_full)
		log_warning("mailbox-full", LOG_TEXT("message", id_text(routing->row.id, id)),
			    LOG_NUMBER("messages", settled->usage.messages),
			    LOG_NUMBER("bytes", settled->usage.bytes));
}

static enum status
deliver_settled(struct routing *routing, struct delivery_row *row, const struct settled *settled,
		const struct secret *temporary)
{
	const struct template_row *template = settled->has_template ? &settled->template : NULL;

	switch (settled->by) {
	case SETTLED_BY_TEMPLATE:
		return deliver_by_template(routing, row, &settled->template, temporary);
	case SETTLED_BY_MAILBOX:
		return deliver_to_mailbox(routing, row, &settled->mailbox, template, temporary);
	case SETTLED_BY_LADDER:
		return deliver_by_ladder(routing, row, temporary);
	case SETTLED_BY_NOBODY:
		break;
	}
	return STATUS_NOT_FOUND;
}

static enum status
deliver_to_portal(struct routing *routing, struct delivery_row *row,
		  const struct decision *decision)
{
	struct settled settled;
	struct secret temporary;
	enum status status = settle_portal(routing->messenger, routing->store, row->sender_index,
					   decision, routing->automatic, routing->arena, &settled);

	if (status != STATUS_OK)
		return status;
	log_settled(routing, &settled);
	status = seal_temporary(&routing->key, row, routing->arena, &temporary);
	if (status != STATUS_OK)
		return status;
	status = deliver_settled(routing, row, &settled, &temporary);
	/* Nothing is settled, or the last password of a sheet was taken in this very moment. */
	if (status == STATUS_NOT_FOUND) {
		routing->held++;
		status = deliver_held(routing, row, &temporary);
	}
	secret_clear(&temporary);
	routing->secured++;
	return status;
}

static enum status
deliver_refused(struct routing *routing, struct delivery_row *row)
{
	enum status status;

	routing->refused++;
	row->state = DELIVERY_FAILED;
	row->closed_at = routing->now;
	status = write_delivery(routing, row);
	if (status == STATUS_OK)
		status = report_post(routing->store, row, NOTIFY_FAILURE, routing->envelope.sender,
				     routing->now);
	return status;
}

/* It leaves encrypted to a key: what spoke for that key now is noted. */
static enum status
deliver_protected(struct routing *routing, struct delivery_row *row, const struct known_key *key)
{
	struct evidence evidence = key->evidence;
	enum status status;

	evidence.method = protect_method(key);
	status = sign_choose(routing->messenger, routing->store,
			     routing->letter.manifest.from.address, routing->envelope.sender,
			     key->kind, routing->now, routing->arena, &evidence.signer);
	if (status != STATUS_OK)
		return status;
	row->has_key = true;
	row->key_id = key->id;
	row->evidence = evidence_seal(routing->messenger, DELIVERY_EVIDENCE, &row->id, &evidence,
				      routing->arena);
	row->secured_at = routing->now;
	routing->protected ++;
	status = write_delivery(routing, row);
	return status == STATUS_OK ? post(routing->store, OUTBOX_PROTECTED, row, routing->now)
				   : status;
}

/* It leaves as it is, to a server that is verified when it is asked. */
static enum status
deliver_verified(struct routing *routing, struct delivery_row *row, const char *way)
{
	struct evidence evidence = evidence_none();
	enum status status;

	evidence.source = way;
	row->evidence = evidence_seal(routing->messenger, DELIVERY_EVIDENCE, &row->id, &evidence,
				      routing->arena);
	row->secured_at = routing->now;
	routing->verified++;
	status = write_delivery(routing, row);
	return status == STATUS_OK ? post(routing->store, OUTBOX_VERIFIED, row, routing->now)
				   : status;
}

static enum status
deliver(struct routing *routing, const struct decision *decision, struct delivery_row *row)
{
	char message[ID_TEXT_SIZE], delivery[ID_TEXT_SIZE];

	log_info("routed", LOG_TEXT("message", id_text(row->message_id, message)),
		 LOG_TEXT("delivery", id_text(row->id, delivery)), LOG_NUMBER("route", row->route),
		 LOG_TEXT("reason", row->reason));
	if (decision->route == ROUTE_REFUSE)
		return deliver_refused(routing, row);
	if (decision->key != NULL)
		return deliver_protected(routing, row, decision->key);
	if (decision->route == ROUTE_TLS)
		return deliver_verified(routing, row, decision->tls);
	if (decision->route == ROUTE_PORTAL)
		return deliver_to_portal(routing, row, decision);
	routing->plain++;
	return write_delivery(routing, row);
}

enum status
routing_deliver_fallen(struct routing *routing, const struct decision *decision,
		       const struct delivery_row *delivery)
{
	struct delivery_row row = *delivery;

	routing->falls = true;
	row.route = decision->route;
	row.reason = decision->reason;
	row.evidence = (struct slice){NULL, 0};
	row.secured_at = 0;
	return deliver(routing, decision, &row);
}

enum status
routing_deliver(struct routing *routing, const struct decision *decision,
		const struct envelope_recipient *asked)
{
	struct delivery_row row = {
	    .id = id_new(),
	    .message_id = routing->row.id,
	    .state = DELIVERY_QUEUED,
	    .route = decision->route,
	    .reason = decision->reason,
	    .relay_status = "",
	    .sender_index = routing->sender_index,
	    .created_at = routing->now,
	    .notify = asked->notify,
	};

	if (*asked->original != '\0')
		row.original = messenger_display_seal(routing->messenger, "delivery.original",
						      &row.id, asked->original, routing->arena);
	row.recipient = messenger_display_seal(routing->messenger, "delivery.recipient", &row.id,
					       decision->recipient, routing->arena);
	row.recipient_index =
	    messenger_address_index(routing->messenger, decision->recipient, routing->arena);
	return deliver(routing, decision, &row);
}
