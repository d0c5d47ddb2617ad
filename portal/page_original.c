/*
 * /r/SECRET/original: a page with a frame, and the frame's content: the HTML
 * body, sanitised, under a policy of its own.  A sandboxed frame sends no
 * cookie with its pictures, so the letter's own pictures travel inside it.
 */
#include "portal/page.h"

#include <sodium.h>
#include <string.h>

#include "mail/body.h"
#include "portal/letter.h"

#define PICTURES_MAX ((uint64_t)1048576) /* bytes of all pictures together */

struct pictures {
	const struct opened *opened;
	const struct part *letter; /* whose pictures they are */
	struct arena *arena;
	uint64_t used;
};

static const char *const picture_types[] = {"image/png", "image/jpeg", "image/gif", "image/webp"};

/* The HTML body that N of the path names; without N the message's own. */
static const struct part *
find_html(const struct request *request)
{
	const struct manifest *manifest = &request->opened->manifest;

	if (request->number == 0 && manifest->parts[0].role != PART_HTML)
		return letter_html(manifest, NULL);
	if (request->number >= manifest->part_count ||
	    manifest->parts[request->number].role != PART_HTML)
		return NULL;
	return &manifest->parts[request->number];
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
		    letter_has(manifest, pictures->letter, part) && *part->content_id != '\0' &&
		    strcmp(part->content_id, content_id) == 0) {
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

	const struct manifest *manifest = &request->opened->manifest;
	const struct part *html = find_html(request), *letter;

	if (html == NULL) {
		page_failure(request, answer, STATUS_NOT_FOUND);
		return;
	}
	letter = manifest_letter(manifest, html);
	template_put_text(values, "back",
			  letter == NULL
			      ? request_path(request, "/message")
			      : arena_printf(request->arena, "%s/%u",
					     request_path(request, "/message"), letter->number));
	template_put_text(values, "content_url",
			  arena_printf(request->arena, "%s/%u/content",
				       request_path(request, "/original"), html->number));
	template_put_text(values, "subject", letter_subject(request, letter));
	page_show(request, answer, 200, "pages/original", values);
}

void
page_original_content(struct request *request, struct answer *answer)
{
	struct pictures pictures = {.opened = request->opened, .arena = request->arena};
	const struct part *html = find_html(request);
	enum status status = STATUS_NOT_FOUND;

	if (html != NULL) {
		pictures.letter = manifest_letter(&request->opened->manifest, html);
		status = body_html_sanitise(&request->opened->message_source, html, find_picture,
					    &pictures, &answer->page);
	}
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
