/*
 * /demo: in demonstration mode, the mails that would have left, so that the
 * whole story can be followed in one browser.  Without that mode there is no such page.
 */
#include "portal/page.h"

#include <string.h>

#include "crypto/link.h"
#include "mail/file_name.h"
#include "mail/reading.h"
#include "portal/maildir.h"

#define SHOWN_MAX ((size_t)131072)
#define LINKS_MAX 8

static bool
is_demo(const struct request *request)
{
	return *request->site->demo_maildir != '\0';
}

static const char *
mailbox_text(const struct mailbox *mailbox, struct arena *arena)
{
	if (*mailbox->name == '\0')
		return mailbox->address;
	return arena_printf(arena, "%s <%s>", mailbox->name, mailbox->address);
}

static void
put_envelope(struct template_values *values, const struct manifest *manifest, struct arena *arena)
{
	template_put_text(values, "from", mailbox_text(&manifest->from, arena));
	template_put_text(values, "to",
			  manifest->to_count == 0 ? "" : mailbox_text(&manifest->to[0], arena));
	template_put_text(values, "subject", manifest->subject);
	template_put_text(values, "date", manifest->date);
}

/* Mails that were relayed are strangers': they are read as any message is. */
static enum status
read_header(const struct request *request, const struct maildir_entry *entry, struct arena *arena,
	    struct source *source, struct letter_question *question, struct letter_reading *letter)
{
	enum status status = maildir_open(entry->path, arena, source);

	*question = (struct letter_question){
	    .label = arena_printf(arena, "demo-%llu", (unsigned long long)entry->number),
	    .stored = source};
	return status == STATUS_OK
		   ? reading_header(request->site->messenger.reader, question, arena, letter)
		   : status;
}

void
page_demo(struct request *request, struct answer *answer)
{
	struct template_values *values;
	struct maildir_entry *entries;
	struct template_list *list;
	size_t shown = 0;
	size_t count;

	if (!is_demo(request)) {
		page_failure(request, answer, STATUS_NOT_FOUND);
		return;
	}
	values = page_values(request, CSRF_NONE);
	list = template_put_list(values, "mails");
	maildir_list(request->site->demo_maildir, request->arena, &entries, &count);
	for (size_t i = 0; i < count; i++) {
		struct arena *arena = arena_new();
		struct letter_question question;
		struct letter_reading letter;
		struct source source;

		if (read_header(request, &entries[i], arena, &source, &question, &letter) ==
		    STATUS_OK) {
			struct template_values *mail = template_list_add(list);

			put_envelope(mail, &letter.manifest, arena);
			template_put_text(mail, "url",
					  arena_printf(arena, "/demo/%llu",
						       (unsigned long long)entries[i].number));
			shown++;
		}
		arena_free(arena);
	}
	template_put_flag(values, "empty", shown == 0);
	page_show(request, answer, 200, "pages/demo", values);
}

/* The private links in a mail of ours, as paths of this portal. */
static void
put_links(const struct request *request, struct template_values *values, struct slice body)
{
	struct slice url = slice_from_text(request->site->messenger.policy->portal_url);
	struct template_list *list = template_put_list(values, "links");
	size_t at = 0;

	for (int found = 0; found < LINKS_MAX; at++) {
		struct slice path;

		at = slice_find(body, url, at);
		if (at == SLICE_NONE)
			return;
		path = slice_part(body, at + url.size, at + url.size + 3 + LINK_TEXT_LENGTH);
		if (path.size != 3 + LINK_TEXT_LENGTH ||
		    (memcmp(path.data, "/r/", 3) != 0 && memcmp(path.data, "/s/", 3) != 0))
			continue;
		template_put_slice(template_list_add(list), "url", path);
		found++;
	}
}

static void
put_attachments(struct template_values *values, const struct manifest *manifest)
{
	struct template_list *list = template_put_list(values, "attachments");
	bool any = false;

	for (size_t i = 0; i < manifest->part_count; i++) {
		const struct part *part = &manifest->parts[i];
		struct template_values *file;

		if ((part->role != PART_FILE && part->role != PART_INLINE) ||
		    manifest_letter(manifest, part) != NULL)
			continue;
		file = template_list_add(list);
		template_put_text(file, "name", file_name_or_default(part->name, part->type));
		page_put_size(file, "size_text", part->decoded_size);
		any = true;
	}
	template_put_flag(values, "has_attachments", any);
}

static void
show_mail(struct request *request, struct answer *answer, const struct maildir_entry *entry)
{
	struct template_values *values = page_values(request, CSRF_NONE);
	struct reader *reader = request->site->messenger.reader;
	struct letter_question question;
	struct letter_reading letter;
	struct source source;
	struct text *body = arena_alloc(request->arena, sizeof(*body));
	unsigned flags;
	enum status status =
	    read_header(request, entry, request->arena, &source, &question, &letter);

	text_init_in(body, request->arena, SHOWN_MAX);
	if (status == STATUS_OK)
		status = reading_parts(reader, &question, request->arena, &letter);
	if (status == STATUS_OK) {
		status = reading_text(reader, question.label, &source, &letter.manifest,
				      request->arena, body, &flags);
		/* Then its files are all there is of it. */
		if (status == STATUS_INVALID || status == STATUS_TOO_LARGE)
			status = STATUS_OK;
	}
	if (status != STATUS_OK) {
		page_failure(request, answer, status);
		return;
	}
	put_envelope(values, &letter.manifest, request->arena);
	put_links(request, values, text_slice(body));
	put_attachments(values, &letter.manifest);
	template_put_slice(values, "body", text_slice(body));
	page_show(request, answer, 200, "pages/demo_mail", values);
}

void
page_demo_mail(struct request *request, struct answer *answer)
{
	struct maildir_entry *entries;
	size_t count = 0;

	if (is_demo(request)) {
		maildir_list(request->site->demo_maildir, request->arena, &entries, &count);
		for (size_t i = 0; i < count; i++) {
			if (entries[i].number == request->number) {
				show_mail(request, answer, &entries[i]);
				return;
			}
		}
	}
	page_failure(request, answer, STATUS_NOT_FOUND);
}
