/* mail/uuencode: text and files together are the input, and the same in pieces of any size. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "mail/uuencode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	struct text text;
	uint64_t in_files;
	uint64_t last;
	unsigned files;
};

static enum status
take_text(void *context, struct slice bytes)
{
	text_append(&((struct seen *)context)->text, bytes);
	return STATUS_OK;
}

static void
take_file(void *context, struct slice name, uint64_t from, uint64_t to)
{
	struct seen *seen = context;

	if (name.size == 0 || from >= to || from < seen->last)
		abort();
	seen->in_files += to - from;
	seen->last = to;
	seen->files++;
}

static void
scan_in(struct slice bytes, size_t piece, struct seen *seen)
{
	struct uu_scan scan = {.text = {seen, take_text}, .found = take_file, .context = seen};

	text_init(&seen->text, bytes.size + 1);
	for (size_t at = 0; at < bytes.size; at += piece)
		if (uu_scan_write(&scan, slice_part(bytes, at, at + piece)) != STATUS_OK)
			abort();
	if (uu_scan_end(&scan) != STATUS_OK)
		abort();
	if (seen->text.size + seen->in_files != bytes.size || seen->files > UU_FILES_MAX)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seen whole = {.files = 0}, parts = {.files = 0};

	if (size == 0)
		return 0;
	scan_in(slice_of(data, size), size, &whole);
	scan_in(slice_of(data, size), 1 + data[0] % 13, &parts);
	if (whole.files != parts.files || whole.in_files != parts.in_files ||
	    !slice_equal(text_slice(&whole.text), text_slice(&parts.text)))
		abort();
	text_clear(&whole.text);
	text_clear(&parts.text);
	return 0;
}
