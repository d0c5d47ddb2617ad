/* mail/marks: edits apply, the edited block holds no mark any more and is still one block. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mail/marks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const exceptions[] = {"secure-print@example.org"};
static const char *const subjects[] = {"[secure]"};
static const char *const headers[] = {"X-Secure: yes"};
static const struct mark_rules rules = {"secure-", exceptions, 1, subjects, 1, headers, 1};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice bytes = slice_of(data, size), again_bytes;
	struct source source = source_from_slice(&bytes), edited, again;
	struct arena *arena = arena_new();
	struct header_block block;
	struct mark_findings findings;
	const char *clean;

	(void)mark_address(&rules, bytes, arena, &clean);
	if (header_read(&source, arena, &block) == STATUS_OK &&
	    marks_find(&rules, &block, arena, &findings) == STATUS_OK) {
		unsigned char *copy;
		size_t count = block.count;

		if (edit_source(&source, &findings.edits, arena, &edited) != STATUS_OK)
			abort();
		copy = arena_alloc(arena, (size_t)edited.size + 1);
		if (source_read_exactly(&edited, 0, copy, (size_t)edited.size) != STATUS_OK)
			abort();
		again_bytes = slice_of(copy, (size_t)edited.size);
		again = source_from_slice(&again_bytes);
		if (header_read(&again, arena, &block) != STATUS_OK || block.count != count ||
		    marks_find(&rules, &block, arena, &findings) != STATUS_OK ||
		    findings.subject == MARK_FOUND)
			abort();
	}
	arena_free(arena);
	return 0;
}
