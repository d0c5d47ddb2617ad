/*
 * The mail that carries a message as an encrypted PDF, made anew at each try; and what
 * tells its password, which never goes where the PDF goes.
 */
#include "messenger/letter_making.h"

#include "base/log.h"
#include "crypto/cms.h"
#include "messenger/decide.h"
#include "messenger/finder.h"
#include "messenger/pdf_lock.h"
#include "messenger/pdf_message.h"
#include "messenger/protect.h"

#define FILE_NAME "message.pdf"

static enum status
draw(struct making *making, struct slice *pdf_out)
{
	const struct pdf_message wanted = {
	    .messenger = making->messenger,
	    .message = making->message,
	    .delivery = &making->delivery,
	    .language = making->language,
	    .recipient = making->recipient,
	    .link = making_recipient_link(making, making->delivery.link_generation),
	    .now = making->dispatch->row.created_at,
	};
	struct secret password;
	enum status status = pdf_lock_open(making->messenger, &making->delivery, &password);

	if (status != STATUS_OK)
		return status;
	status = pdf_message_make(&wanted, &password, making->arena, pdf_out);
	secret_clear(&password);
	return status;
}

/* What cannot be drawn is in the portal all the same, and its recipient is told that. */
static enum status
make_notice_instead(struct making *making, enum status why)
{
	char id[ID_TEXT_SIZE];
	enum status status;

	log_error("pdf-not-made", LOG_TEXT("delivery", id_text(making->delivery.id, id)),
		  LOG_TEXT("status", status_text(why)));
	making->dispatch->pdf_not_made = true;
	status = making_render(making, "mails/notice");
	return status == STATUS_OK
		   ? compose_text(&making->letter, text_slice(making->body), making->out)
		   : status;
}

enum status
letter_pdf(struct making *making)
{
	struct slice *pdf = arena_alloc(making->arena, sizeof(*pdf));
	struct source *file = arena_alloc(making->arena, sizeof(*file));
	struct source *base64 = arena_alloc(making->arena, sizeof(*base64));
	enum status status = STATUS_CONFLICT;

	if (delivery_pdf_waits(&making->delivery))
		status = draw(making, pdf);
	if (status == STATUS_INVALID || status == STATUS_TOO_LARGE || status == STATUS_NOT_FOUND)
		return make_notice_instead(making, status);
	if (status != STATUS_OK)
		return status == STATUS_GONE ? STATUS_CONFLICT : status;
	*file = source_from_slice(pdf);
	*base64 = cms_base64(file, making->arena);
	template_put_text(making->values, "file_name", FILE_NAME);
	status = making_render(making, "mails/pdf");
	return status == STATUS_OK ? compose_file(&making->letter, text_slice(making->body),
						  FILE_NAME, "application/pdf", base64,
						  making->arena, &making->dispatch->letter)
				   : status;
}

/* The password as a value; STATUS_CONFLICT when there is nothing to tell any more. */
static enum status
put_password(struct making *making)
{
	struct secret password;
	enum status status = making_is_open(making)
				 ? pdf_lock_open(making->messenger, &making->delivery, &password)
				 : STATUS_CONFLICT;

	if (status != STATUS_OK)
		return status == STATUS_GONE ? STATUS_CONFLICT : status;
	template_put_slice(making->values, "password", secret_slice(&password));
	secret_clear(&password);
	return STATUS_OK;
}

enum status
letter_pdf_call(struct making *making)
{
	enum status status = put_password(making);

	return status == STATUS_OK ? making_call(making, "mails/pdf-phone") : status;
}

/* Encrypted to the sender's key where one is known, as replies are.  STATUS_GONE: none is. */
static enum status
protect(struct making *making)
{
	const struct messenger *messenger = making->messenger;
	struct decision decision = {.route = ROUTE_PLAIN, .recipient = making->author.address};
	struct found_keys found = {.certificate = NULL};
	struct slice *bytes = arena_alloc(making->arena, sizeof(*bytes));
	struct source *letter = arena_alloc(making->arena, sizeof(*letter));
	struct delivery_row *to_key = arena_alloc(making->arena, sizeof(*to_key));
	struct store *store;
	enum status status;

	if (!messenger->policy->protect_replies || messenger->finder == NULL)
		return STATUS_GONE;
	store = store_pool_get(messenger->stores);
	status = finder_known(messenger, store, &decision.recipient, 1, making->now, making->arena,
			      &found);
	store_pool_put(messenger->stores, store);
	if (status != STATUS_OK)
		return status;
	decide_reply(messenger->policy, &found, &decision);
	if (decision.key == NULL)
		return STATUS_GONE;
	/* Nobody signs for the gateway itself, so no evidence is noted with the delivery. */
	*to_key = (struct delivery_row){
	    .id = making->delivery.id, .has_key = true, .key_id = decision.key->id};
	*bytes = text_slice(making->out);
	*letter = source_from_slice(bytes);
	return protect_letter(messenger, making->store, to_key, letter, making->now, making->arena,
			      making->dispatch);
}

enum status
letter_pdf_password(struct making *making)
{
	enum status status = put_password(making);

	if (status == STATUS_OK)
		status = making_render(making, "mails/pdf-password");
	making_address(making, "", making->author.address);
	if (status == STATUS_OK)
		status = compose_text(&making->letter, text_slice(making->body), making->out);
	if (status == STATUS_OK)
		status = protect(making);
	return status == STATUS_GONE ? STATUS_OK : status;
}
