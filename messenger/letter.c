#include "messenger/letter.h"

#include <string.h>

#include "base/clock.h"
#include "crypto/link.h"
#include "mail/compose.h"
#include "messenger/author.h"
#include "messenger/seal.h"
#include "store/delivery.h"

#define LETTER_MAX ((size_t)262144)

/* One letter in the making. */
struct making {
	const struct messenger *messenger;
	const struct message_row *message;
	struct delivery_row delivery;
	struct author author;
	const char *recipient;
	struct arena *arena;
	struct dispatch *dispatch;
	struct template_values *values;
	struct letter letter;
	struct text *body;
	struct text *out;
};

static const char *
until_text(int64_t time, struct arena *arena)
{
	char text[CLOCK_TEXT_SIZE] = "";

	if (time > 0)
		clock_format_people(time, text);
	return arena_copy_text(arena, text);
}

/* The address of a private link, alone on its line in a mail, under 78 characters. */
static const char *
link_address(const struct making *making, const char *kind, const struct secret *link)
{
	return arena_printf(making->arena, "%s/%s/%s", making->messenger->policy->portal_url, kind,
			    link_text(link, making->arena));
}

static const char *
recipient_link(const struct making *making, uint32_t generation)
{
	struct secret link;
	const char *address;

	link_derive(&making->messenger->keys->link_key, LINK_RECIPIENT, &making->delivery.id,
		    generation, &link);
	address = link_address(making, "r", &link);
	secret_clear(&link);
	return address;
}

/* Three groups of four are easier to type. */
static const char *
pickup_code(const struct making *making, uint32_t generation)
{
	const char *code = pickup_derive(&making->messenger->keys->link_key, &making->delivery.id,
					 generation, making->arena);

	return arena_printf(making->arena, "%.4s-%.4s-%.4s", code, code + 4, code + 8);
}

static void
put_reason(struct making *making)
{
	const char *reason = making->delivery.reason;
	struct template_values *values = making->values;

	template_put_flag(values, "near_miss", strstr(reason, "near-miss") != NULL);
	template_put_flag(values, "by_address", strncmp(reason, "address", 7) == 0);
	template_put_flag(values, "by_subject", strncmp(reason, "subject", 7) == 0);
	template_put_flag(values, "by_header", strncmp(reason, "header", 6) == 0);
	template_put_flag(values, "by_policy",
			  strcmp(reason, "always") == 0 || strcmp(reason, "message-mark") == 0);
}

static void
put_common_values(struct making *making)
{
	const struct policy *policy = making->messenger->policy;
	struct template_values *values = template_values_new(making->arena);
	const char *subject =
	    messenger_display_open(making->messenger, "message.subject", &making->message->id,
				   making->message->subject, making->arena);

	making->values = values;
	template_put_text(values, "organisation", policy->organisation);
	template_put_text(values, "portal_host", policy->portal_host);
	template_put_text(values, "portal_url", policy->portal_url);
	template_put_text(values, "sender_name",
			  *making->author.name == '\0' ? making->author.address
						       : making->author.name);
	template_put_text(values, "sender_address", making->author.address);
	template_put_text(values, "recipient_address", making->recipient);
	template_put_text(values, "subject", subject);
	template_put_text(values, "sent_at",
			  until_text(making->message->received_at, making->arena));
	template_put_text(values, "until", until_text(making->delivery.expires_at, making->arena));
	template_put_text(values, "opened_at",
			  until_text(making->delivery.opened_at, making->arena));
	put_reason(making);
}

/* Headers that all letters share: from Postern to the sender of the message. */
static void
put_common_headers(struct making *making)
{
	const struct policy *policy = making->messenger->policy;
	struct arena *arena = making->arena;

	making->letter = (struct letter){
	    .from = {policy->organisation, policy->system_address},
	    .to = {making->author.name, making->author.address},
	    .reply_to = {"", ""},
	    .subject = "",
	    .message_id =
		arena_printf(arena, "<%s@%s>", making->dispatch->letter_id, policy->host_name),
	    .in_reply_to = making->author.message_id,
	    .references = making->author.message_id,
	    .date = making->dispatch->row.created_at,
	    .automatic = true,
	};
}

static void
address_to(struct making *making, const char *envelope_sender, const char *recipient)
{
	struct dispatch *dispatch = making->dispatch;

	dispatch->sender = envelope_sender;
	dispatch->recipients = arena_alloc(making->arena, sizeof(*dispatch->recipients));
	dispatch->recipients[0].address = recipient;
	dispatch->recipient_count = 1;
}

static enum status
render(struct making *making, const char *name)
{
	return template_render_mail(making->messenger->templates, name, making->values,
				    making->arena, &making->letter.subject, making->body);
}

/* A plain letter to the sender; their answer or bounce goes nowhere. */
static enum status
to_sender(struct making *making, const char *name)
{
	enum status status = render(making, name);

	address_to(making, "", making->author.address);
	return status == STATUS_OK
		   ? compose_text(&making->letter, text_slice(making->body), making->out)
		   : status;
}

static enum status
make_finish(struct making *making)
{
	struct secret link;
	enum status status;

	if (making->delivery.state != DELIVERY_HELD)
		return STATUS_CONFLICT;
	status = seal_open_sender_link(making->messenger, &making->delivery, &link);
	if (status != STATUS_OK)
		return status;
	template_put_text(making->values, "link", link_address(making, "s", &link));
	secret_clear(&link);
	return to_sender(making, "mails/finish");
}

static bool
is_open(const struct delivery_row *row)
{
	return row->state == DELIVERY_READY || row->state == DELIVERY_OPENED;
}

/* In the sender's name but from the organisation's own address, so that it passes DMARC; bounces
 * go to the sender, who knows what they mean. */
static enum status
to_recipient(struct making *making, const char *name)
{
	const struct policy *policy = making->messenger->policy;
	uint32_t generation = making->dispatch->row.generation;
	enum status status;

	if (!is_open(&making->delivery) || making->delivery.link_generation != generation)
		return STATUS_CONFLICT;
	making->letter.from.name =
	    *making->author.name == '\0'
		? policy->organisation
		: arena_printf(making->arena, "%s (%s)", making->author.name, policy->organisation);
	making->letter.to = (struct mailbox){"", making->recipient};
	making->letter.reply_to = (struct mailbox){making->author.name, making->author.address};
	making->letter.in_reply_to = "";
	making->letter.references = "";
	template_put_text(making->values, "link", recipient_link(making, generation));
	template_put_text(making->values, "pickup_code", pickup_code(making, generation));
	status = render(making, name);
	address_to(making, making->author.address, making->recipient);
	return status == STATUS_OK
		   ? compose_text(&making->letter, text_slice(making->body), making->out)
		   : status;
}

static enum status
make_opened(struct making *making)
{
	enum status status = render(making, "mails/receipt-opened");

	making->letter.auto_submitted = "auto-replied";
	address_to(making, "", making->author.address);
	return status == STATUS_OK
		   ? compose_receipt(&making->letter, text_slice(making->body),
				     making->messenger->policy->host_name, making->recipient,
				     making->author.message_id, making->out)
		   : status;
}

static enum status
make_bounce(struct making *making)
{
	const struct delivery_row *delivery = &making->delivery;
	bool unfinished = delivery->state == DELIVERY_EXPIRED;
	bool refused = delivery->route == ROUTE_REFUSE;
	const char *reply =
	    messenger_display_open(making->messenger, "delivery.relay_reply", &delivery->id,
				   delivery->relay_reply, making->arena);
	const char *code = delivery->relay_status == NULL ? "" : delivery->relay_status;
	struct failure failure = {making->recipient, "failed", code, reply};
	enum status status;

	if (unfinished)
		failure.status = "5.4.7"; /* delivery time expired (RFC 3463 section 3.5) */
	else if (refused)
		failure.status = "5.7.1";      /* delivery not authorised (section 3.8) */
	else if (*code != '5' && *code != '4') /* "later" until the end stays "later" */
		failure.status = "5.0.0";
	template_put_flag(making->values, "unfinished", unfinished);
	template_put_flag(making->values, "refused", refused);
	template_put_flag(making->values, "undeliverable", !unfinished && !refused);
	template_put_flag(making->values, "notice_undeliverable", is_open(delivery));
	template_put_text(making->values, "answer", reply);
	template_put_text(making->values, "reason", delivery->reason);
	status = render(making, "mails/bounce");
	making->letter.auto_submitted = "auto-replied";
	address_to(making, "", making->author.address);
	return status == STATUS_OK ? compose_bounce(&making->letter, text_slice(making->body),
						    making->messenger->policy->host_name, &failure,
						    1, "", making->out)
				   : status;
}

static enum status
make(struct making *making)
{
	switch (making->dispatch->row.kind) {
	case OUTBOX_FINISH:
		return make_finish(making);
	case OUTBOX_NOTICE:
		return to_recipient(making, "mails/notice");
	case OUTBOX_SUSPENDED_RECIPIENT:
		return to_recipient(making, "mails/suspended-recipient");
	case OUTBOX_SUSPENDED_SENDER:
		return to_sender(making, "mails/suspended-sender");
	case OUTBOX_OPENED:
		return make_opened(making);
	case OUTBOX_BOUNCE:
		return make_bounce(making);
	case OUTBOX_EXPIRED_UNREAD:
		return to_sender(making, "mails/expired-unread");
	case OUTBOX_PLAIN:
	case OUTBOX_REPLY:
		break;
	}
	return STATUS_INTERNAL;
}

enum status
letter_make(const struct messenger *messenger, struct store *store,
	    const struct message_row *message, struct arena *arena, struct dispatch *dispatch)
{
	struct making making = {
	    .messenger = messenger, .message = message, .arena = arena, .dispatch = dispatch};
	struct slice *bytes = arena_alloc(arena, sizeof(*bytes));
	enum status status;

	if (!dispatch->row.has_delivery)
		return STATUS_INTERNAL;
	status = delivery_read(store, &dispatch->row.delivery_id, false, arena, &making.delivery);
	if (status != STATUS_OK)
		return status;
	making.author = author_open(messenger, message, arena);
	/* Nobody is told who has no address: the null reverse-path. */
	if (*making.author.address == '\0')
		return STATUS_CONFLICT;
	making.recipient = messenger_display_open(
	    messenger, "delivery.recipient", &making.delivery.id, making.delivery.recipient, arena);
	making.body = arena_alloc(arena, sizeof(*making.body));
	making.out = arena_alloc(arena, sizeof(*making.out));
	text_init_in(making.body, arena, LETTER_MAX);
	text_init_in(making.out, arena, LETTER_MAX);
	put_common_values(&making);
	put_common_headers(&making);
	status = make(&making);
	if (status != STATUS_OK)
		return status;
	*bytes = text_slice(making.out);
	dispatch->letter = source_from_slice(bytes);
	return STATUS_OK;
}
