#include "portal/text_blocks.h"

#define LONG_LINE ((size_t)78) /* characters */

static void
put_block(struct template_list *blocks, struct slice text, bool is_long)
{
	struct template_values *block;

	if (text.size == 0)
		return;
	block = template_list_add(blocks);
	template_put_run(block, "text", text);
	template_put_flag(block, "long", is_long);
}

void
text_blocks_put(struct template_values *values, struct slice text)
{
	struct template_list *blocks = template_put_list(values, "blocks");
	size_t begin = 0;

	for (size_t at = 0; at < text.size;) {
		size_t end = slice_find_byte(text, '\n', at);
		struct slice line = slice_part(text, at, end == SLICE_NONE ? text.size : end);
		size_t next = at + line.size + (end == SLICE_NONE ? 0 : 1);

		if (slice_count_characters(line) > LONG_LINE) {
			put_block(blocks, slice_part(text, begin, at), false);
			put_block(blocks, line, true);
			begin = next;
		}
		at = next;
	}
	put_block(blocks, slice_part(text, begin, text.size), false);
}
