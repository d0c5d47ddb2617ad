#include "mail/parse.h"

#include <gmime/gmime.h>
#include <string.h>

#include "base/text.h"
#include "mail/header.h"
#include "mail/sent_date.h"
#include "mail/unpack.h"
#include "mail/words.h"

#define SUBJECT_MAX ((size_t)4000)
#define WORD_MAX ((size_t)200)
#define ID_MAX ((size_t)998)
#define REFERENCES_MAX ((size_t)8000)
#define ADDRESSES_MAX ((size_t)10000)

void
mail_prepare(void)
{
	g_mime_init();
}

static const char *
field_text(const struct header_block *block, const char *name, size_t limit, struct arena *arena)
{
	const struct header_field *field = header_find(block, name, 0);

	return field == NULL ? "" : words_text(field->value, limit, arena);
}

/* The mailboxes of every field of that name. */
static struct mailbox *
field_mailboxes(const struct header_block *block, const char *name, struct arena *arena,
		size_t *count_out)
{
	struct mailbox *all = NULL;
	size_t count = 0;

	for (const struct header_field *field = header_find(block, name, 0); field != NULL;
	     field = header_find(block, name, (size_t)(field - block->fields) + 1)) {
		size_t more;
		struct mailbox *list =
		    address_list_parse(field->value, ADDRESSES_MAX - count, arena, &more);

		if (count == 0) {
			all = list;
		} else if (more > 0) {
			struct mailbox *joined =
			    arena_alloc_many(arena, count + more, sizeof(*joined));

			memcpy(joined, all, count * sizeof(*joined));
			memcpy(joined + count, list, more * sizeof(*joined));
			all = joined;
		}
		count += more;
		if (count == ADDRESSES_MAX)
			break;
	}
	*count_out = count;
	return all;
}

/* Who wrote: where there is no mailbox to be read, the field as it stands is the name. */
static struct mailbox
field_from(const struct header_block *block, struct arena *arena)
{
	static const char *const names[] = {"From", "Sender"};

	for (size_t i = 0; i < 2; i++) {
		size_t count;
		struct mailbox *list = field_mailboxes(block, names[i], arena, &count);

		if (count > 0)
			return list[0];
	}
	return (struct mailbox){field_text(block, "From", WORD_MAX, arena), ""};
}

/* The message ids of a field, angle brackets and all, one blank between; of more than `limit`
 * bytes the last ones, which are the nearest. */
static const char *
field_ids(const struct header_block *block, const char *name, bool several, size_t limit,
	  struct arena *arena)
{
	struct slice value = slice_from_text(field_text(block, name, REFERENCES_MAX * 4, arena));
	struct text ids;
	struct slice joined;
	const char *result;

	text_init(&ids, value.size + 1);
	for (size_t at = slice_find_byte(value, '<', 0); at != SLICE_NONE;) {
		size_t end = slice_find_byte(value, '>', at);
		size_t next = slice_find_byte(value, '<', at + 1);
		struct slice id;

		if (end == SLICE_NONE)
			break;
		id = slice_part(value, at, end + 1);
		at = next;
		if ((next != SLICE_NONE && next < end) || id.size < 3 || id.size > ID_MAX ||
		    slice_find_byte(id, ' ', 0) != SLICE_NONE)
			continue;
		if (ids.size > 0)
			text_append_byte(&ids, ' ');
		text_append(&ids, id);
		if (!several)
			break;
	}
	joined = text_slice(&ids);
	while (joined.size > limit)
		joined = slice_part(joined, slice_find_byte(joined, ' ', 0) + 1, joined.size);
	result = arena_text_from(arena, joined);
	text_clear(&ids);
	return result;
}

static void
read_headers(const struct header_block *block, struct arena *arena, struct manifest *manifest)
{
	struct mailbox *receipts;
	size_t count;

	manifest->subject = field_text(block, "Subject", SUBJECT_MAX, arena);
	manifest->from = field_from(block, arena);
	manifest->to = field_mailboxes(block, "To", arena, &manifest->to_count);
	manifest->cc = field_mailboxes(block, "Cc", arena, &manifest->cc_count);
	manifest->reply_to = field_mailboxes(block, "Reply-To", arena, &manifest->reply_to_count);
	manifest->date = field_text(block, "Date", WORD_MAX, arena);
	manifest->message_id = field_ids(block, "Message-ID", false, ID_MAX, arena);
	manifest->in_reply_to = field_ids(block, "In-Reply-To", false, ID_MAX, arena);
	manifest->references = field_ids(block, "References", true, REFERENCES_MAX, arena);
	receipts = field_mailboxes(block, "Disposition-Notification-To", arena, &count);
	manifest->receipt_to = count > 0 ? receipts[0].address : "";
	manifest->auto_submitted = field_text(block, "Auto-Submitted", WORD_MAX, arena);
}

enum status
mail_parse_header(const struct source *letter, struct arena *arena, struct manifest *manifest_out)
{
	struct manifest manifest = {.subject = ""};
	struct header_block block;
	enum status status = header_read(letter, arena, &block);

	if (status != STATUS_OK)
		return status;
	read_headers(&block, arena, &manifest);
	*manifest_out = manifest;
	return STATUS_OK;
}

enum status
mail_parse(const struct source *message, const struct edits *edits, struct arena *arena,
	   struct manifest *manifest_out)
{
	struct manifest manifest = {.subject = ""};
	struct header_block block;
	enum status status = header_read(message, arena, &block);

	if (status != STATUS_OK)
		return status;
	read_headers(&block, arena, &manifest);
	manifest.sent_at = sent_date(manifest.date);
	manifest.edits = *edits;
	status = unpack_message(message, &block, arena, &manifest);
	if (status == STATUS_OK)
		*manifest_out = manifest;
	return status;
}
