/*
 * The task "original": a letter's HTML as its writer laid it out, sanitised.  A sandboxed frame
 * sends no cookie with its pictures, so the letter's own pictures travel inside it.
 */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "mail/body.h"
#include "mail/pack.h"
#include "mail/reading_task.h"

#define PICTURES_MAX ((uint64_t)1048576) /* bytes of all pictures together */

struct pictures {
	const struct reading_job *job;
	const struct manifest *manifest;
	const struct part *letter; /* whose pictures they are */
	uint64_t used;
};

static const char *const picture_types[] = {"image/png", "image/jpeg", "image/gif", "image/webp"};

static const char *
picture_type(const struct part *part)
{
	for (size_t i = 0; i < sizeof(picture_types) / sizeof(picture_types[0]); i++)
		if (strcmp(part->type, picture_types[i]) == 0)
			return picture_types[i];
	return NULL;
}

static const char *
picture_url(struct pictures *pictures, const struct part *part, const char *type)
{
	struct arena *arena = pictures->job->arena;
	struct source source;
	unsigned char *bytes;
	size_t room;
	char *url;
	size_t front;

	if (body_open(pictures->job->message, part, arena, &source) != STATUS_OK ||
	    source.size > PICTURES_MAX - pictures->used)
		return NULL;
	bytes = arena_alloc(arena, (size_t)source.size + 1);
	if (source_read_exactly(&source, 0, bytes, (size_t)source.size) != STATUS_OK)
		return NULL;
	pictures->used += source.size;
	room = sodium_base64_encoded_len((size_t)source.size, sodium_base64_VARIANT_ORIGINAL);
	url = arena_alloc(arena, room + 64);
	front = (size_t)snprintf(url, 64, "data:%s;base64,", type);
	sodium_bin2base64(url + front, room, bytes, (size_t)source.size,
			  sodium_base64_VARIANT_ORIGINAL);
	return url;
}

/* The address of a picture by its Content-ID: the picture itself, as long as there is room. */
static const char *
find_picture(void *context, const char *content_id)
{
	struct pictures *pictures = context;

	const struct manifest *manifest = pictures->manifest;

	for (size_t i = 0; i < manifest->part_count; i++) {
		const struct part *part = &manifest->parts[i];

		if ((part->role == PART_INLINE || part->role == PART_FILE) &&
		    manifest_letter(manifest, part) == pictures->letter &&
		    *part->content_id != '\0' && strcmp(part->content_id, content_id) == 0) {
			const char *type = picture_type(part);

			return type == NULL ? NULL : picture_url(pictures, part, type);
		}
	}
	return NULL;
}

enum status
reading_original_run(struct reading_job *job)
{
	struct unpack from = {job->request, 0, true};
	uint64_t number = unpack_number(&from, 4);
	struct pictures pictures = {.job = job};
	struct manifest manifest;
	enum status status;

	if (manifest_read(unpack_bytes(&from), job->arena, &manifest) != STATUS_OK ||
	    !unpack_is_done(&from) || number >= manifest.part_count)
		return STATUS_INVALID;
	pictures.manifest = &manifest;
	pictures.letter = manifest_letter(&manifest, &manifest.parts[number]);
	status = body_html_sanitise(job->message, &manifest.parts[number], find_picture, &pictures,
				    &job->result);
	return status == STATUS_OK && !text_ok(&job->result) ? STATUS_TOO_LARGE : status;
}
