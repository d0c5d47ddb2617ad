#include "messenger/letter_making.h"

#include <string.h>

#include "base/clock.h"
#include "mail/header.h"
#include "messenger/original.h"

/* What a report brings back of a message; longer ones come back as their header. */
#define RETURN_MAX ((uint64_t)65536)
#define HEADER_MAX ((size_t)32768)

/* What is told, before anything of the delivery is looked at. */
struct telling {
	const char *template;
	const char *action;
	const char *status; /* where the other server gave none that fits */
	bool failed;
};

/* What the display key knows of a message: enough to find it again. */
static const char *
known_header(struct making *making)
{
	char date[CLOCK_TEXT_SIZE];
	const char *subject =
	    messenger_display_open(making->messenger, "message.subject", &making->message->id,
				   making->message->subject, making->arena);
	const char *id = making->author.message_id;

	clock_format_mail(making->message->received_at, date);
	return arena_printf(
	    making->arena, "From: <%s>\nTo: <%s>\nDate: %s\n%s%s%s%s%s%s", making->author.address,
	    making->recipient, date, *id == '\0' ? "" : "Message-ID: ", id, *id == '\0' ? "" : "\n",
	    *subject == '\0' ? "" : "Subject: ", subject, *subject == '\0' ? "" : "\n");
}

/* Whether nobody's copy of the message was to be secured. */
static enum status
look_at_others(struct making *making, bool *all_plain_out)
{
	struct delivery_row *rows;
	size_t count;
	bool all_plain = true;
	enum status status =
	    delivery_of_message(making->store, &making->message->id, making->arena, &rows, &count);

	for (size_t i = 0; status == STATUS_OK && i < count; i++)
		all_plain = all_plain && rows[i].route == ROUTE_PLAIN;
	*all_plain_out = all_plain;
	return status;
}

/* The header as it was to leave; the whole message where its sender wants it back and it is short.
 * Of a message that was to be secured for anybody nothing leaves but what the mails about it say
 * anyway. */
static enum status
bring_back(struct making *making, const struct telling *telling, struct report *report)
{
	struct source *source = arena_alloc(making->arena, sizeof(*source));
	bool full = telling->failed && making->message->returns == RELAY_RETURN_FULL &&
		    (making->message->transfer & TRANSFER_BINARY) == 0;
	struct header_block block;
	unsigned char *bytes;
	bool all_plain;
	enum status status = look_at_others(making, &all_plain);

	report->original_header = known_header(making);
	if (status != STATUS_OK || !all_plain)
		return status;
	status = original_open(making->messenger, making->message, NULL, making->arena, source);
	if (status == STATUS_GONE)
		return STATUS_OK;
	if (status != STATUS_OK)
		return status;
	if (full && source->size <= RETURN_MAX) {
		bytes = arena_alloc(making->arena, (size_t)source->size + 1);
		status = source_read_exactly(source, 0, bytes, (size_t)source->size);
		report->original = slice_of(bytes, (size_t)source->size);
		return status;
	}
	status = header_read(source, making->arena, &block);
	if (status == STATUS_OK && block.bytes.size <= HEADER_MAX)
		report->original_header = arena_text_from(making->arena, block.bytes);
	return status == STATUS_TOO_LARGE ? STATUS_OK : status;
}

static const char *
status_of(const struct making *making, const struct telling *telling)
{
	const struct delivery_row *delivery = &making->delivery;
	const char *code = delivery->relay_status == NULL ? "" : delivery->relay_status;

	if (!telling->failed)
		return *code == *telling->status ? code : telling->status;
	if (delivery->state == DELIVERY_EXPIRED)
		return "5.4.7"; /* delivery time expired (RFC 3463 section 3.5) */
	if (delivery->route == ROUTE_REFUSE)
		return "5.7.1"; /* delivery not authorised (section 3.8) */
	/* "Later" until the end stays "later". */
	return *code == '5' || *code == '4' ? code : telling->status;
}

static void
put_values(struct making *making, const struct telling *telling, const char *reply)
{
	const struct delivery_row *delivery = &making->delivery;
	bool unfinished = delivery->state == DELIVERY_EXPIRED;
	bool refused = delivery->route == ROUTE_REFUSE;
	int64_t until = delivery->created_at + making->messenger->policy->give_up_seconds;

	template_put_text(making->values, "answer", reply);
	if (telling->failed) {
		template_put_flag(making->values, "unfinished", unfinished);
		template_put_flag(making->values, "refused", refused);
		template_put_flag(making->values, "undeliverable", !unfinished && !refused);
		template_put_flag(making->values, "notice_undeliverable", making_is_open(making));
		template_put_flag(making->values, "pdf_undeliverable",
				  making_is_open(making) && delivery->pdf_outcome == PDF_REFUSED);
		template_put_text(making->values, "reason", delivery->reason);
		template_put_flag(making->values, "no_key",
				  strcmp(delivery->reason, "no-key") == 0);
	} else {
		template_put_flag(making->values, "secured", delivery->route == ROUTE_PORTAL);
		template_put_time(making->values, "tried_until", until);
	}
}

static enum status
tell(struct making *making, const struct telling *telling)
{
	const struct messenger *messenger = making->messenger;
	const struct delivery_row *delivery = &making->delivery;
	struct arena *arena = making->arena;
	const char *reply = messenger_display_open(messenger, "delivery.relay_reply", &delivery->id,
						   delivery->relay_reply, arena);
	struct failure failure = {
	    .recipient = making->recipient,
	    .original = messenger_display_open(messenger, "delivery.original", &delivery->id,
					       delivery->original, arena),
	    .action = telling->action,
	    .status = status_of(making, telling),
	    .diagnostic = reply,
	    .host = messenger_display_open(messenger, "delivery.relay_host", &delivery->id,
					   delivery->relay_host, arena),
	    .tried_at = delivery->relayed_at,
	};
	struct report report = {
	    .host = messenger->policy->host_name,
	    .envelope_id =
		messenger_display_open(messenger, "message.envelope_id", &making->message->id,
				       making->message->envelope_id, arena),
	    .arrived_at = making->message->received_at,
	    .utf8 = (making->message->transfer & TRANSFER_UTF8) != 0,
	    .failures = &failure,
	    .failure_count = 1,
	};
	enum status status = bring_back(making, telling, &report);

	if (status != STATUS_OK)
		return status;
	/* Only a delay has an end that is still to come; it counts from when the mail was queued.
	 */
	if (*telling->action == 'd')
		failure.retry_until = delivery->created_at + messenger->policy->give_up_seconds;
	put_values(making, telling, reply);
	status = making_render(making, telling->template);
	making->letter.auto_submitted = "auto-replied";
	making_address(making, "", making->author.address);
	return status == STATUS_OK
		   ? compose_report(&making->letter, text_slice(making->body), &report, making->out)
		   : status;
}

enum status
letter_report(struct making *making)
{
	/* "Relayed", since nobody can tell what the other server does with it. */
	static const struct telling failed = {"mails/bounce", "failed", "5.0.0", true};
	static const struct telling delayed = {"mails/delayed", "delayed", "4.0.0", false};
	static const struct telling relayed = {"mails/relayed", "relayed", "2.0.0", false};
	static const struct telling accepted = {"mails/notice-accepted", "relayed", "2.0.0", false};

	switch (making->dispatch->row.kind) {
	case OUTBOX_BOUNCE:
		return tell(making, &failed);
	case OUTBOX_DELAYED:
		/* It has left, or failed, before this was written. */
		if (making->delivery.relay_status == NULL || *making->delivery.relay_status != '4')
			return STATUS_CONFLICT;
		return tell(making, &delayed);
	case OUTBOX_RELAYED:
		return tell(making, &relayed);
	case OUTBOX_ACCEPTED:
		return tell(making, &accepted);
	default:
		return STATUS_INTERNAL;
	}
}
