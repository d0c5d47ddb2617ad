#include "messenger/pdf_message.h"

#include "crypto/box.h"
#include "messenger/content.h"
#include "messenger/seal.h"
#include "messenger/shown_pdf.h"

static void
clear_secret(void *argument)
{
	secret_clear(argument);
}

/* What its recipient would open in the portal, by the wrap that is kept until the PDF has left. */
static enum status
open_message(const struct pdf_message *wanted, struct arena *arena, struct manifest *manifest_out,
	     struct source *message_out)
{
	const struct message_row *row = wanted->message;
	struct secret *key = arena_alloc(arena, sizeof(*key));
	struct source *stored = arena_alloc(arena, sizeof(*stored));
	struct slice bytes;
	enum status status = seal_open_held_message(wanted->messenger, wanted->delivery, key);

	if (status != STATUS_OK)
		return status;
	arena_defer(arena, clear_secret, key);
	status = box_open(secret_slice(key), "manifest", id_slice(&row->id), row->manifest, arena,
			  &bytes);
	if (status == STATUS_OK)
		status = manifest_read(bytes, arena, manifest_out);
	if (status == STATUS_OK)
		status = content_open(wanted->messenger, row, key, arena, stored);
	return status == STATUS_OK ? edit_source(stored, &manifest_out->edits, arena, message_out)
				   : status;
}

/* Of its own, whatever the mail around it shows. */
static struct template_values *
make_values(const struct pdf_message *wanted, struct arena *arena)
{
	const struct policy *policy = wanted->messenger->policy;
	struct template_values *values = template_values_new(arena);

	template_put_text(values, "organisation", policy->organisation);
	template_put_text(values, "portal_url", policy->portal_url);
	template_put_text(values, "recipient_address", wanted->recipient);
	template_put_text(values, "link", wanted->link);
	template_put_time(values, "sent_at", wanted->message->received_at);
	template_put_time(values, "until", wanted->delivery->expires_at);
	template_put_flag(values, "mailed", true);
	return values;
}

static enum status
describe(const struct pdf_message *wanted, struct arena *arena, struct pdf_wish *wish_out)
{
	char id[ID_TEXT_SIZE];
	struct manifest *manifest = arena_alloc(arena, sizeof(*manifest));
	struct source *message = arena_alloc(arena, sizeof(*message));
	struct shown *shown = arena_alloc(arena, sizeof(*shown));
	const struct shown_pdf from = {.messenger = wanted->messenger,
				       .shown = shown,
				       .name = "pdf/delivery",
				       .values = make_values(wanted, arena),
				       .with_files = true,
				       .made_at = wanted->now};
	enum status status = open_message(wanted, arena, manifest, message);

	*shown = (struct shown){.arena = arena,
				.form = SHOWN_ON_PAPER,
				.language = wanted->language,
				.label = arena_copy_text(arena, id_text(wanted->message->id, id)),
				.message = message,
				.manifest = manifest,
				.letters_url = ""};
	if (status == STATUS_OK)
		status = shown_read(wanted->messenger->reader, PAGE_TEXT_MAX, shown);
	return status == STATUS_OK ? shown_pdf_describe(&from, wish_out) : status;
}

enum status
pdf_message_make(const struct pdf_message *wanted, const struct secret *password,
		 struct arena *arena, struct slice *pdf_out)
{
	struct arena *own = arena_new();
	struct pdf_wish wish;
	enum status status = describe(wanted, own, &wish);

	if (status == STATUS_OK) {
		wish.password = password;
		status = pdf_make(wanted->messenger->reader, &wish, arena, pdf_out);
	}
	arena_free(own);
	return status;
}
