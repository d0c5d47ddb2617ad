/*
 * The task "letter": marks and header fields first, from the header's bytes alone; then, with the
 * message at hand, its manifest.  What was said first cannot depend on the body.
 */
#include "mail/autocrypt.h"
#include "mail/marks.h"
#include "mail/pack.h"
#include "mail/parse.h"
#include "mail/reading_task.h"

/* What one step leaves to the next. */
struct letter {
	struct slice front;
	struct edits edits; /* of the stored message */
};

static const char *const *
unpack_list(struct unpack *from, struct arena *arena, size_t *count_out)
{
	size_t count = unpack_count(from, 4);
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers is meant. */
	const char **list = arena_alloc_many(arena, count, sizeof(*list));

	for (size_t i = 0; i < count; i++)
		list[i] = unpack_text(from, arena);
	*count_out = count;
	return list;
}

static void
unpack_rules(struct unpack *from, struct arena *arena, struct mark_rules *rules)
{
	rules->address_prefix = unpack_text(from, arena);
	rules->address_exceptions = unpack_list(from, arena, &rules->address_exception_count);
	rules->subject_marks = unpack_list(from, arena, &rules->subject_mark_count);
	rules->header_marks = unpack_list(from, arena, &rules->header_mark_count);
}

/* Written for many by a machine: nobody there waits for receipts or reminders. */
static bool
is_bulk(const struct header_block *block)
{
	static const char *const words[] = {"bulk", "junk", "list"};
	const struct header_field *precedence = header_find(block, "Precedence", 0);

	if (header_find(block, "List-Id", 0) != NULL)
		return true;
	for (size_t i = 0; precedence != NULL && i < sizeof(words) / sizeof(words[0]); i++)
		if (slice_equal_nocase(slice_trim(precedence->value), slice_from_text(words[i])))
			return true;
	return false;
}

/* What goes in front, then what is cut. */
static struct edits
all_edits(struct slice front, const struct edits *cuts, struct arena *arena)
{
	struct edit *list = arena_alloc_many(arena, cuts->count + 1, sizeof(*list));
	size_t count = 0;

	if (front.size > 0)
		list[count++] = (struct edit){0, 0, front};
	for (size_t i = 0; i < cuts->count; i++)
		list[count++] = cuts->list[i];
	return (struct edits){list, count};
}

/* As the message will leave: its subject is shown without the mark. */
static enum status
say_header(struct reading_job *job, const struct source *header, const struct letter *letter,
	   const struct mark_findings *findings)
{
	struct manifest manifest;
	struct source edited;
	struct slice bytes;
	enum status status = edit_source(header, &letter->edits, job->arena, &edited);

	if (status == STATUS_OK)
		status = mail_parse_header(&edited, job->arena, &manifest);
	if (status != STATUS_OK)
		return status;
	manifest.edits = findings->edits;
	status = manifest_write(&manifest, job->arena, &bytes);
	if (status == STATUS_OK)
		text_append(&job->first, bytes);
	return status;
}

enum status
reading_letter_first(struct reading_job *job)
{
	struct unpack from = {job->request, 0, true};
	struct letter *letter = arena_alloc(job->arena, sizeof(*letter));
	struct mark_findings findings = {.detail = ""};
	struct mark_rules rules = {.address_prefix = ""};
	struct header_block block;
	struct slice bytes;
	struct source header;
	enum status status;
	bool marked;

	job->kept = letter;
	letter->front = unpack_bytes(&from);
	bytes = unpack_bytes(&from);
	marked = unpack_number(&from, 1) != 0;
	if (marked)
		unpack_rules(&from, job->arena, &rules);
	if (!unpack_is_done(&from))
		return STATUS_INVALID;
	header = source_from_slice(&bytes);
	status = header_read(&header, job->arena, &block);
	if (status == STATUS_OK && marked)
		status = marks_find(&rules, &block, job->arena, &findings);
	if (status != STATUS_OK)
		return status;
	letter->edits = all_edits(letter->front, &findings.edits, job->arena);
	pack_number(&job->first,
		    (marked && is_bulk(&block) ? LETTER_BULK : 0) |
			(marked && header_brings_keys(&block) ? LETTER_BRINGS_KEYS : 0),
		    1);
	pack_number(&job->first, findings.subject, 1);
	pack_number(&job->first, findings.header, 1);
	pack_number(&job->first, findings.address, 1);
	return say_header(job, &header, letter, &findings);
}

enum status
reading_letter_run(struct reading_job *job)
{
	const struct letter *letter = job->kept;
	struct manifest manifest;
	struct source edited;
	struct slice bytes;
	enum status status = edit_source(job->message, &letter->edits, job->arena, &edited);

	if (status == STATUS_OK)
		status = mail_parse(&edited, &letter->edits, job->arena, &manifest);
	if (status == STATUS_OK)
		status = manifest_write(&manifest, job->arena, &bytes);
	if (status == STATUS_OK)
		text_append(&job->result, bytes);
	return status;
}
