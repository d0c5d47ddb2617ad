#include "messenger/letter_making.h"

#include "crypto/link.h"
#include "messenger/account_event.h"
#include "messenger/desk.h"
#include "messenger/place.h"
#include "messenger/reason.h"
#include "store/mailbox.h"

#define LETTER_MAX ((size_t)262144)

bool
making_is_open(const struct making *making)
{
	return making->delivery.state == DELIVERY_READY ||
	       making->delivery.state == DELIVERY_OPENED;
}

const char *
making_link(const struct making *making, const char *kind, const struct secret *link)
{
	return arena_printf(making->arena, "%s/%s/%s", making->messenger->policy->portal_url, kind,
			    link_text(link, making->arena));
}

void
making_address(struct making *making, const char *envelope_sender, const char *recipient)
{
	struct dispatch *dispatch = making->dispatch;

	dispatch->sender = envelope_sender;
	dispatch->recipients = arena_alloc(making->arena, sizeof(*dispatch->recipients));
	dispatch->recipients[0] = (struct relay_recipient){.address = recipient};
	dispatch->recipient_count = 1;
}

void
making_use_language(struct making *making, const char *code)
{
	const struct language *language =
	    code == NULL ? NULL
			 : languages_find(making->messenger->languages, slice_from_text(code));

	if (language != NULL)
		making->language = language;
}

enum status
making_render(struct making *making, const char *name)
{
	making->letter.language = language_code(making->language);
	return template_render_mail(
	    languages_templates(making->messenger->languages, making->language), name,
	    making->values, making->arena, &making->letter.subject, making->body);
}

static void
put_organisation(struct making *making)
{
	const struct policy *policy = making->messenger->policy;

	making->language = messenger_own_language(making->messenger);
	making->values = template_values_new(making->arena);
	template_put_text(making->values, "organisation", policy->organisation);
	template_put_text(making->values, "portal_host", policy->portal_host);
	template_put_text(making->values, "portal_url", policy->portal_url);
	appearance_put(&policy->appearance, making->values);
}

/* What was shown besides the passphrase. */
static void
put_factor(struct making *making)
{
	const struct delivery_row *delivery = &making->delivery;
	bool shown = delivery->factor_at != 0;

	template_put_flag(making->values, "by_code", shown && delivery->factor == FACTOR_MAIL);
	template_put_flag(making->values, "by_phone", shown && delivery->factor == FACTOR_PHONE);
	template_put_flag(making->values, "by_sheet", shown && delivery->factor == FACTOR_SHEET);
	template_put_text(
	    making->values, "phone",
	    phone_mask(messenger_display_open(making->messenger, "delivery.phone", &delivery->id,
					      delivery->phone, making->arena),
		       making->arena));
}

/* What carries the message as a PDF, and where its password comes from. */
static void
put_pdf(struct making *making)
{
	const struct delivery_row *delivery = &making->delivery;
	struct template_values *values = making->values;

	template_put_flag(values, "pdf", delivery->pdf != PDF_NONE);
	template_put_flag(values, "pdf_left", delivery_pdf_has_left(delivery->pdf_outcome));
	template_put_flag(values, "pdf_untold", delivery->pdf_outcome == PDF_UNTOLD);
	template_put_flag(values, "pdf_passphrase", delivery->pdf == PDF_PASSPHRASE);
	template_put_flag(values, "pdf_generated", delivery_pdf_told(delivery) == PDF_GENERATED);
	template_put_flag(values, "pdf_phone", delivery_pdf_told(delivery) == PDF_PHONE);
	template_put_flag(values, "pdf_phone_failed", delivery->pdf_phone_failed);
	template_put_flag(values, "pdf_sheet", delivery->pdf == PDF_SHEET);
	template_put_number(values, "pdf_number", delivery->pdf_number);
	template_put_time(values, "pdf_sheet_at", delivery->pdf_sheet_at);
	template_put_flag(values, "by_template", delivery->by_template);
}

static void
put_common_values(struct making *making)
{
	struct template_values *values;
	const char *subject =
	    messenger_display_open(making->messenger, "message.subject", &making->message->id,
				   making->message->subject, making->arena);

	put_organisation(making);
	values = making->values;
	template_put_text(values, "sender_name",
			  *making->author.name == '\0' ? making->author.address
						       : making->author.name);
	template_put_text(values, "sender_address", making->author.address);
	template_put_text(values, "recipient_address", making->recipient);
	template_put_text(values, "subject", subject);
	template_put_time(values, "sent_at", making->message->received_at);
	template_put_time(values, "until", making->delivery.expires_at);
	template_put_time(values, "opened_at", making->delivery.opened_at);
	put_factor(making);
	template_put_text(values, "answered_by", making->answered_by);
	put_pdf(making);
	/* What is ready without a lock of its own lies in its recipient's mailbox. */
	template_put_flag(values, "in_mailbox", delivery_in_mailbox(&making->delivery));
	template_put_flag(values, "lost", delivery_is_lost(&making->delivery));
	reason_put(values, making->delivery.reason);
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
begin(struct making *making)
{
	making->body = arena_alloc(making->arena, sizeof(*making->body));
	making->out = arena_alloc(making->arena, sizeof(*making->out));
	text_init_in(making->body, making->arena, LETTER_MAX);
	text_init_in(making->out, making->arena, LETTER_MAX);
}

static void
hand_over(struct making *making)
{
	struct slice *bytes = arena_alloc(making->arena, sizeof(*bytes));

	/* What carries a file, or is encrypted, is there already. */
	if (making->dispatch->letter.read_at != NULL)
		return;
	*bytes = text_slice(making->out);
	making->dispatch->letter = source_from_slice(bytes);
}

/* An answer that its writer sent to all speaks of whose conversation it is, and names who answered;
 * a report about its way to that very person goes to the organisation's own address. */
static enum status
find_writer(struct making *making)
{
	struct delivery_row answered;
	enum status status;

	making->answered_by = "";
	if (!making->message->has_parent)
		return STATUS_OK;
	if (making->delivery.route == ROUTE_PLAIN) {
		making->author.address = making->messenger->policy->system_address;
		return STATUS_OK;
	}
	status = delivery_read(making->store, &making->message->parent_delivery, false,
			       making->arena, &answered);
	if (status != STATUS_OK)
		return status;
	making->answered_by =
	    messenger_display_open(making->messenger, "delivery.recipient", &answered.id,
				   answered.recipient, making->arena);
	return STATUS_OK;
}

static enum status
make(struct making *making)
{
	switch (making->dispatch->row.kind) {
	case OUTBOX_NOTICE:
	case OUTBOX_SUSPENDED_RECIPIENT:
	case OUTBOX_NEW_CLUE:
	case OUTBOX_REMIND_RECIPIENT:
	case OUTBOX_CODE:
	case OUTBOX_PHONE:
	case OUTBOX_PDF:
	case OUTBOX_PDF_PHONE:
		return letter_to_recipient(making);
	case OUTBOX_PDF_PASSWORD:
		return letter_pdf_password(making);
	case OUTBOX_BOUNCE:
	case OUTBOX_DELAYED:
	case OUTBOX_RELAYED:
	case OUTBOX_ACCEPTED:
		return letter_report(making);
	case OUTBOX_FINISH:
	case OUTBOX_OPENED:
	case OUTBOX_SUSPENDED_SENDER:
	case OUTBOX_EXPIRED_UNREAD:
	case OUTBOX_SENT:
	case OUTBOX_ASKED:
	case OUTBOX_REMIND_SENDER:
	case OUTBOX_TAKEN:
	case OUTBOX_REPLIED:
	case OUTBOX_SHEET:
		return letter_to_sender(making);
	case OUTBOX_PLAIN:
	case OUTBOX_REPLY:
	case OUTBOX_PROTECTED:
	case OUTBOX_VERIFIED:
	case OUTBOX_SIGN_IN:
	case OUTBOX_ACCOUNT:
	case OUTBOX_GIVE_UP:
	case OUTBOX_FACTORS_LOST:
		break;
	}
	return STATUS_INTERNAL;
}

enum status
letter_make(const struct messenger *messenger, struct store *store,
	    const struct message_row *message, int64_t now, struct arena *arena,
	    struct dispatch *dispatch)
{
	struct making making = {.messenger = messenger,
				.store = store,
				.message = message,
				.now = now,
				.arena = arena,
				.dispatch = dispatch};
	enum status status;

	if (!dispatch->row.has_delivery)
		return STATUS_INTERNAL;
	status = delivery_read(store, &dispatch->row.delivery_id, false, arena, &making.delivery);
	if (status != STATUS_OK)
		return status;
	making.author = author_open(messenger, message, arena);
	status = find_writer(&making);
	if (status != STATUS_OK)
		return status;
	/* Nobody is told who has no address: the null reverse-path. */
	if (*making.author.address == '\0')
		return STATUS_CONFLICT;
	making.recipient = messenger_display_open(
	    messenger, "delivery.recipient", &making.delivery.id, making.delivery.recipient, arena);
	begin(&making);
	put_common_values(&making);
	put_common_headers(&making);
	status = make(&making);
	if (status == STATUS_OK)
		hand_over(&making);
	return status;
}

/* What is told, and to whom; gives the template. */
static enum status
fill_code(struct making *making, const char **address_out)
{
	const char *code;
	enum status status =
	    messenger_desk_code(making->messenger, making->store, &making->dispatch->row.code_id,
				making->now, making->arena, address_out, &code);

	if (status != STATUS_OK)
		return status;
	template_put_text(making->values, "address", *address_out);
	template_put_text(making->values, "code",
			  arena_printf(making->arena, "%.4s %.4s", code, code + 4));
	return STATUS_OK;
}

/* Where from, or by whom. */
static void
put_detail(struct making *making, const struct account_event_row *row)
{
	struct place place;

	template_put_time(making->values, "ready_at", row->until);
	if (row->what != ACCOUNT_NEW_PLACE) {
		template_put_text(making->values, "by",
				  messenger_display_open(making->messenger, ACCOUNT_EVENT_DETAIL,
							 &row->id, row->detail, making->arena));
		return;
	}
	place = place_open(making->messenger, ACCOUNT_EVENT_DETAIL, &row->id, row->detail,
			   making->arena);
	place_put(making->values, &place);
}

/* Whoever is not of the organisation cannot sign in at the desk: they look after the account of
 * their mailbox, and are told in their own language where that is known. */
static enum status
speak_to_owner(struct making *making, const char *address)
{
	const struct messenger *messenger = making->messenger;
	bool at_desk = policy_is_own(messenger->policy, slice_from_text(address));
	const char *code = "";
	enum status status = STATUS_NOT_FOUND;

	template_put_flag(making->values, "of_mailbox", !at_desk);
	template_put_text(making->values, "account_url",
			  arena_printf(making->arena, "%s/%s/account",
				       messenger->policy->portal_url, at_desk ? "desk" : "box"));
	if (!at_desk)
		status = mailbox_language(
		    making->store, messenger_address_index(messenger, address, making->arena),
		    making->arena, &code);
	if (status == STATUS_OK)
		making_use_language(making, code);
	return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static enum status
fill_event(struct making *making, const char **address_out)
{
	static const char *const flags[] = {
	    [ACCOUNT_FACTOR_ADDED] = "factor_added",
	    [ACCOUNT_FACTOR_REMOVED] = "factor_removed",
	    [ACCOUNT_RECOVERY_USED] = "recovery_used",
	    [ACCOUNT_RECOVERY_NEW] = "recovery_new",
	    [ACCOUNT_PASSKEY_ADDED] = "passkey_added",
	    [ACCOUNT_PASSKEY_REMOVED] = "passkey_removed",
	    [ACCOUNT_LAST_PASSKEY_REMOVED] = "last_passkey_removed",
	    [ACCOUNT_APP_REMOVED] = "app_removed",
	    [ACCOUNT_PASSKEY_COPIED] = "passkey_copied",
	    [ACCOUNT_NEW_PLACE] = "new_place",
	    [ACCOUNT_RESET_BEGUN] = "reset_begun",
	    [ACCOUNT_RESET_DONE] = "reset_done",
	    [ACCOUNT_RESET_STOPPED] = "reset_stopped",
	};
	struct account_event_row row;
	enum status status =
	    account_event_read(making->store, &making->dispatch->row.code_id, making->arena, &row);

	if (status != STATUS_OK)
		return status == STATUS_NOT_FOUND ? STATUS_CONFLICT : status;
	*address_out = messenger_display_open(making->messenger, ACCOUNT_EVENT_ADDRESS, &row.id,
					      row.address, making->arena);
	if (**address_out == '\0')
		return STATUS_CONFLICT;
	template_put_text(making->values, "address", *address_out);
	template_put_time(making->values, "at", row.created_at);
	template_put_flag(making->values, flags[row.what], true);
	put_detail(making, &row);
	return speak_to_owner(making, *address_out);
}

/* The values, whom it goes to, and the template. */
static enum status
fill(struct making *making, const char **address_out, const char **template_out)
{
	switch (making->dispatch->row.kind) {
	case OUTBOX_SIGN_IN:
		*template_out = "mails/sign-in";
		return fill_code(making, address_out);
	case OUTBOX_GIVE_UP:
		*template_out = "mails/give-up";
		return letter_fill_give_up(making, address_out);
	case OUTBOX_FACTORS_LOST:
		*template_out = "mails/factors-lost";
		return letter_fill_factors_lost(making, address_out);
	default:
		*template_out = "mails/account";
		return fill_event(making, address_out);
	}
}

enum status
letter_make_to_account(const struct messenger *messenger, struct store *store, int64_t now,
		       struct arena *arena, struct dispatch *dispatch)
{
	const struct policy *policy = messenger->policy;
	struct making making = {.messenger = messenger,
				.store = store,
				.now = now,
				.arena = arena,
				.dispatch = dispatch};
	const char *address, *template;
	enum status status;

	begin(&making);
	put_organisation(&making);
	status = fill(&making, &address, &template);
	if (status != STATUS_OK)
		return status;
	making.letter = (struct letter){
	    .from = {policy->organisation, policy->system_address},
	    .to = {"", address},
	    .reply_to = {"", ""},
	    .subject = "",
	    .message_id = arena_printf(arena, "<%s@%s>", dispatch->letter_id, policy->host_name),
	    .in_reply_to = "",
	    .references = "",
	    .date = dispatch->row.created_at,
	    .automatic = true,
	};
	status = making_render(&making, template);
	making_address(&making, "", address);
	if (status == STATUS_OK)
		status = compose_text(&making.letter, text_slice(making.body), making.out);
	if (status == STATUS_OK)
		hand_over(&making);
	return status;
}
