/* reading_header, reading_parts: a stored message, of which something can always be said. */
#include <openssl/evp.h>

#include "base/log.h"
#include "mail/pack.h"
#include "mail/reading_check.h"
#include "mail/reading_exchange.h"

/* Of a message that cannot be read as a whole, so much is looked through for plain text. */
#define BEGINNING ((uint64_t)65536)

/* A header of other bytes than these, or of more, is a task's to read.  So is one with encoded
 * words (RFC 2047): what converts them is a library. */
#define PLAIN_MAX ((size_t)65536)

struct stored {
	struct reader *reader;
	const struct letter_question *question;
	struct arena *arena;
	struct slice header; /* bytes; none when they are too many */
	struct text *request;
	struct source *edited; /* as long as the arena */
	struct letter_reading reading;
};

static void
pack_list(struct text *out, const char *const *list, size_t count)
{
	pack_number(out, count, 4);
	for (size_t i = 0; i < count; i++)
		pack_bytes(out, slice_from_text(list[i]));
}

static struct text *
make_request(const struct stored *stored)
{
	const struct mark_rules *rules = stored->question->rules;
	struct text *request = arena_alloc(stored->arena, sizeof(*request));

	text_init_in(request, stored->arena, reading_tasks[READING_LETTER].request_max);
	pack_bytes(request, stored->question->front);
	pack_bytes(request, stored->header);
	pack_number(request, rules != NULL, 1);
	if (rules == NULL)
		return request;
	pack_bytes(request, slice_from_text(rules->address_prefix));
	pack_list(request, rules->address_exceptions, rules->address_exception_count);
	pack_list(request, rules->subject_marks, rules->subject_mark_count);
	pack_list(request, rules->header_marks, rules->header_mark_count);
	return request;
}

/* What goes in front, then what takes the marks out. */
static enum status
set_edits(struct stored *stored)
{
	const struct slice front = stored->question->front;
	const struct edits *cuts = &stored->reading.findings.edits;
	struct edit *list = arena_alloc_many(stored->arena, cuts->count + 1, sizeof(*list));
	struct edits *edits = &stored->reading.manifest.edits;
	size_t count = 0;

	if (front.size > 0)
		list[count++] = (struct edit){0, 0, front};
	for (size_t i = 0; i < cuts->count; i++)
		list[count++] = cuts->list[i];
	*edits = (struct edits){list, count};
	return edit_source(stored->question->stored, edits, stored->arena, stored->edited);
}

/* Nothing is known: no header field, no part. */
static void
set_unread(struct stored *stored)
{
	stored->reading = (struct letter_reading){
	    .depth = LETTER_UNREAD,
	    .findings = {.detail = ""},
	    .manifest = {.subject = "",
			 .from = {"", ""},
			 .date = "",
			 .message_id = "",
			 .in_reply_to = "",
			 .references = "",
			 .receipt_to = "",
			 .auto_submitted = ""},
	};
}

/* What was said of the header. */
static enum status
take_first(struct stored *stored, struct slice first)
{
	enum status status =
	    reading_check_header(first, stored->header.size, stored->arena, &stored->reading);

	if (status == STATUS_OK)
		status = set_edits(stored);
	if (status != STATUS_OK)
		set_unread(stored);
	return status;
}

static void
say_nonsense(const struct stored *stored)
{
	log_warning("reading-failed", LOG_TEXT("message", stored->question->label),
		    LOG_TEXT("task", reading_tasks[READING_LETTER].name),
		    LOG_TEXT("why", "nonsense"));
}

/* Read the parts of as much of the stored message as `size` says.  STATUS_INVALID: cannot be done.
 */
static enum status
read_parts(const struct stored *stored, uint64_t size, struct manifest *parts_out)
{
	const struct letter_question *question = stored->question;
	struct source source = *question->stored;
	struct exchange answer;
	enum status status;

	source.size = size;
	status = exchange(stored->reader, READING_LETTER, question->label,
			  text_slice(stored->request), &source, stored->arena, &answer);
	if (status != STATUS_OK)
		return status;
	if (answer.status != STATUS_OK)
		return STATUS_INVALID;
	status = reading_check_parts(answer.result, stored->edited->size, stored->arena, parts_out);
	if (status != STATUS_OK)
		say_nonsense(stored);
	return status;
}

static enum status
digest_bytes(void *context, struct slice bytes)
{
	return EVP_DigestUpdate(context, bytes.data, bytes.size) == 1 ? STATUS_OK : STATUS_INTERNAL;
}

static enum status
digest(const struct source *source, unsigned char sha256[32])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	struct sink sink = {context, digest_bytes};
	enum status status = STATUS_INTERNAL;

	if (context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1)
		status = source_copy(source, 0, source->size, &sink);
	if (status == STATUS_OK && EVP_DigestFinal_ex(context, sha256, NULL) != 1)
		status = STATUS_INTERNAL;
	EVP_MD_CTX_free(context);
	return status;
}

static struct part
part_of(uint32_t number, enum part_role role, const char *type, const char *name, uint64_t size)
{
	return (struct part){.number = number,
			     .role = role,
			     .encoding = PART_IDENTITY,
			     .type = type,
			     .charset = "",
			     .name = name,
			     .content_id = "",
			     .size = size,
			     .decoded_size = size};
}

/* The message itself as a file, and the texts that were found at its beginning. */
static enum status
make_parts(struct stored *stored, const struct manifest *beginning)
{
	struct manifest *manifest = &stored->reading.manifest;
	size_t count = beginning == NULL ? 0 : beginning->part_count;
	uint64_t size = stored->edited->size;
	struct part *parts = arena_alloc_many(stored->arena, count + 2, sizeof(*parts));
	uint32_t made = 2;

	parts[0] = part_of(0, PART_CONTAINER, "multipart/mixed", "", size);
	parts[1] = part_of(1, PART_FILE, "message/rfc822", "message.eml", size);
	for (size_t i = 0; i < count; i++) {
		/* Of what lies in others, the ranges are theirs. */
		if (beginning->parts[i].role != PART_TEXT || beginning->parts[i].inside != NULL)
			continue;
		parts[made] = beginning->parts[i];
		parts[made].number = made;
		parts[made].parent = 0;
		made++;
	}
	if (made == MANIFEST_PARTS_MAX + 1)
		made--;
	manifest->parts = parts;
	manifest->part_count = made;
	return digest(stored->edited, parts[1].sha256);
}

bool
reading_is_makeshift(const struct manifest *manifest)
{
	const struct part *parts = manifest->parts;

	/* A part of a message begins behind its header. */
	return manifest->part_count >= 2 && parts[0].role == PART_CONTAINER &&
	       parts[0].offset == 0 && parts[1].role == PART_FILE && parts[1].offset == 0 &&
	       parts[1].size == parts[0].size;
}

/* How much is the beginning: less than all, so that another reading may end otherwise. */
static uint64_t
beginning_of(const struct stored *stored)
{
	uint64_t body = stored->question->stored->size - stored->header.size;

	return stored->header.size + (body / 2 < BEGINNING ? body / 2 : BEGINNING);
}

static enum status
make_do(struct stored *stored)
{
	struct manifest beginning;
	enum status status = STATUS_INVALID;

	stored->reading.manifest.truncated = true;
	if (stored->reading.depth != LETTER_UNREAD)
		status = read_parts(stored, beginning_of(stored), &beginning);
	if (status != STATUS_OK && status != STATUS_INVALID)
		return status;
	if (status == STATUS_OK)
		stored->reading.manifest.sent_at = beginning.sent_at;
	return make_parts(stored, status == STATUS_OK ? &beginning : NULL);
}

static bool
is_plain(struct slice header)
{
	for (size_t i = 0; i < header.size; i++) {
		unsigned char byte = header.data[i];

		if ((byte < 0x20 && byte != '\r' && byte != '\n' && byte != '\t') || byte >= 0x7f)
			return false;
	}
	return header.size <= PLAIN_MAX && slice_find(header, SLICE("=?"), 0) == SLICE_NONE;
}

/* What there is before any reading; the header's bytes, where they keep to their bounds. */
static enum status
open_stored(struct reader *reader, const struct letter_question *question, struct arena *arena,
	    struct stored *stored)
{
	enum status status;

	*stored = (struct stored){.reader = reader,
				  .question = question,
				  .arena = arena,
				  .edited = arena_alloc(arena, sizeof(*stored->edited))};
	status = header_bytes(question->stored, arena, &stored->header);
	if (status == STATUS_OK)
		stored->request = make_request(stored);
	return status == STATUS_TOO_LARGE ? STATUS_OK : status;
}

enum status
reading_header(struct reader *reader, const struct letter_question *question, struct arena *arena,
	       struct letter_reading *letter_out)
{
	struct stored stored;
	struct slice first = {NULL, 0};
	enum status status = open_stored(reader, question, arena, &stored);

	if (status != STATUS_OK)
		return status;
	set_unread(&stored);
	if (stored.request != NULL)
		status = exchange_first(is_plain(stored.header) ? reader_within() : reader,
					READING_LETTER, question->label, text_slice(stored.request),
					arena, &first);
	if (status != STATUS_OK)
		return status;
	if (first.size > 0 && take_first(&stored, first) != STATUS_OK)
		say_nonsense(&stored);
	if (stored.reading.depth == LETTER_UNREAD)
		status = set_edits(&stored);
	if (status == STATUS_OK)
		*letter_out = stored.reading;
	return status;
}

enum status
reading_parts(struct reader *reader, const struct letter_question *question, struct arena *arena,
	      struct letter_reading *letter)
{
	struct manifest *manifest = &letter->manifest;
	struct manifest parts;
	struct stored stored;
	enum status status = open_stored(reader, question, arena, &stored);

	if (status != STATUS_OK)
		return status;
	stored.reading = *letter;
	status = edit_source(question->stored, &manifest->edits, arena, stored.edited);
	if (status != STATUS_OK)
		return status;
	status = STATUS_INVALID;
	if (letter->depth != LETTER_UNREAD)
		status = read_parts(&stored, question->stored->size, &parts);
	if (status == STATUS_INVALID) {
		status = make_do(&stored);
		if (status == STATUS_OK)
			*letter = stored.reading;
		return status;
	}
	if (status != STATUS_OK)
		return status;
	letter->depth = LETTER_WHOLE;
	manifest->sent_at = parts.sent_at;
	manifest->parts = parts.parts;
	manifest->part_count = parts.part_count;
	manifest->truncated = parts.truncated;
	return STATUS_OK;
}

enum status
reading_letter(struct reader *reader, const struct letter_question *question, struct arena *arena,
	       struct letter_reading *letter_out)
{
	enum status status = reading_header(reader, question, arena, letter_out);

	return status == STATUS_OK ? reading_parts(reader, question, arena, letter_out) : status;
}
