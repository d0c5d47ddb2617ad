/*
 * The task "page": what is asked comes in, what was found goes out.  The headers of attached
 * letters are here; texts, extras and files have files of their own.
 */
#include "mail/body.h"
#include "mail/pack.h"
#include "mail/parse.h"
#include "mail/reading_page_part.h"
#include "mail/sent_date.h"

/* Bytes decoded on the way to the headers of attached letters; those beyond are listed without. */
#define HEADERS_WORK_MAX ((uint64_t)134217728)
#define LOOK_LEAST ((size_t)5)

static const struct manifest no_headers = {.subject = "",
					   .from = {"", ""},
					   .date = "",
					   .message_id = "",
					   .in_reply_to = "",
					   .references = "",
					   .receipt_to = "",
					   .auto_submitted = ""};

bool
page_has(const struct manifest *manifest, const struct part *letter, const struct part *part)
{
	return manifest_letter(manifest, part) == letter;
}

/* The shown headers of an attached letter; without them where they cannot be read. */
static struct manifest
headers_of(const struct reading_job *job, const struct part *letter)
{
	struct manifest headers = no_headers, read;
	struct source source;

	if (body_open(job->message, letter, job->arena, &source) == STATUS_OK &&
	    mail_parse_header(&source, job->arena, &read) == STATUS_OK) {
		headers = read;
		headers.sent_at = sent_date(headers.date);
	}
	return headers;
}

enum status
page_write_head(const struct reading_job *job, const struct page_wish *wish, struct text *out)
{
	struct manifest headers = headers_of(job, wish->letter);
	struct slice bytes;
	enum status status = manifest_write(&headers, job->arena, &bytes);

	if (status == STATUS_OK)
		pack_bytes(out, bytes);
	return status;
}

void
page_write_letters(const struct reading_job *job, const struct page_wish *wish, struct text *out)
{
	const struct manifest *manifest = wish->manifest;
	uint64_t work = 0;
	size_t count = 0;

	for (size_t i = 0; i < manifest->part_count && count < PAGE_LETTERS_MAX; i++) {
		const struct part *part = &manifest->parts[i];
		struct manifest headers = no_headers;

		if (!part->letter || !page_has(manifest, wish->letter, part))
			continue;
		count++;
		work += part->inside == NULL ? part->size : part->inside->decoded_size;
		if (work <= HEADERS_WORK_MAX)
			headers = headers_of(job, part);
		pack_number(out, 1, 1);
		pack_number(out, part->number, 4);
		pack_bytes(out, slice_from_text(headers.from.name));
		pack_bytes(out, slice_from_text(headers.from.address));
		pack_bytes(out, slice_from_text(headers.subject));
		pack_bytes(out, slice_from_text(headers.date));
		pack_number(out, (uint64_t)headers.sent_at, 8);
	}
	pack_number(out, 0, 1);
}

/* What is asked; false when it makes no sense. */
static bool
hear_wish(const struct reading_job *job, struct manifest *manifest, struct page_wish *wish)
{
	struct unpack from = {job->request, 0, true};
	uint64_t of_letter = unpack_number(&from, 1), letter = unpack_number(&from, 4);
	struct page_look *looks;

	*wish = (struct page_wish){.message = job->message, .manifest = manifest};
	wish->wants = (unsigned)unpack_number(&from, 1);
	wish->text_max = (size_t)unpack_number(&from, 4);
	wish->names_max = (size_t)unpack_number(&from, 4);
	wish->look_count = unpack_count(&from, LOOK_LEAST);
	looks = arena_alloc_many(job->arena, wish->look_count, sizeof(*looks));
	for (size_t i = 0; i < wish->look_count; i++) {
		looks[i].part = (uint32_t)unpack_number(&from, 4);
		looks[i].kind = (enum page_look_kind)unpack_number(&from, 1);
	}
	wish->looks = looks;
	if (manifest_read(unpack_bytes(&from), job->arena, manifest) != STATUS_OK ||
	    !unpack_is_done(&from) || manifest->parts == NULL)
		return false;
	for (size_t i = 0; i < wish->look_count; i++)
		if (looks[i].part >= manifest->part_count)
			return false;
	if (of_letter != 0) {
		if (letter >= manifest->part_count)
			return false;
		wish->letter = &manifest->parts[letter];
	}
	return true;
}

enum status
reading_page_run(struct reading_job *job)
{
	struct text *out = &job->result;
	struct manifest manifest;
	struct page_wish wish;
	enum status status = STATUS_OK;

	if (!hear_wish(job, &manifest, &wish))
		return STATUS_INVALID;
	if ((wish.wants & PAGE_HEAD) != 0 && wish.letter != NULL)
		status = page_write_head(job, &wish, out);
	if ((wish.wants & PAGE_LETTERS) != 0)
		page_write_letters(job, &wish, out);
	if (status == STATUS_OK && (wish.wants & PAGE_TEXT) != 0)
		status = page_write_text(job, &wish, out);
	if (status == STATUS_OK && (wish.wants & PAGE_EXTRAS) != 0) {
		page_write_events(job, &wish, out);
		page_write_reports(job, &wish, out);
	}
	return status == STATUS_OK ? page_write_sights(job, &wish, out) : status;
}
