#include "ingest/bdat.h"

#include <string.h>

void
bdat_init(struct bdat *bdat, bool binary)
{
	*bdat = (struct bdat){.binary = binary, .line_most = DOT_LINE_MAX};
}

bool
bdat_read(struct slice argument, uint64_t *size_out, bool *last_out)
{
	size_t blank = slice_find_byte(argument, ' ', 0);
	struct slice word = slice_part(argument, blank, argument.size);
	unsigned long long size;

	while (word.size > 0 && word.data[0] == ' ')
		word = slice_part(word, 1, word.size);
	if (word.size > 0 && !slice_equal_nocase(word, SLICE("LAST")))
		return false;
	/* RFC 3030 section 2: digits alone.  What does not fit is no number either. */
	if (!slice_to_number(slice_part(argument, 0, blank), &size))
		return false;
	*size_out = size;
	*last_out = word.size > 0;
	return true;
}

void
bdat_begin(struct bdat *bdat, uint64_t size, bool last)
{
	bdat->left = size;
	bdat->last = last;
}

static void
spoil(struct bdat *bdat, enum dot_fault fault)
{
	if (bdat->fault == DOT_CLEAN)
		bdat->fault = fault;
}

/* `size` more bytes of a line; false when they are too many. */
static bool
lengthen(struct bdat *bdat, size_t size)
{
	bdat->line_size += size;
	if (bdat->line_size > bdat->line_most)
		spoil(bdat, DOT_LINE_TOO_LONG);
	return bdat->fault == DOT_CLEAN;
}

/* Which fault is found must not depend on how the text was cut on its way: bytes before a bare CR
 * or LF are counted first. */
static void
check_lines(struct bdat *bdat, struct slice text)
{
	const unsigned char *at = text.data;
	const unsigned char *end = text.data + text.size;

	while (at < end) {
		const unsigned char *carriage_return;
		const unsigned char *line_feed;

		if (bdat->behind_cr) {
			if (*at != '\n')
				spoil(bdat, DOT_BARE);
			if (!lengthen(bdat, 1))
				return;
			bdat->behind_cr = false;
			bdat->line_size = 0;
			at++;
			continue;
		}
		line_feed = memchr(at, '\n', (size_t)(end - at));
		carriage_return =
		    memchr(at, '\r', (size_t)((line_feed == NULL ? end : line_feed) - at));
		if (carriage_return != NULL) {
			if (!lengthen(bdat, (size_t)(carriage_return + 1 - at)))
				return;
			bdat->behind_cr = true;
			at = carriage_return + 1;
			continue;
		}
		if (!lengthen(bdat, (size_t)((line_feed == NULL ? end : line_feed) - at)))
			return;
		if (line_feed != NULL) {
			spoil(bdat, DOT_BARE);
			return;
		}
		at = end;
	}
}

struct slice
bdat_next(struct bdat *bdat, struct slice *input)
{
	size_t size = input->size < bdat->left ? input->size : (size_t)bdat->left;
	struct slice content = slice_part(*input, 0, size);

	*input = slice_part(*input, size, input->size);
	bdat->left -= size;
	if (!bdat->binary && bdat->fault == DOT_CLEAN)
		check_lines(bdat, content);
	return slice_part(content, 0, bdat->fault == DOT_CLEAN ? size : 0);
}

bool
bdat_chunk_ended(const struct bdat *bdat)
{
	return bdat->left == 0;
}

bool
bdat_ended(struct bdat *bdat)
{
	if (bdat->left > 0 || !bdat->last)
		return false;
	if (bdat->behind_cr)
		spoil(bdat, DOT_BARE);
	return true;
}

bool
bdat_lacks_line_end(const struct bdat *bdat)
{
	return !bdat->binary && bdat->line_size > 0;
}
