/*
 * /box/export: everything that lies in a mailbox, to be taken along: ZIP archives of
 * messages as mail programs read them, and one of what was sent.
 */
#include "portal/page.h"

#include <string.h>

#include "mail/compose.h"
#include "mail/utf8.h"
#include "portal/bundle.h"
#include "portal/filename.h"

#define SENT_NUMBER ((uint64_t)0) /* N of what was sent; messages begin with 1 */
#define SUBJECT_SHOWN ((size_t)60)
#define LETTER_MAX ((size_t)(4 * WRITING_TEXT_MAX))

void
page_box_export(struct request *request, struct answer *answer)
{
	struct template_values *values = page_box_values(request);
	struct template_list *list = template_put_list(values, "pieces");
	struct mailbox_usage usage;
	enum status status =
	    messenger_mailbox_usage(&request->site->messenger, &request->inbox, &usage);

	if (status != STATUS_OK) {
		page_failure(request, answer, status);
		return;
	}
	for (int64_t from = 0; from < usage.messages; from += (int64_t)BUNDLE_FILES_MAX) {
		struct template_values *item = template_list_add(list);
		long long number = from / (int64_t)BUNDLE_FILES_MAX + 1;
		int64_t to = from + (int64_t)BUNDLE_FILES_MAX;

		template_put_text(item, "url",
				  arena_printf(request->arena, "/box/export/%lld/messages-%lld.zip",
					       number, number));
		template_put_number(item, "from", from + 1);
		template_put_number(item, "to", to < usage.messages ? to : usage.messages);
	}
	template_put_number(values, "messages", usage.messages);
	page_put_size(values, "size_text", (uint64_t)usage.bytes);
	page_show(request, answer, 200, "pages/box_export", values);
}

static void
give(const struct request *request, struct answer *answer, const struct source *zip)
{
	answer->kind = ANSWER_FILE;
	answer->status = 200;
	answer->type = "application/zip";
	answer_add(
	    answer, "Content-Disposition",
	    filename_disposition(filename_clean(request->name, request->arena), request->arena));
	/* It is made anew each time, from the front. */
	answer_add(answer, "Accept-Ranges", "none");
	answer->stream = zip;
	answer->stream_size = zip->size;
}

/* "0007 Figures.eml".  What Windows knows no file by is left out. */
static const char *
entry_name(size_t number, const char *subject, struct arena *arena)
{
	struct slice shown = slice_from_text(subject);
	char *name = arena_alloc(arena, SUBJECT_SHOWN + 1);

	shown = slice_part(shown, 0, utf8_cut(shown, SUBJECT_SHOWN));
	memcpy(name, shown.data, shown.size);
	for (size_t i = 0; i < shown.size; i++)
		if (strchr("/\\:*?\"<>|", name[i]) != NULL)
			name[i] = '_';
	name[shown.size] = '\0';
	return filename_clean(slice_from_text(arena_printf(arena, "%04zu %s.eml", number, name)),
			      arena);
}

/* --- messages --- */

struct messages {
	struct request *request;
	const struct id *deliveries;
};

static enum status
open_message(void *context, size_t index, struct arena *arena, struct source *source_out)
{
	const struct messages *messages = context;
	const struct request *request = messages->request;
	struct opened *opened;
	enum status status = messenger_open_in_mailbox(&request->site->messenger, &request->inbox,
						       &messages->deliveries[index], true,
						       request->now, arena, &opened);

	if (status == STATUS_OK)
		*source_out = opened->message_source;
	return status;
}

/* How large each is, and what it is called; what cannot be opened now is left out. */
static enum status
measure(const struct request *request, struct id *deliveries, size_t *count, size_t first,
	struct bundle_entry *entries)
{
	size_t kept = 0;

	for (size_t i = 0; i < *count; i++) {
		struct arena *arena = arena_new();
		struct opened *opened;
		enum status status =
		    messenger_open_in_mailbox(&request->site->messenger, &request->inbox,
					      &deliveries[i], false, request->now, arena, &opened);

		if (status == STATUS_OK) {
			entries[kept] = (struct bundle_entry){
			    entry_name(first + i, opened->manifest.subject, request->arena),
			    opened->message_source.size, opened->manifest.sent_at};
			deliveries[kept++] = deliveries[i];
		}
		arena_free(arena);
		if (status == STATUS_UNAVAILABLE || status == STATUS_INTERNAL)
			return status;
	}
	*count = kept;
	return STATUS_OK;
}

static enum status
open_messages(struct request *request, struct source *zip)
{
	struct messages *messages = arena_alloc(request->arena, sizeof(*messages));
	size_t from = (size_t)(request->number - 1) * BUNDLE_FILES_MAX;
	struct bundle_entry *entries;
	struct id *deliveries;
	size_t count;
	enum status status =
	    messenger_mailbox_piece(&request->site->messenger, &request->inbox, from,
				    BUNDLE_FILES_MAX, request->arena, &deliveries, &count);

	if (status != STATUS_OK)
		return status;
	entries = arena_alloc_many(request->arena, count + 1, sizeof(*entries));
	status = measure(request, deliveries, &count, from + 1, entries);
	if (status == STATUS_OK && count == 0)
		status = STATUS_NOT_FOUND;
	if (status != STATUS_OK)
		return status;
	*messages = (struct messages){request, deliveries};
	return bundle_open(entries, count, open_message, messages, request->arena, zip);
}

/* --- what was sent --- */

/* What was answered is not read again: its subject is not told. */
static const char *
subject_of(const struct writing *writing)
{
	if (writing->fresh)
		return writing->subject;
	return writing->forward ? "Fwd" : "Re";
}

/* As a letter; its files went along with it and are not kept, so they are named. */
static enum status
write_letter(const struct request *request, const struct mailbox_sent *sent, struct arena *arena,
	     struct text *out)
{
	const struct writing *writing = &sent->writing;
	struct mailbox *to = arena_alloc_many(arena, writing->recipient_count + 1, sizeof(*to));
	struct letter letter = {.from = {"", request->inbox.address},
				.reply_to = {"", ""},
				.subject = writing->fresh
					       ? writing->subject
					       : arena_printf(arena, "%s:", subject_of(writing)),
				.in_reply_to = "",
				.references = "",
				.date = writing->written_at};
	char id[ID_TEXT_SIZE];
	struct text body;
	enum status status;

	letter.message_id = arena_printf(arena, "<%s@%s>", id_text(sent->id, id),
					 request->site->messenger.policy->host_name);
	for (size_t i = 0; i < writing->recipient_count; i++) {
		size_t found;
		struct mailbox *one =
		    address_list_parse(slice_from_text(writing->recipients[i]), 1, arena, &found);

		to[i] = found == 1 ? one[0] : (struct mailbox){"", ""};
	}
	letter.to = to[0];
	letter.cc = to + 1;
	letter.cc_count = writing->recipient_count > 0 ? writing->recipient_count - 1 : 0;
	text_init(&body, LETTER_MAX);
	text_append(&body, writing->body);
	text_append_text(&body, "\n\n");
	text_append(&body, writing->quote);
	for (size_t i = 0; i < writing->file_count; i++)
		text_printf(&body, "\n[%s]", writing->files[i].name);
	status = text_ok(&body) ? compose_text(&letter, text_slice(&body), out) : STATUS_TOO_LARGE;
	text_clear(&body);
	return status;
}

struct letters {
	const struct request *request;
	struct id *ids;
};

/* One at a time: all of them together may be large. */
static enum status
make_letter(const struct request *request, const struct id *from, struct arena *arena,
	    struct mailbox_sent **sent_out, struct text **letter_out)
{
	struct text *letter = arena_alloc(arena, sizeof(*letter));
	size_t count;
	enum status status = messenger_mailbox_sent(&request->site->messenger, &request->inbox,
						    from, 1, arena, sent_out, &count);

	if (status == STATUS_OK && count == 0)
		status = STATUS_NOT_FOUND;
	if (status != STATUS_OK)
		return status;
	text_init_in(letter, arena, LETTER_MAX);
	*letter_out = letter;
	return write_letter(request, *sent_out, arena, letter);
}

static enum status
open_letter(void *context, size_t index, struct arena *arena, struct source *source_out)
{
	const struct letters *letters = context;
	struct slice *bytes = arena_alloc(arena, sizeof(*bytes));
	struct mailbox_sent *sent;
	struct text *letter;
	enum status status =
	    make_letter(letters->request, &letters->ids[index], arena, &sent, &letter);

	if (status != STATUS_OK)
		return status;
	*bytes = text_slice(letter);
	*source_out = source_from_slice(bytes);
	return STATUS_OK;
}

static enum status
measure_letter(const struct request *request, const struct id *id, size_t number,
	       struct bundle_entry *entry)
{
	struct arena *arena = arena_new();
	struct mailbox_sent *sent;
	struct text *letter;
	enum status status = make_letter(request, id, arena, &sent, &letter);

	if (status == STATUS_OK)
		*entry = (struct bundle_entry){
		    entry_name(number, subject_of(&sent->writing), request->arena),
		    text_slice(letter).size, sent->writing.written_at};
	arena_free(arena);
	return status;
}

static enum status
open_sent(struct request *request, struct source *zip)
{
	struct letters *letters = arena_alloc(request->arena, sizeof(*letters));
	struct bundle_entry *entries;
	size_t count;
	enum status status =
	    messenger_mailbox_sent_ids(&request->site->messenger, &request->inbox, BUNDLE_FILES_MAX,
				       request->arena, &letters->ids, &count);

	if (status == STATUS_OK && count == 0)
		status = STATUS_NOT_FOUND;
	if (status != STATUS_OK)
		return status;
	letters->request = request;
	entries = arena_alloc_many(request->arena, count, sizeof(*entries));
	for (size_t i = 0; i < count && status == STATUS_OK; i++)
		status = measure_letter(request, &letters->ids[i], i + 1, &entries[i]);
	return status == STATUS_OK
		   ? bundle_open(entries, count, open_letter, letters, request->arena, zip)
		   : status;
}

void
page_box_export_file(struct request *request, struct answer *answer)
{
	struct source *zip = arena_alloc(request->arena, sizeof(*zip));
	enum status status = STATUS_NOT_FOUND;

	if (request->number == SENT_NUMBER)
		status = open_sent(request, zip);
	else if (request->number < SIZE_MAX / BUNDLE_FILES_MAX)
		status = open_messages(request, zip);
	if (status == STATUS_OK)
		give(request, answer, zip);
	else
		page_failure(request, answer, status);
}
