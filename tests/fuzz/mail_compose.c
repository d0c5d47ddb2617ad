/* A reply: whatever is typed, and whatever a file is called, comes out as lines of a letter that
 * our own reader takes apart again, with the same file in it. */
#include <stdlib.h>
#include <string.h>

#include "mail/body.h"
#include "mail/compose.h"
#include "mail/parse.h"
#include "mail/quote.h"

static enum status
append(void *context, struct slice bytes)
{
	text_append(context, bytes);
	return STATUS_OK;
}

static void
check_lines(struct slice letter)
{
	size_t length = 0;

	for (size_t i = 0; i < letter.size; i++) {
		if (letter.data[i] == '\0' || letter.data[i] >= 0x80)
			abort();
		if ((letter.data[i] == '\n') != (i > 0 && letter.data[i - 1] == '\r'))
			abort();
		length = letter.data[i] == '\n' ? 0 : length + 1;
		if (length > 999)
			abort();
	}
}

static void
check_file(const struct source *source, const struct part *part, struct slice file,
	   struct arena *arena)
{
	unsigned char *bytes = arena_alloc(arena, file.size + 1);
	struct source decoded;

	if (part->decoded_size != file.size || strpbrk(part->name, "/\r\n") != NULL)
		abort();
	if (body_open(source, part, arena, &decoded) != STATUS_OK || decoded.size != file.size ||
	    source_read_exactly(&decoded, 0, bytes, file.size) != STATUS_OK ||
	    (file.size > 0 && memcmp(bytes, file.data, file.size) != 0))
		abort();
}

static void
check_letter(struct slice letter, struct slice file, struct arena *arena)
{
	struct edits none = {NULL, 0};
	struct source source = source_from_slice(&letter);
	struct manifest manifest;
	size_t files = 0;

	check_lines(letter);
	if (mail_parse(&source, &none, arena, &manifest) != STATUS_OK)
		abort();
	for (size_t i = 0; i < manifest.part_count; i++) {
		if (manifest.parts[i].role != PART_FILE)
			continue;
		check_file(&source, &manifest.parts[i], file, arena);
		files++;
	}
	if (files != 1)
		abort();
}

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int
LLVMFuzzerInitialize(int *count, char ***arguments)
{
	(void)count;
	(void)arguments;
	mail_prepare();
	return 0;
}

/* Name, type and text end in NUL; the rest is the file, and quoted besides. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct arena *arena = arena_new();
	struct slice rest = slice_of(data, size);
	struct slice given[3];
	struct letter letter = {.from = {"Fred", "fred@example.net"},
				.to = {"Alice", "alice@corp.example"},
				.reply_to = {"", ""},
				.subject = "Re: it",
				.message_id = "<one@example.com>",
				.in_reply_to = "",
				.references = ""};
	struct reply_writer *writer;
	struct text out, quote;
	struct sink sink = {&out, append};

	for (size_t i = 0; i < 3; i++) {
		size_t end = slice_find_byte(rest, '\0', 0);

		given[i] = slice_part(rest, 0, end == SLICE_NONE ? rest.size : end);
		rest = slice_part(rest, given[i].size + 1, rest.size);
	}
	text_init_in(&quote, arena, 4 * QUOTE_MAX);
	quote_put("A wrote:", given[2], &quote);
	if (!text_ok(&quote) || quote_has_words(text_slice(&quote)))
		abort();
	text_init_in(&out, arena, (size_t)1 << 24);
	if (reply_open(&letter, true, &sink, arena, &writer) != STATUS_OK ||
	    reply_body(writer, given[2]) != STATUS_OK ||
	    reply_file_begin(writer, arena_text_from(arena, given[0]),
			     arena_text_from(arena, given[1])) != STATUS_OK ||
	    reply_file_write(writer, rest) != STATUS_OK || reply_file_end(writer) != STATUS_OK ||
	    reply_close(writer) != STATUS_OK || !text_ok(&out))
		abort();
	check_letter(text_slice(&out), rest, arena);
	arena_free(arena);
	return 0;
}
