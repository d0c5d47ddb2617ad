/* pdf/: a description drawn and told as text, a text set in lines, a picture read.  Whatever comes
 * in, it ends, within its bounds; what is drawn is finished; what is packed reads back. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/secret.h"
#include "mail/utf8.h"
#include "pdf/describe_text.h"
#include "pdf/layout.h"
#include "pdf/plain.h"
#include "tests/unit/pdf/fonts_here.h"

/* More of them take longer than they teach. */
#define TEXT_MAX ((size_t)20000)

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerInitialize(int *count, char ***arguments)
{
	(void)count;
	(void)arguments;
	secret_prepare_process();
	log_open("fuzz", LOG_LEVEL_NONE);
	if (fonts_load(fonts_here, FONTS_HERE_COUNT) != FONTS_HERE_COUNT)
		abort();
	return 0;
}

/* Every picture is the whole input. */
static enum status
read_picture(void *context, uint32_t part, size_t most, struct arena *arena,
	     struct slice *bytes_out)
{
	const struct slice *input = context;

	(void)arena;
	if (part % 3 == 1 || input->size > most)
		return STATUS_INVALID;
	*bytes_out = *input;
	return STATUS_OK;
}

static void
draw(struct slice description, struct slice *input, bool finish)
{
	const struct layout_pictures pictures = {input, read_picture, *input};
	struct arena *arena = arena_new();
	struct canvas *canvas = canvas_new(arena);
	struct text *plain = text_new_in(arena, DOCUMENT_MAX);
	struct document_reading reading;
	struct document_head head;
	struct slice drawn;
	enum status status, told;

	if (canvas == NULL)
		abort();
	status = document_open(description, arena, &head, &reading);
	if (status == STATUS_OK) {
		told = plain_write(&reading, plain);
		if (document_open(description, arena, &head, &reading) != STATUS_OK)
			abort();
		status = layout_draw(canvas, &head, &reading, &pictures, arena);
		/* Both read the same. */
		if (status == STATUS_OK && told != STATUS_OK)
			abort();
	}
	if (status == STATUS_OK && finish &&
	    (canvas_finish(canvas, 64000000, arena, &drawn) != STATUS_OK || drawn.size < 100))
		abort();
	arena_free(arena);
}

/* A letter's text whose spans and leads are whatever the input says, as far as they are believed.
 */
static void
describe_text(struct document *document, struct slice text, struct slice input, struct arena *arena)
{
	struct page_piece piece = {.text = text};
	struct text *packed = text_new_in(arena, 100 * SPAN_SIZE);
	size_t at = 0;

	for (size_t i = 0; i + 2 < input.size && i < 300; i += 3) {
		struct span span = {(enum span_kind)(1 + input.data[i] % 4), 0, 0, 0};

		span.level = span.kind == SPAN_BOLD || span.kind == SPAN_BAR
				 ? 0
				 : 1 + input.data[i] / 4U % 6;
		span.begin = at + input.data[i + 1] % 16;
		span.end = at = span.begin + 1 + input.data[i + 2] % 16;
		span_pack(packed, &span);
	}
	/* Where they are no spans of this text, it is one without. */
	if (!spans_read(text_slice(packed), text, arena, &piece.spans, &piece.span_count))
		piece.span_count = 0;
	pdf_describe_text(document, &piece);
	document_begin(document, DOCUMENT_ROW, input.size > 0 ? input.data[0] % 9 : 0);
	for (size_t i = 0; i < 12 && i < input.size; i++)
		if (input.data[i] % 3 == 0)
			document_cell(document);
		else
			document_run(document, text, slice_of(NULL, 0));
	document_end(document);
	document_begin_item(document, 3, 7, text);
	document_run_bold(document, text, text);
	document_end(document);
}

/* The input as text of every kind of block. */
static void
draw_text(struct slice input)
{
	static const struct document_head head = {.title = "",
						  .author = "",
						  .language = "ar",
						  .rtl = true,
						  .page_words = "%1 %2",
						  .unseen_words = "%1",
						  .text_name = ""};
	struct arena *arena = arena_new();
	struct text *text = text_new_in(arena, TEXT_MAX);
	struct document *document = document_new(arena, &head);
	struct slice description;

	for (size_t at = 0; at < input.size && text_ok(text);)
		utf8_append(text, utf8_next(input, &at));
	for (unsigned kind = DOCUMENT_TITLE; kind <= DOCUMENT_ITEM; kind++)
		document_add(document, (enum document_kind)kind, text_slice(text));
	describe_text(document, text_slice(text), input, arena);
	document_add_fact(document, text_slice(text), text_slice(text));
	document_add_picture(document, 0, text_slice(text), text_slice(text));
	if (document_pack(document, &description) == STATUS_OK)
		draw(description, &input, false);
	arena_free(arena);
}

static void
read_pictures(struct slice input)
{
	struct arena *arena = arena_new();
	struct pdf_picture_budget left = {
	    .pixels = PDF_PICTURE_JPEG_MAX, .memory = SIZE_MAX, .bytes = SIZE_MAX};
	struct pdf_picture picture;

	if (pdf_picture_read(input, &left, arena, &picture) == STATUS_OK &&
	    (pdf_picture_width(&picture) == 0 || pdf_picture_height(&picture) == 0 ||
	     picture.turn < 1 || picture.turn > 8))
		abort();
	arena_free(arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice input = slice_of(data, size);

	if (size == 0)
		return 0;
	input = slice_part(input, 1, size);
	switch (data[0] % 4) {
	case 0:
	case 1:
		draw(input, &input, data[0] % 4 == 1 && size < 4000);
		break;
	case 2:
		draw_text(input);
		break;
	default:
		read_pictures(input);
	}
	return 0;
}
