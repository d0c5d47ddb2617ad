#include "portal/thread_values.h"

#include "base/log.h"
#include "mail/quote.h"
#include "mail/transfer.h"
#include "mail/utf8.h"

#define REPLIES_SHOWN_MAX ((size_t)50)
#define TEXT_SHOWN_MAX ((size_t)8192)
#define FILES_SHOWN_MAX ((size_t)200)

/* Line ends and controls as on the message's page; a long text is cut. */
static void
put_text(const struct request *request, struct template_values *values, struct slice typed)
{
	struct text *lines = arena_alloc(request->arena, sizeof(*lines));
	bool cut = typed.size > TEXT_SHOWN_MAX;

	typed = slice_part(typed, 0, utf8_cut(typed, TEXT_SHOWN_MAX));
	text_init_in(lines, request->arena, 4 * TEXT_SHOWN_MAX);
	transfer_clean_lines(typed, lines);
	template_put_run(values, "text", text_slice(lines));
	template_put_flag(values, "text_cut", cut || !text_ok(lines));
}

static const char *
join(const struct request *request, const char *const *texts, size_t count)
{
	struct text *text = arena_alloc(request->arena, sizeof(*text));

	text_init_in(text, request->arena, 65536);
	for (size_t i = 0; i < count; i++)
		text_printf(text, "%s%s", i > 0 ? ", " : "", texts[i]);
	return text_string(text);
}

void
thread_put_sent(const struct request *request, struct template_values *values,
		const struct writing *sent)
{
	struct template_list *files = template_put_list(values, "files");
	struct text *typed = arena_alloc(request->arena, sizeof(*typed));

	text_init_in(typed, request->arena, WRITING_TEXT_MAX + 2);
	text_append(typed, sent->body);
	/* A quotation that was only left standing is not shown once more. */
	if (quote_has_words(sent->quote)) {
		text_append_text(typed, "\n\n");
		text_append(typed, sent->quote);
	}
	page_put_time(values, "when", sent->written_at);
	template_put_flag(values, "forwarded", sent->forward);
	template_put_text(values, "to", join(request, sent->recipients, sent->recipient_count));
	put_text(request, values, text_slice(typed));
	template_put_number(values, "file_count", (long long)sent->file_count);
	for (size_t i = 0; i < sent->file_count && i < FILES_SHOWN_MAX; i++) {
		struct template_values *file = template_list_add(files);

		template_put_text(file, "name", sent->files[i].name);
		page_put_size(file, "size_text", sent->files[i].size);
	}
}

static void
put_draft(const struct request *request, struct template_values *values)
{
	struct draft draft;
	enum status status = messenger_draft_open(&request->site->messenger, request->opened,
						  request->arena, &draft);

	if (status != STATUS_OK)
		draft = (struct draft){.has_text = false};
	template_put_flag(values, "has_draft", draft.has_text || draft.file_count > 0);
	page_put_time(values, "draft_at", draft.has_text ? draft.text.written_at : 0);
	template_put_number(values, "draft_files", (long long)draft.file_count);
}

void
thread_put(const struct request *request, struct template_values *values)
{
	struct template_list *list = template_put_list(values, "replies");
	struct writing *sent = NULL;
	size_t count = 0;
	enum status status = messenger_sent_list(&request->site->messenger, request->opened,
						 REPLIES_SHOWN_MAX, request->arena, &sent, &count);

	if (status != STATUS_OK) {
		log_warning("thread-not-shown", LOG_TEXT("status", status_text(status)));
		count = 0;
	}
	/* The first one first, as in a conversation. */
	for (size_t i = count; i-- > 0;)
		thread_put_sent(request, template_list_add(list), &sent[i]);
	template_put_flag(values, "has_replies", count > 0);
	template_put_flag(values, "last_forwarded", count > 0 && sent[0].forward);
	put_draft(request, values);
}
