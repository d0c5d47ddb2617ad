/* mail/html_sanitise and html_text: what comes out is a fixed point and holds nothing that acts;
 * its text is clean, and its spans are within it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mail/css_filter.h"
#include "mail/html_sanitise.h"
#include "mail/html_text.h"
#include "mail/spans.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_css(struct slice bytes)
{
	struct text once, twice;

	text_init(&once, 100000);
	text_init(&twice, 100000);
	css_filter(bytes, &once);
	css_filter(text_slice(&once), &twice);
	if (!slice_equal(text_slice(&once), text_slice(&twice)) ||
	    slice_find_nocase(text_slice(&once), SLICE("url"), 0) != SLICE_NONE ||
	    memchr(text_string(&once), '\\', once.size) != NULL)
		abort();
	text_clear(&once);
	text_clear(&twice);
}

/* Clean text, and spans that its asker would believe. */
static void
check_text(struct slice bytes, size_t room, size_t spans_room)
{
	struct arena *arena = arena_new();
	struct text *text = text_new_in(arena, room);
	struct text *packed = text_new_in(arena, spans_room * SPAN_SIZE);
	const struct span *spans;
	size_t count;

	if (html_to_text(bytes, text, packed) == STATUS_OK) {
		for (size_t i = 0; i < text->size; i++)
			if (text->data[i] < 0x20 && text->data[i] != '\n' && text->data[i] != '\t')
				abort();
		if (!spans_read(text_slice(packed), text_slice(text), arena, &spans, &count))
			abort();
	}
	arena_free(arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice bytes = slice_of(data, size);
	struct text once, twice;

	text_init(&once, 4000000);
	text_init(&twice, 4000000);
	if (size < 10000)
		check_css(bytes);
	if (html_sanitise(bytes, NULL, NULL, &once) == STATUS_OK) {
		if (slice_find_nocase(text_slice(&once), SLICE("<script"), 0) != SLICE_NONE ||
		    slice_find_nocase(text_slice(&once), SLICE("<style"), 0) != SLICE_NONE ||
		    slice_find_nocase(text_slice(&once), SLICE("<svg"), 0) != SLICE_NONE ||
		    html_sanitise(text_slice(&once), NULL, NULL, &twice) != STATUS_OK ||
		    !slice_equal(text_slice(&once), text_slice(&twice)))
			abort();
	}
	check_text(bytes, 4000000, 1000);
	/* Where there is no room, too. */
	check_text(bytes, size % 512, 2);
	text_clear(&once);
	text_clear(&twice);
	return 0;
}
