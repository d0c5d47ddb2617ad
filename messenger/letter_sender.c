#include "messenger/letter_making.h"

#include "messenger/reason.h"
#include "messenger/remind.h"
#include "messenger/seal.h"

/* A plain letter to the sender; their answer or bounce goes nowhere. */
static enum status
plain(struct making *making, const char *name)
{
	enum status status = making_render(making, name);

	making_address(making, "", making->author.address);
	return status == STATUS_OK
		   ? compose_text(&making->letter, text_slice(making->body), making->out)
		   : status;
}

/* One that carries their private link. */
static enum status
with_link(struct making *making, const char *name)
{
	struct secret link;
	enum status status = seal_open_sender_link(making->messenger, &making->delivery, &link);

	if (status != STATUS_OK)
		return status == STATUS_GONE ? STATUS_CONFLICT : status;
	template_put_text(making->values, "link", making_link(making, "s", &link));
	secret_clear(&link);
	return plain(making, name);
}

static enum status
make_finish(struct making *making, const char *name)
{
	const struct delivery_row *delivery = &making->delivery;

	if (delivery->state != DELIVERY_HELD || delivery->expires_at <= making->now)
		return STATUS_CONFLICT;
	template_put_flag(making->values, "can_clear", reason_is_doubt(delivery->reason));
	template_put_flag(making->values, "last_call",
			  remind_is_last(making->messenger->policy, delivery, making->now));
	return with_link(making, name);
}

static enum status
make_sent(struct making *making)
{
	return making_is_open(making) ? with_link(making, "mails/sent") : STATUS_CONFLICT;
}

/* It cannot carry the link again: that is in the sender's mailbox and nowhere else.  It stands
 * beside the letter that does, as its answer. */
static enum status
make_asked(struct making *making)
{
	const struct delivery_row *delivery = &making->delivery;
	bool can_rescue = delivery->has_link_letter && delivery->rescue_wrap.size > 0;
	char name[ID_TEXT_SIZE];

	if (!making_is_open(making))
		return STATUS_CONFLICT;
	template_put_time(making->values, "link_mail_date", can_rescue ? delivery->created_at : 0);
	if (can_rescue) {
		making->letter.in_reply_to =
		    arena_printf(making->arena, "<%s@%s>", id_text(delivery->link_letter, name),
				 making->messenger->policy->host_name);
		making->letter.references = arena_printf(
		    making->arena, "%s %s", making->author.message_id, making->letter.in_reply_to);
	}
	return plain(making, "mails/asked");
}

static enum status
make_sheet_used_up(struct making *making)
{
	template_put_text(making->values, "templates_url",
			  arena_printf(making->arena, "%s/desk/templates",
				       making->messenger->policy->portal_url));
	return plain(making, "mails/sheet-used-up");
}

/* What mail programs show at the message itself (RFC 8098). */
static enum status
receipt(struct making *making, const char *name, enum receipt_kind kind)
{
	enum status status = making_render(making, name);

	making->letter.auto_submitted = "auto-replied";
	making_address(making, "", making->author.address);
	return status == STATUS_OK
		   ? compose_receipt(&making->letter, text_slice(making->body),
				     making->messenger->policy->host_name, making->recipient,
				     making->author.message_id, kind, making->out)
		   : status;
}

static enum status
make_taken(struct making *making)
{
	const struct delivery_row *delivery = &making->delivery;
	struct template_list *files = template_put_list(making->values, "files");
	struct taken_row *rows;
	size_t count;
	enum status status =
	    delivery_taken(making->store, &delivery->id, making->arena, &rows, &count);

	if (status != STATUS_OK)
		return status;
	if (count == 0)
		return STATUS_CONFLICT;
	for (size_t i = 0; i < count; i++) {
		struct template_values *file = template_list_add(files);

		template_put_text(file, "name",
				  messenger_display_open(making->messenger, "taken.name",
							 &delivery->id, rows[i].name,
							 making->arena));
		template_put_time(file, "taken_at", rows[i].taken_at);
	}
	return receipt(making, "mails/receipt-taken", RECEIPT_TAKEN);
}

static enum status
make_replied(struct making *making)
{
	template_put_time(making->values, "replied_at", making->delivery.replied_at);
	return receipt(making, "mails/receipt-replied", RECEIPT_REPLIED);
}

enum status
letter_to_sender(struct making *making)
{
	switch (making->dispatch->row.kind) {
	case OUTBOX_FINISH:
		return make_finish(making, "mails/finish");
	case OUTBOX_REMIND_SENDER:
		return make_finish(making, "mails/finish-reminder");
	case OUTBOX_SENT:
		return make_sent(making);
	case OUTBOX_ASKED:
		return make_asked(making);
	case OUTBOX_SHEET:
		return make_sheet_used_up(making);
	case OUTBOX_SUSPENDED_SENDER:
		return plain(making, "mails/suspended-sender");
	case OUTBOX_OPENED:
		return receipt(making, "mails/receipt-opened", RECEIPT_OPENED);
	case OUTBOX_TAKEN:
		return make_taken(making);
	case OUTBOX_REPLIED:
		return make_replied(making);
	case OUTBOX_EXPIRED_UNREAD:
		return receipt(making, "mails/expired-unread", RECEIPT_EXPIRED);
	default:
		return STATUS_INTERNAL;
	}
}
