/* Uploads: the first byte tells the size of the pieces; however they are cut, the same comes out.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/text.h"
#include "portal/filename.h"
#include "portal/multipart.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum status
note_begin(void *context, const struct multipart_part *part)
{
	struct arena *arena = arena_new();
	const char *clean = filename_clean(part->file, arena);

	for (const char *c = clean; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == '/' || *c == '\\')
			abort();
	text_append_byte(context, part->is_file ? '[' : '(');
	text_append(context, part->name);
	text_append(context, part->file);
	text_append(context, part->type);
	arena_free(arena);
	return STATUS_OK;
}

static enum status
note_data(void *context, struct slice bytes)
{
	text_append(context, bytes);
	return STATUS_OK;
}

static enum status
note_end(void *context)
{
	text_append_byte(context, ';');
	return STATUS_OK;
}

static enum status
read_in_pieces(struct slice body, size_t piece, struct text *seen)
{
	static const struct multipart_actions notes = {note_begin, note_data, note_end};
	struct arena *arena = arena_new();
	struct multipart *multipart;
	enum status status = multipart_open(SLICE("multipart/form-data; boundary=b"), &notes, seen,
					    arena, &multipart);

	for (size_t at = 0; at < body.size && status == STATUS_OK; at += piece)
		status = multipart_feed(multipart, slice_part(body, at, at + piece));
	if (status == STATUS_OK)
		status = multipart_finish(multipart);
	arena_free(arena);
	return status;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice body;
	struct text whole;
	struct text pieces;

	if (size < 1)
		return 0;
	body = slice_of(data + 1, size - 1);
	text_init(&whole, 1000000);
	text_init(&pieces, 1000000);
	if (read_in_pieces(body, size, &whole) != read_in_pieces(body, 1u + data[0], &pieces))
		abort();
	if (!slice_equal(text_slice(&whole), text_slice(&pieces)))
		abort();
	text_clear(&whole);
	text_clear(&pieces);
	return 0;
}
