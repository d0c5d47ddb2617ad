#include "mail/manifest.h"

#include <string.h>

#include "base/text.h"
#include "mail/pack.h"
#include "mail/utf8.h"

/* Byte form: "PMF" and the version, then the fields in the order of the struct.  Numbers are big
 * endian; texts carry their length in four bytes.  Version 1 knew no parts inside of parts; it
 * reads the same.  From version 3 on the date stands there also as a time. */
static const unsigned char magic[3] = {'P', 'M', 'F'};
#define VERSION_FIRST 1U
#define VERSION_TIMED 3U
#define VERSION 3U

#define FLAG_FLOWED 1U
#define FLAG_DELETE_SPACE 2U
#define FLAG_LETTER 4U
#define MAILBOXES_MAX ((size_t)100000)
#define EDITS_MAX ((size_t)100000)
#define PART_LEAST ((size_t)79)	    /* bytes of a part with empty texts, at least */
#define MAILBOX_LEAST ((size_t)8)   /* two empty texts */
#define SENT_MAX ((int64_t)1 << 40) /* seconds; beyond all calendars */
#define EDIT_LEAST ((size_t)20)	    /* two numbers and an empty replacement */

static void
put_text(struct text *out, const char *string)
{
	pack_bytes(out, slice_from_text(string));
}

static void
put_mailboxes(struct text *out, const struct mailbox *list, size_t count)
{
	pack_number(out, count, 4);
	for (size_t i = 0; i < count; i++) {
		put_text(out, list[i].name);
		put_text(out, list[i].address);
	}
}

static void
put_part(struct text *out, const struct part *part)
{
	pack_number(out, part->parent, 4);
	pack_number(out, part->role, 1);
	pack_number(out, part->encoding, 1);
	pack_number(out,
		    (part->flowed ? FLAG_FLOWED : 0) |
			(part->delete_space ? FLAG_DELETE_SPACE : 0) |
			(part->letter ? FLAG_LETTER : 0),
		    1);
	put_text(out, part->type);
	put_text(out, part->charset);
	put_text(out, part->name);
	put_text(out, part->content_id);
	pack_number(out, part->offset, 8);
	pack_number(out, part->size, 8);
	pack_number(out, part->decoded_size, 8);
	text_append(out, slice_of(part->sha256, sizeof(part->sha256)));
}

const struct part *
manifest_letter(const struct manifest *manifest, const struct part *part)
{
	for (uint32_t number = part->number; number != 0;) {
		number = manifest->parts[number].parent;
		if (manifest->parts[number].letter)
			return &manifest->parts[number];
	}
	return NULL;
}

enum status
manifest_write(const struct manifest *manifest, struct arena *arena, struct slice *bytes_out)
{
	const char *const texts[] = {manifest->date,	    manifest->message_id,
				     manifest->in_reply_to, manifest->references,
				     manifest->receipt_to,  manifest->auto_submitted};
	struct text out;
	bool fits;

	if (manifest->part_count > MANIFEST_PARTS_MAX)
		return STATUS_TOO_LARGE;
	text_init(&out, MANIFEST_SIZE_MAX);
	text_append(&out, slice_of(magic, sizeof(magic)));
	pack_number(&out, VERSION, 1);
	put_text(&out, manifest->subject);
	put_mailboxes(&out, &manifest->from, 1);
	put_mailboxes(&out, manifest->to, manifest->to_count);
	put_mailboxes(&out, manifest->cc, manifest->cc_count);
	put_mailboxes(&out, manifest->reply_to, manifest->reply_to_count);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		put_text(&out, texts[i]);
	pack_number(&out, (uint64_t)manifest->sent_at, 8);
	pack_number(&out, manifest->truncated ? 1 : 0, 1);
	pack_number(&out, manifest->part_count, 4);
	for (size_t i = 0; i < manifest->part_count; i++)
		put_part(&out, &manifest->parts[i]);
	pack_number(&out, manifest->edits.count, 4);
	for (size_t i = 0; i < manifest->edits.count; i++) {
		pack_number(&out, manifest->edits.list[i].offset, 8);
		pack_number(&out, manifest->edits.list[i].size, 8);
		pack_bytes(&out, manifest->edits.list[i].replacement);
	}
	fits = text_ok(&out);
	if (fits)
		*bytes_out = arena_copy(arena, text_slice(&out));
	text_clear(&out);
	return fits ? STATUS_OK : STATUS_TOO_LARGE;
}

struct reading {
	struct unpack from;
	struct arena *arena;
};

static size_t
take_count(struct reading *reading, size_t most, size_t least)
{
	size_t count = unpack_count(&reading->from, least);

	if (count <= most)
		return count;
	reading->from.good = false;
	return 0;
}

/* Texts are clean UTF-8 on one line, as the parser made them. */
static const char *
take_text(struct reading *reading)
{
	struct slice taken = unpack_bytes(&reading->from);

	if (!utf8_is_valid(taken))
		reading->from.good = false;
	for (size_t position = 0; reading->from.good && position < taken.size;) {
		uint32_t code = utf8_next(taken, &position);

		if (code == 0 || utf8_on_one_line(code) != code)
			reading->from.good = false;
	}
	return reading->from.good ? arena_text_from(reading->arena, taken) : "";
}

static struct mailbox *
take_mailboxes(struct reading *reading, size_t *count_out)
{
	size_t count = take_count(reading, MAILBOXES_MAX, MAILBOX_LEAST);
	struct mailbox *list = arena_alloc_many(reading->arena, count, sizeof(*list));

	for (size_t i = 0; i < count; i++) {
		list[i].name = take_text(reading);
		list[i].address = take_text(reading);
	}
	*count_out = count;
	return list;
}

/* Inside of what a part lies, from what it stands in. */
static void
place_part(struct reading *reading, struct part *part, const struct part *parent)
{
	unsigned layers = 0;

	part->inside = parent->role == PART_CONTAINER ? parent->inside : parent;
	for (const struct part *outer = part->inside; outer != NULL; outer = outer->inside)
		layers++;
	if (layers > MANIFEST_LAYERS_MAX || parent->role == PART_HTML)
		reading->from.good = false;
}

static void
take_part(struct reading *reading, struct part *parts, size_t number)
{
	struct part *part = &parts[number];
	struct slice digest;
	uint64_t flags;

	part->number = (uint32_t)number;
	part->parent = (uint32_t)unpack_number(&reading->from, 4);
	part->role = (enum part_role)unpack_number(&reading->from, 1);
	part->encoding = (enum part_encoding)unpack_number(&reading->from, 1);
	flags = unpack_number(&reading->from, 1);
	part->flowed = (flags & FLAG_FLOWED) != 0;
	part->delete_space = (flags & FLAG_DELETE_SPACE) != 0;
	part->letter = (flags & FLAG_LETTER) != 0;
	part->type = take_text(reading);
	part->charset = take_text(reading);
	part->name = take_text(reading);
	part->content_id = take_text(reading);
	part->offset = unpack_number(&reading->from, 8);
	part->size = unpack_number(&reading->from, 8);
	part->decoded_size = unpack_number(&reading->from, 8);
	digest = unpack_fixed(&reading->from, sizeof(part->sha256));
	if (!reading->from.good)
		return;
	memcpy(part->sha256, digest.data, digest.size);
	if (part->role < PART_CONTAINER || part->role > PART_INLINE ||
	    part->encoding < PART_IDENTITY || part->encoding > PART_RTF ||
	    flags > (FLAG_FLOWED | FLAG_DELETE_SPACE | FLAG_LETTER) ||
	    part->size > UINT64_MAX - part->offset || part->size > INT64_MAX ||
	    part->decoded_size > INT64_MAX)
		reading->from.good = false;
	/* A part stands in one before it; the root in itself. */
	if (number == 0 ? part->parent != 0 : part->parent >= number)
		reading->from.good = false;
	else if (number > 0)
		place_part(reading, part, &parts[part->parent]);
}

static void
take_edits(struct reading *reading, struct edits *edits)
{
	size_t count = take_count(reading, EDITS_MAX, EDIT_LEAST);
	uint64_t end = 0;

	edits->list = arena_alloc_many(reading->arena, count, sizeof(*edits->list));
	edits->count = count;
	for (size_t i = 0; i < count && reading->from.good; i++) {
		struct edit *edit = &edits->list[i];

		edit->offset = unpack_number(&reading->from, 8);
		edit->size = unpack_number(&reading->from, 8);
		edit->replacement = arena_copy(reading->arena, unpack_bytes(&reading->from));
		if (edit->offset < end || edit->size > UINT64_MAX - edit->offset)
			reading->from.good = false;
		end = edit->offset + edit->size;
	}
}

enum status
manifest_read(struct slice bytes, struct arena *arena, struct manifest *manifest_out)
{
	struct reading reading = {{bytes, 0, bytes.size <= MANIFEST_SIZE_MAX}, arena};
	struct manifest manifest = {.subject = ""};
	struct mailbox *from;
	uint64_t version, truncated;
	size_t count;

	if (!slice_equal(unpack_fixed(&reading.from, sizeof(magic)),
			 slice_of(magic, sizeof(magic))))
		return STATUS_DAMAGED;
	version = unpack_number(&reading.from, 1);
	if (version < VERSION_FIRST || version > VERSION)
		return STATUS_DAMAGED;
	manifest.subject = take_text(&reading);
	from = take_mailboxes(&reading, &count);
	if (!reading.from.good || count != 1)
		return STATUS_DAMAGED;
	manifest.from = from[0];
	manifest.to = take_mailboxes(&reading, &manifest.to_count);
	manifest.cc = take_mailboxes(&reading, &manifest.cc_count);
	manifest.reply_to = take_mailboxes(&reading, &manifest.reply_to_count);
	manifest.date = take_text(&reading);
	manifest.message_id = take_text(&reading);
	manifest.in_reply_to = take_text(&reading);
	manifest.references = take_text(&reading);
	manifest.receipt_to = take_text(&reading);
	manifest.auto_submitted = take_text(&reading);
	if (version >= VERSION_TIMED)
		manifest.sent_at = (int64_t)unpack_number(&reading.from, 8);
	if (manifest.sent_at < 0 || manifest.sent_at > SENT_MAX)
		return STATUS_DAMAGED;
	truncated = unpack_number(&reading.from, 1);
	manifest.truncated = truncated == 1;
	manifest.part_count = take_count(&reading, MANIFEST_PARTS_MAX, PART_LEAST);
	manifest.parts = arena_alloc_many(arena, manifest.part_count, sizeof(*manifest.parts));
	for (size_t i = 0; i < manifest.part_count && reading.from.good; i++)
		take_part(&reading, manifest.parts, i);
	if (reading.from.good)
		take_edits(&reading, &manifest.edits);
	if (truncated > 1 || !unpack_is_done(&reading.from))
		return STATUS_DAMAGED;
	*manifest_out = manifest;
	return STATUS_OK;
}
