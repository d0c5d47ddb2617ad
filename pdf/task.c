#include "pdf/task.h"

#include <string.h>

#include "mail/body.h"
#include "mail/pack.h"
#include "pdf/enclose.h"
#include "pdf/fonts.h"
#include "pdf/layout.h"
#include "pdf/plain.h"
#include "pdf/terms.h"

#define FILE_LEAST ((size_t)12)

/* What was asked. */
struct wish {
	struct reading_job *job;
	struct slice document;
	struct slice logo;
	struct secret *password;
	struct manifest manifest; /* without parts, where there is no message */
	struct wish_file {
		const struct part *part;
		const char *name;
		const char *type;
	} * files;
	size_t file_count;
};

static bool
hear_files(struct unpack *from, struct wish *wish, uint32_t *numbers)
{
	struct arena *arena = wish->job->arena;

	for (size_t i = 0; i < wish->file_count; i++) {
		numbers[i] = (uint32_t)unpack_number(from, 4);
		wish->files[i].name = unpack_text(from, arena);
		wish->files[i].type = unpack_text(from, arena);
	}
	return from->good;
}

/* False when it makes no sense. */
static bool
hear(struct reading_job *job, struct wish *wish)
{
	struct unpack from = {job->request, 0, true};
	struct slice password, manifest;
	uint32_t *numbers;

	*wish = (struct wish){.job = job};
	wish->password = arena_alloc(job->arena, sizeof(*wish->password));
	wish->document = unpack_bytes(&from);
	wish->logo = unpack_bytes(&from);
	password = unpack_bytes(&from);
	secret_init_in(wish->password, job->arena, password.size);
	if (password.size > 0)
		memcpy(wish->password->data, password.data, password.size);
	wish->file_count = unpack_count(&from, FILE_LEAST);
	if (wish->file_count > PDF_FILES_COUNT_MAX)
		return false;
	numbers = arena_alloc_many(job->arena, wish->file_count + 1, sizeof(*numbers));
	wish->files = arena_alloc_many(job->arena, wish->file_count + 1, sizeof(*wish->files));
	if (!hear_files(&from, wish, numbers))
		return false;
	manifest = unpack_bytes(&from);
	if (!unpack_is_done(&from) ||
	    (manifest.size > 0 &&
	     manifest_read(manifest, job->arena, &wish->manifest) != STATUS_OK))
		return false;
	for (size_t i = 0; i < wish->file_count; i++) {
		if (numbers[i] >= wish->manifest.part_count)
			return false;
		wish->files[i].part = &wish->manifest.parts[numbers[i]];
	}
	return true;
}

/* All bytes of a part, in the arena. */
static enum status
read_part(const struct wish *wish, const struct part *part, uint64_t most, struct arena *arena,
	  struct slice *bytes_out)
{
	struct source source;
	unsigned char *bytes;
	enum status status = body_open(wish->job->message, part, arena, &source);

	if (status != STATUS_OK)
		return status;
	if (source.size > most)
		return STATUS_TOO_LARGE;
	bytes = arena_alloc(arena, (size_t)source.size + 1);
	status = source_read_exactly(&source, 0, bytes, (size_t)source.size);
	if (status == STATUS_OK)
		*bytes_out = slice_of(bytes, (size_t)source.size);
	return status;
}

/* Where the drawing has its pictures from. */
static enum status
read_picture(void *context, uint32_t part, size_t most, struct arena *arena,
	     struct slice *bytes_out)
{
	const struct wish *wish = context;

	if (part >= wish->manifest.part_count)
		return STATUS_INVALID;
	return read_part(wish, &wish->manifest.parts[part], most, arena, bytes_out);
}

/* The pages; all that the drawing needed is gone again. */
static enum status
draw(struct wish *wish, struct document_head *head_out, struct slice *drawn_out)
{
	struct arena *arena = arena_new();
	const struct layout_pictures pictures = {wish, read_picture, wish->logo};
	struct canvas *canvas = canvas_new(arena);
	struct document_reading reading;
	enum status status = STATUS_INVALID;

	if (canvas != NULL && fonts_count() > 0)
		status = document_open(wish->document, wish->job->arena, head_out, &reading);
	if (status == STATUS_OK) {
		reading.arena = arena;
		status = layout_draw(canvas, head_out, &reading, &pictures, arena);
	}
	if (status == STATUS_OK)
		status = canvas_finish(canvas, PDF_DRAWN_MAX, wish->job->arena, drawn_out);
	arena_free(arena);
	return status;
}

/* The document once more, as text. */
static enum status
add_text(const struct wish *wish, struct enclosing *enclosing)
{
	struct arena *arena = arena_new();
	struct text *text = text_new_in(arena, DOCUMENT_MAX * 2);
	struct document_reading reading;
	struct document_head head;
	enum status status = document_open(wish->document, arena, &head, &reading);

	if (status == STATUS_OK && *head.text_name != '\0') {
		status = plain_write(&reading, text);
		if (status == STATUS_OK) {
			const struct enclosed_file file = {head.text_name, "text/plain",
							   text_slice(text), head.made_at};

			status = enclosing_add(enclosing, &file);
		}
	}
	arena_free(arena);
	return status;
}

/* One after the other, so that only one of them is in memory twice. */
static enum status
add_files(const struct wish *wish, struct enclosing *enclosing)
{
	uint64_t left = PDF_FILES_SIZE_MAX;
	enum status status = STATUS_OK;

	for (size_t i = 0; i < wish->file_count && status == STATUS_OK; i++) {
		struct arena *arena = arena_new();
		struct enclosed_file file = {wish->files[i].name, wish->files[i].type,
					     slice_of(NULL, 0), wish->manifest.sent_at};

		status = read_part(wish, wish->files[i].part, left, arena, &file.bytes);
		if (status == STATUS_OK) {
			left -= file.bytes.size;
			status = enclosing_add(enclosing, &file);
		}
		arena_free(arena);
	}
	return status;
}

enum status
pdf_task_run(struct reading_job *job)
{
	struct enclosing *enclosing = NULL;
	struct slice drawn = {NULL, 0};
	struct document_head head;
	struct wish wish;
	enum status status = hear(job, &wish) ? draw(&wish, &head, &drawn) : STATUS_INVALID;

	if (status == STATUS_OK)
		status = enclosing_begin(drawn, &head, job->arena, &enclosing);
	if (status == STATUS_OK)
		status = add_text(&wish, enclosing);
	if (status == STATUS_OK)
		status = add_files(&wish, enclosing);
	if (status == STATUS_OK)
		status = enclosing_finish(enclosing, wish.password, &job->given);
	return status;
}
