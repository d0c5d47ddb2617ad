#include "mail/compose_part.h"
#include "mail/edit.h"
#include "mail/field.h"

#define AROUND_MAX ((size_t)524288)

void
compose_file_part(const char *name, const char *type, const char *encoding, struct text *out)
{
	text_printf(out, "Content-Type: %s", type);
	field_put_plain_parameter(out, "name", name);
	text_append_text(out, "\r\nContent-Disposition: attachment");
	field_put_parameter(out, "filename", name);
	text_printf(out, "\r\nContent-Transfer-Encoding: %s\r\n\r\n", encoding);
}

enum status
compose_file(const struct letter *letter, struct slice body, const char *name, const char *type,
	     const struct source *base64, struct arena *arena, struct source *source_out)
{
	char boundary[COMPOSE_BOUNDARY_SIZE];
	struct text *before = text_new_in(arena, AROUND_MAX);
	struct text *behind = text_new_in(arena, AROUND_MAX);
	struct edit *list = arena_alloc_many(arena, 2, sizeof(*list));
	struct edits edits = {list, 2};
	enum status status = compose_headers(letter, before);

	if (status != STATUS_OK)
		return status;
	compose_boundary(boundary);
	text_printf(before, "Content-Type: multipart/mixed;\r\n\tboundary=\"%s\"\r\n\r\n",
		    boundary);
	compose_delimiter(boundary, false, before);
	compose_text_part(body, false, before);
	compose_delimiter(boundary, false, before);
	compose_file_part(name, type, "base64", before);
	compose_delimiter(boundary, true, behind);
	if (!text_ok(before) || !text_ok(behind))
		return STATUS_TOO_LARGE;
	list[0] = (struct edit){.offset = 0, .replacement = text_slice(before)};
	list[1] = (struct edit){.offset = base64->size, .replacement = text_slice(behind)};
	return edit_source(base64, &edits, arena, source_out);
}
