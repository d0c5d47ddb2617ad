#include "mail/reading_check.h"

#include "mail/pack.h"
#include "mail/reading_task.h"

/* Marks stand in the header: nothing else is ever cut. */
static bool
are_within(const struct edits *edits, uint64_t size)
{
	for (size_t i = 0; i < edits->count; i++)
		if (edits->list[i].offset > size ||
		    edits->list[i].size > size - edits->list[i].offset)
			return false;
	return true;
}

enum status
reading_check_header(struct slice bytes, uint64_t header_size, struct arena *arena,
		     struct letter_reading *letter_out)
{
	struct unpack from = {bytes, 0, true};
	struct letter_reading letter = {.depth = LETTER_HEADER, .findings = {.detail = ""}};
	uint64_t kind = unpack_number(&from, 1);
	uint64_t subject = unpack_number(&from, 1);
	uint64_t header = unpack_number(&from, 1);
	uint64_t address = unpack_number(&from, 1);

	if (!from.good || kind > (LETTER_BULK | LETTER_BRINGS_KEYS) || address > 1 ||
	    subject > MARK_NEAR || header > MARK_NEAR ||
	    manifest_read(slice_part(bytes, from.at, bytes.size), arena, &letter.manifest) !=
		STATUS_OK ||
	    letter.manifest.part_count != 0 || letter.manifest.truncated ||
	    !are_within(&letter.manifest.edits, header_size))
		return STATUS_INVALID;
	letter.bulk = (kind & LETTER_BULK) != 0;
	letter.brings_keys = (kind & LETTER_BRINGS_KEYS) != 0;
	letter.findings.subject = (enum mark)subject;
	letter.findings.header = (enum mark)header;
	letter.findings.address = address == 1;
	letter.findings.edits = letter.manifest.edits;
	*letter_out = letter;
	return STATUS_OK;
}

enum status
reading_check_parts(struct slice bytes, uint64_t size, struct arena *arena,
		    struct manifest *manifest_out)
{
	struct manifest manifest;

	if (manifest_read(bytes, arena, &manifest) != STATUS_OK || manifest.part_count == 0)
		return STATUS_INVALID;
	for (size_t i = 0; i < manifest.part_count; i++) {
		const struct part *part = &manifest.parts[i];

		/* What lies in another part, body_open holds against that one. */
		if (part->inside == NULL &&
		    (part->offset > size || part->size > size - part->offset))
			return STATUS_INVALID;
	}
	*manifest_out = manifest;
	return STATUS_OK;
}
