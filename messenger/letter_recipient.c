#include "messenger/letter_making.h"

#include <string.h>

#include "crypto/link.h"
#include "mail/utf8.h"
#include "messenger/factor.h"
#include "messenger/remind.h"

const char *
making_recipient_link(const struct making *making, uint32_t generation)
{
	struct secret link;
	const char *address;

	link_derive(&making->messenger->keys->link_key, LINK_RECIPIENT, &making->delivery.id,
		    generation, &link);
	address = making_link(making, "r", &link);
	secret_clear(&link);
	return address;
}

/* Three groups of four are easier to type. */
const char *
making_pickup_code(const struct making *making, uint32_t generation)
{
	const char *code = pickup_derive(&making->messenger->keys->link_key, &making->delivery.id,
					 generation, making->arena);

	return arena_printf(making->arena, "%.4s-%.4s-%.4s", code, code + 4, code + 8);
}

/* What the sender chose for them.  A language that is not installed any more is as none. */
static const struct language *
recipient_language(const struct making *making)
{
	const char *code = making->delivery.language == NULL ? "" : making->delivery.language;
	const struct language *chosen =
	    languages_find(making->messenger->languages, slice_from_text(code));

	return chosen == NULL ? making->language : chosen;
}

static const char *
template_of(const struct making *making)
{
	switch (making->dispatch->row.kind) {
	case OUTBOX_SUSPENDED_RECIPIENT:
		return "mails/suspended-recipient";
	case OUTBOX_NEW_CLUE:
		return "mails/new-clue";
	case OUTBOX_REMIND_RECIPIENT:
		return "mails/reminder";
	case OUTBOX_CODE:
		return "mails/code";
	default:
		return "mails/notice";
	}
}

/* From the organisation alone, and without the link: the code is typed where it was asked for. */
static enum status
make_code(struct making *making)
{
	const struct policy *policy = making->messenger->policy;
	const char *code;
	enum status status =
	    factor_code(making->messenger, making->store, &making->dispatch->row.code_id,
			making->now, making->arena, &code);

	if (status != STATUS_OK)
		return status;
	making->letter.from = (struct mailbox){policy->organisation, policy->system_address};
	making->letter.reply_to = (struct mailbox){"", ""};
	template_put_text(making->values, "code",
			  arena_printf(making->arena, "%.4s-%.4s", code, code + 4));
	status = making_render(making, template_of(making));
	making_address(making, "", making->recipient);
	return status == STATUS_OK
		   ? compose_text(&making->letter, text_slice(making->body), making->out)
		   : status;
}

#define SMS_BYTES ((size_t)640)

/* One line; where that is too much for one short message, without the organisation's name. */
static enum status
say(struct making *making, const char *name, const char *organisation, const char **text_out)
{
	const char *text;
	enum status status;

	text_reset(making->body);
	template_put_text(making->values, "organisation", organisation);
	status =
	    template_render(languages_templates(making->messenger->languages, making->language),
			    name, making->values, making->body);
	if (status != STATUS_OK)
		return status;
	text = utf8_clean_line(text_slice(making->body), SMS_BYTES, making->arena);
	if (!phone_is_one_message(text) && *organisation != '\0')
		return say(making, name, "", text_out);
	*text_out = text;
	return STATUS_OK;
}

enum status
making_call(struct making *making, const char *name)
{
	struct phone_call *call = arena_alloc(making->arena, sizeof(*call));
	enum status status;

	call->number =
	    messenger_display_open(making->messenger, "delivery.phone", &making->delivery.id,
				   making->delivery.phone, making->arena);
	if (*call->number == '\0')
		return STATUS_CONFLICT;
	status = say(making, name, making->messenger->policy->organisation, &call->text);
	making_address(making, "", phone_mask(call->number, making->arena));
	making->dispatch->call = call;
	return status;
}

/* The same code, said to a phone. */
static enum status
make_call(struct making *making)
{
	const char *code;
	enum status status =
	    factor_code(making->messenger, making->store, &making->dispatch->row.code_id,
			making->now, making->arena, &code);

	if (status != STATUS_OK)
		return status;
	template_put_text(making->values, "code",
			  arena_printf(making->arena, "%.4s-%.4s", code, code + 4));
	return making_call(making, "mails/phone");
}

/* In the sender's name but from the organisation's own address, so that it passes DMARC; bounces
 * go to the sender, who knows what they mean. */
enum status
letter_to_recipient(struct making *making)
{
	const struct policy *policy = making->messenger->policy;
	const struct delivery_row *delivery = &making->delivery;
	enum outbox_kind kind = making->dispatch->row.kind;
	bool by_pdf = kind == OUTBOX_PDF || kind == OUTBOX_PDF_PHONE;
	/* There is one PDF, whatever becomes of links meanwhile. */
	uint32_t generation = by_pdf ? delivery->link_generation : making->dispatch->row.generation;
	enum status status;

	if (!making_is_open(making) || delivery->expires_at <= making->now ||
	    delivery->link_generation != generation || (delivery->relink_at != 0 && !by_pdf))
		return STATUS_CONFLICT;
	if (kind == OUTBOX_REMIND_RECIPIENT && delivery->state == DELIVERY_OPENED)
		return STATUS_CONFLICT;
	making->letter.from.name =
	    *making->author.name == '\0'
		? policy->organisation
		: arena_printf(making->arena, "%s (%s)", making->author.name, policy->organisation);
	making->letter.to = (struct mailbox){"", making->recipient};
	making->letter.reply_to = (struct mailbox){making->author.name, making->author.address};
	making->language = recipient_language(making);
	making->letter.in_reply_to = "";
	making->letter.references = "";
	if (kind == OUTBOX_CODE)
		return make_code(making);
	if (kind == OUTBOX_PHONE)
		return make_call(making);
	if (kind == OUTBOX_PDF_PHONE)
		return letter_pdf_call(making);
	template_put_text(making->values, "link", making_recipient_link(making, generation));
	template_put_text(making->values, "pickup_code", making_pickup_code(making, generation));
	template_put_flag(making->values, "last_call",
			  remind_is_last(policy, delivery, making->now));
	making_address(making, making->author.address, making->recipient);
	if (kind == OUTBOX_PDF)
		return letter_pdf(making);
	status = making_render(making, template_of(making));
	return status == STATUS_OK
		   ? compose_text(&making->letter, text_slice(making->body), making->out)
		   : status;
}
