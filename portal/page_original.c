/*
 * /r/SECRET/original: a page with a frame, and the frame's content: the HTML
 * body, sanitised, under a policy of its own.  A sandboxed frame sends no
 * cookie with its pictures, so the letter's own pictures travel inside it.
 */
#include "portal/page.h"

#include <sodium.h>
#include <string.h>

#include "mail/body.h"

#define PICTURES_MAX ((uint64_t)1048576) /* bytes of all pictures together */

struct pictures {
	const struct opened *opened;
	struct arena *arena;
	uint64_t used;
};

static const char *const picture_types[] = {"image/png", "image/jpeg", "image/gif", "image/webp"};

static const struct part *
find_html(const struct manifest *manifest)
{
	for (size_t i = 0; i < manifest->part_count; i++)
		if (manifest->parts[i].role == PART_HTML)
			return &manifest->parts[i];
	return NULL;
}

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
	struct arena *arena = pictures->arena;
	struct source source;
	unsigned char *bytes;
	size_t room;
	char *url;
	size_t front;

	if (body_open(&pictures->opened->message_source, part, arena, &source) != STATUS_OK ||
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
	const struct manifest *manifest = &pictures->opened->manifest;

	for (size_t i = 0; i < manifest->part_count; i++) {
		const struct part *part = &manifest->parts[i];

		if ((part->role == PART_INLINE || part->role == PART_FILE) &&
		    *part->content_id != '\0' && strcmp(part->content_id, content_id) == 0) {
			const char *type = picture_type(part);

			return type == NULL ? NULL : picture_url(pictures, part, type);
		}
	}
	return NULL;
}

void
page_original(struct request *request, struct answer *answer)
{
	struct template_values *values = page_values(request, CSRF_SESSION);

	if (find_html(&request->opened->manifest) == NULL) {
		page_failure(request, answer, STATUS_NOT_FOUND);
		return;
	}
	template_put_text(values, "base", request_path(request, ""));
	template_put_text(values, "subject", request->opened->manifest.subject);
	page_show(request, answer, 200, "pages/original", values);
}

void
page_original_content(struct request *request, struct answer *answer)
{
	struct pictures pictures = {.opened = request->opened, .arena = request->arena};
	const struct part *html = find_html(&request->opened->manifest);
	enum status status = STATUS_NOT_FOUND;

	if (html != NULL)
		status = body_html_sanitise(&request->opened->message_source, html, find_picture,
					    &pictures, &answer->page);
	if (status == STATUS_OK && !text_ok(&answer->page))
		status = STATUS_TOO_LARGE;
	if (status != STATUS_OK) {
		text_reset(&answer->page);
		page_failure(request, answer, status);
		return;
	}
	answer->kind = ANSWER_FRAME;
	answer->status = 200;
	answer->type = "text/html; charset=utf-8";
	answer->body = text_slice(&answer->page);
}
