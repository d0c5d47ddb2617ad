#include "mail/structure.h"

#include <string.h>

#include "base/text.h"
#include "mail/content.h"

#define PIECE ((size_t)65536)
/* A boundary line: two hyphens, the boundary, two hyphens, blanks, CR LF. */
#define LINE_SEEN (BOUNDARY_MAX + 64)
/* Texts of all entities together; names beyond are left out, so that the manifest stays in bounds.
 */
#define TEXTS_MAX ((size_t)3000000)

struct level {
	struct slice boundary;
	uint32_t entity;
};

struct scan {
	const struct source *message;
	struct arena *arena;
	struct structure found;
	size_t room; /* entities that fit in found.entities */
	size_t texts;
	struct level levels[MANIFEST_DEPTH_MAX];
	size_t depth;
	uint32_t current; /* the entity whose header or body is being read */
	bool in_header;
	bool done;
	struct text header; /* of the current entity, while in_header */
	uint64_t
	    content_end; /* where content ends if a boundary follows: before the last line end */

	/* The line being gathered: its beginning only. */
	unsigned char line[LINE_SEEN];
	size_t line_size;
	uint64_t line_start;
};

static struct entity *
current(struct scan *scan)
{
	return &scan->found.entities[scan->current];
}

static uint32_t
add_entity(struct scan *scan, uint32_t parent, uint64_t body)
{
	struct entity *entity;

	if (scan->found.count == scan->room) {
		size_t room = scan->room == 0 ? 16 : scan->room * 2;
		struct entity *more = arena_alloc_many(scan->arena, room, sizeof(*more));

		if (scan->found.count > 0)
			memcpy(more, scan->found.entities, scan->found.count * sizeof(*more));
		scan->found.entities = more;
		scan->room = room;
	}
	entity = &scan->found.entities[scan->found.count];
	entity->parent = parent;
	entity->header = entity->body = body;
	entity->type = "application/octet-stream";
	entity->charset = entity->name = entity->content_id = entity->start = "";
	entity->encoding = PART_IDENTITY;
	if (scan->found.count > 0) {
		entity->depth = scan->found.entities[parent].depth + 1;
		scan->found.entities[parent].children++;
	}
	return (uint32_t)scan->found.count++;
}

static void
bound_texts(struct scan *scan, struct entity *entity)
{
	scan->texts += strlen(entity->type) + strlen(entity->charset) + strlen(entity->name) +
		       strlen(entity->content_id);
	if (scan->texts <= TEXTS_MAX)
		return;
	scan->found.truncated = true;
	entity->charset = entity->name = entity->content_id = "";
}

static bool
is_message(const char *type)
{
	return strcmp(type, "message/rfc822") == 0 || strcmp(type, "message/global") == 0 ||
	       strcmp(type, "message/news") == 0;
}

/* The header of the current entity is complete: descend into it or take it as content. */
static void
end_header(struct scan *scan, const struct header_block *block, uint64_t body)
{
	struct entity *entity = current(scan);
	const char *fallback = "text/plain", *boundary;
	bool message;

	if (scan->current > 0 &&
	    strcmp(scan->found.entities[entity->parent].type, "multipart/digest") == 0)
		fallback = "message/rfc822";
	content_read(block, fallback, scan->arena, entity, &boundary);
	bound_texts(scan, entity);
	entity->body = body;
	scan->in_header = false;
	/* Only a message that is the whole message is looked into; others are files. */
	message = is_message(entity->type) && entity->encoding == PART_IDENTITY &&
		  scan->depth == 0 && entity->disposition != DISPOSITION_ATTACHMENT;
	if (strncmp(entity->type, "multipart/", 10) != 0 && !message)
		return;
	if (!message && boundary[0] == '\0') {
		entity->unreadable = true;
		return;
	}
	if (entity->depth + 1 >= MANIFEST_DEPTH_MAX) {
		entity->unreadable = true;
		scan->found.truncated = true;
		return;
	}
	entity->container = true;
	entity->encoding = PART_IDENTITY;
	if (message) {
		scan->current = add_entity(scan, scan->current, body);
		scan->in_header = true;
		text_reset(&scan->header);
	} else {
		scan->levels[scan->depth++] =
		    (struct level){slice_from_text(boundary), scan->current};
	}
}

uint64_t
structure_body(const struct header_block *block)
{
	uint64_t at = 0;
	bool blank_line = block->body > block->bytes.size;

	for (size_t i = 0; i < block->count; i++) {
		const struct header_field *field = &block->fields[i];

		if (!blank_line && field->offset > at &&
		    !(at == 0 && slice_starts_nocase(block->bytes, SLICE("From "))))
			return at;
		at = field->offset + field->size;
	}
	return blank_line && at == block->bytes.size ? block->body : at;
}

/* Read what was gathered of the header and go on in the body, which begins at `body` or at the
 * first line before it that cannot be header. */
static void
parse_header(struct scan *scan, uint64_t body)
{
	struct arena *arena = arena_new();
	struct slice bytes = text_slice(&scan->header);
	struct source source = source_from_slice(&bytes);
	struct header_block block = {.count = 0};

	if (!text_ok(&scan->header) || header_read(&source, arena, &block) != STATUS_OK) {
		/* Too large a header: all of it is content. */
		scan->found.truncated = true;
		scan->in_header = false;
	} else {
		uint64_t stray = current(scan)->body + structure_body(&block);

		end_header(scan, &block, stray < body ? stray : body);
	}
	arena_free(arena);
}

/* Everything below `depth` levels ends before the boundary line. */
static void
close_to(struct scan *scan, size_t depth)
{
	uint64_t end = scan->content_end;
	uint32_t container = scan->levels[depth - 1].entity;

	for (uint32_t number = scan->current; number != container;
	     number = scan->found.entities[number].parent) {
		struct entity *entity = &scan->found.entities[number];

		entity->end = end < entity->body ? entity->body : end;
	}
	scan->depth = depth;
	scan->current = container;
}

/* Whether the line is a boundary of any level; *last_out tells the closing form. */
static size_t
match_boundary(const struct scan *scan, struct slice line, bool *last_out)
{
	while (line.size > 0 &&
	       (line.data[line.size - 1] == ' ' || line.data[line.size - 1] == '\t' ||
		line.data[line.size - 1] == '\r' || line.data[line.size - 1] == '\n'))
		line.size--;
	line = slice_part(line, 2, line.size);
	for (size_t depth = scan->depth; depth > 0; depth--) {
		struct slice boundary = scan->levels[depth - 1].boundary;

		if (slice_equal(line, boundary)) {
			*last_out = false;
			return depth;
		}
		if (line.size == boundary.size + 2 &&
		    slice_equal(slice_part(line, 0, boundary.size), boundary) &&
		    line.data[line.size - 1] == '-' && line.data[line.size - 2] == '-') {
			*last_out = true;
			return depth;
		}
	}
	return 0;
}

static void
at_boundary(struct scan *scan, size_t depth, bool last, uint64_t next)
{
	uint32_t container;

	if (scan->in_header)
		parse_header(scan, scan->line_start);
	scan->in_header = false;
	close_to(scan, depth);
	container = scan->levels[depth - 1].entity;
	if (last) {
		scan->found.entities[container].end = next;
		scan->depth--;
		return;
	}
	if (scan->found.count + 1 == MANIFEST_PARTS_MAX) {
		/* The rest stays as it is, in one piece. */
		scan->current = add_entity(scan, container, scan->line_start);
		scan->found.truncated = true;
		scan->done = true;
		return;
	}
	scan->current = add_entity(scan, container, next);
	scan->in_header = true;
	text_reset(&scan->header);
}

/* The line that was gathered is complete and ends before `next`. */
static void
end_line(struct scan *scan, uint64_t next)
{
	struct slice line = slice_of(scan->line, scan->line_size);
	bool last;

	if (scan->depth > 0 && line.size > 2 && line.data[0] == '-' && line.data[1] == '-') {
		size_t depth = match_boundary(scan, line, &last);

		if (depth > 0 && next - scan->line_start <= LINE_SEEN) {
			at_boundary(scan, depth, last, next);
			return;
		}
	}
	if (scan->in_header) {
		uint64_t size = next - scan->line_start;

		bool blank = (size == 1 && line.data[0] == '\n') ||
			     (size == 2 && line.data[0] == '\r' && line.data[1] == '\n');

		if (blank || !text_ok(&scan->header))
			parse_header(scan, next);
	}
}

/* Take the bytes of one line, or of a part of one. */
static void
take_bytes(struct scan *scan, struct slice bytes)
{
	size_t room = LINE_SEEN - scan->line_size;

	memcpy(scan->line + scan->line_size, bytes.data, bytes.size < room ? bytes.size : room);
	scan->line_size += bytes.size < room ? bytes.size : room;
	if (scan->in_header)
		text_append(&scan->header, bytes);
}

static void
scan_piece(struct scan *scan, struct slice piece, uint64_t offset)
{
	size_t at = 0;

	while (at < piece.size && !scan->done) {
		size_t end = slice_find_byte(piece, '\n', at);
		size_t next = end == SLICE_NONE ? piece.size : end + 1;

		take_bytes(scan, slice_part(piece, at, next));
		at = next;
		if (end == SLICE_NONE)
			break;
		end_line(scan, offset + next);
		/* Known only now: with CR before the LF or without. */
		scan->content_end = offset + end;
		if (end > 0 ? piece.data[end - 1] == '\r'
			    : scan->line_size > 1 && scan->line[scan->line_size - 2] == '\r')
			scan->content_end--;
		scan->line_start = offset + next;
		scan->line_size = 0;
	}
}

static enum status
scan_body(struct scan *scan, uint64_t from)
{
	unsigned char *piece = arena_alloc(scan->arena, PIECE);
	uint64_t at = from;

	scan->line_start = scan->content_end = from;
	while (at < scan->message->size && !scan->done && (scan->depth > 0 || scan->in_header)) {
		size_t size;
		enum status status =
		    scan->message->read_at(scan->message->context, at, piece, PIECE, &size);

		if (status != STATUS_OK)
			return status;
		if (size == 0)
			return STATUS_DAMAGED;
		scan_piece(scan, slice_of(piece, size), at);
		at += size;
	}
	return STATUS_OK;
}

/* The end of the message ends whatever is open; a last line without line end counts. */
static void
finish(struct scan *scan)
{
	uint64_t size = scan->message->size;

	if (scan->line_size > 0 && !scan->done) {
		scan->content_end = scan->line_start;
		end_line(scan, size);
	}
	if (scan->in_header)
		parse_header(scan, size);
	for (uint32_t number = scan->current;; number = scan->found.entities[number].parent) {
		struct entity *entity = &scan->found.entities[number];

		entity->end = size < entity->body ? entity->body : size;
		if (number == 0)
			break;
	}
}

enum status
structure_read(const struct source *message, const struct header_block *block, struct arena *arena,
	       struct structure *structure_out)
{
	struct scan *scan = arena_alloc(arena, sizeof(*scan));
	enum status status;

	scan->message = message;
	scan->arena = arena;
	text_init(&scan->header, HEADER_BLOCK_MAX);
	scan->current = add_entity(scan, 0, block->body);
	end_header(scan, block, block->body);
	status = scan_body(scan, block->body);
	if (status == STATUS_OK) {
		finish(scan);
		*structure_out = scan->found;
	}
	text_clear(&scan->header);
	return status;
}
