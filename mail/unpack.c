#include "mail/unpack.h"

#include <openssl/evp.h>
#include <string.h>

#include "base/text.h"
#include "mail/body.h"
#include "mail/content.h"
#include "mail/decode.h"
#include "mail/file_name.h"
#include "mail/roles.h"
#include "mail/structure.h"
#include "mail/tnef.h"
#include "mail/uuencode.h"
#include "mail/words.h"

/* Texts of the parts inside of others; those of the message have a bound of their own. */
#define TEXTS_MAX ((size_t)2000000)
/* Bytes decoded to look into parts, all layers together. */
#define WORK_MAX ((uint64_t)4294967296)

struct unpacking {
	struct arena *arena;
	struct part *parts;
	size_t count;
	size_t room;
	size_t texts;
	uint64_t work;
	bool truncated;
	EVP_MD_CTX *digest;
};

/* The bytes in which a layer's parts have their ranges. */
struct layer {
	struct source source;
	unsigned depth;
	bool seekable; /* any place is reached at once */
};

static enum status
unpack_part(struct unpacking *unpacking, const struct layer *layer, uint32_t number);

static bool
is_type(const struct part *part, const char *type)
{
	return strcmp(part->type, type) == 0;
}

static bool
has_ending(const char *name, const char *ending)
{
	size_t size = strlen(name), wanted = strlen(ending);

	return size >= wanted &&
	       slice_equal_nocase(slice_from_text(name + size - wanted), slice_from_text(ending));
}

static bool
may_be_letter(const struct part *part)
{
	return is_type(part, "message/rfc822") || is_type(part, "message/global") ||
	       is_type(part, "message/news") || is_type(part, "text/rfc822-headers") ||
	       is_type(part, "message/rfc822-headers") ||
	       (is_type(part, "application/octet-stream") && has_ending(part->name, ".eml"));
}

static bool
may_be_tnef(const struct part *part)
{
	return is_type(part, "application/ms-tnef") || is_type(part, "application/vnd.ms-tnef") ||
	       (is_type(part, "application/octet-stream") && has_ending(part->name, "winmail.dat"));
}

static void
make_room(struct unpacking *unpacking, size_t more)
{
	size_t room = unpacking->room < 16 ? 16 : unpacking->room;
	struct part *parts;

	if (unpacking->count + more <= unpacking->room)
		return;
	while (room < unpacking->count + more)
		room *= 2;
	parts = arena_alloc_many(unpacking->arena, room, sizeof(*parts));
	if (unpacking->count > 0)
		memcpy(parts, unpacking->parts, unpacking->count * sizeof(*parts));
	unpacking->parts = parts;
	unpacking->room = room;
}

/* Take parts over behind those that are there; false, and none is, beyond the bounds. */
static bool
add_parts(struct unpacking *unpacking, const struct part *parts, size_t count, uint32_t parent)
{
	size_t first = unpacking->count;
	size_t texts = 0;

	for (size_t i = 0; i < count; i++)
		texts += strlen(parts[i].type) + strlen(parts[i].charset) + strlen(parts[i].name) +
			 strlen(parts[i].content_id);
	if (count > MANIFEST_PARTS_MAX - first ||
	    (first > 0 && texts > TEXTS_MAX - unpacking->texts)) {
		unpacking->truncated = true;
		return false;
	}
	if (first > 0)
		unpacking->texts += texts;
	make_room(unpacking, count);
	for (size_t i = 0; i < count; i++) {
		struct part *part = &unpacking->parts[first + i];

		*part = parts[i];
		part->number = (uint32_t)(first + i);
		part->parent = i == 0 ? parent : (uint32_t)(first + parts[i].parent);
	}
	unpacking->count += count;
	return true;
}

/* Size and digest of decoded bytes, as they pass. */
struct measure {
	EVP_MD_CTX *digest; /* NULL: the size alone */
	uint64_t size;
	struct uu_scan *scan; /* NULL: not looked into */
};

static enum status
measure_bytes(void *context, struct slice bytes)
{
	struct measure *measure = context;

	measure->size += bytes.size;
	if (measure->digest != NULL &&
	    EVP_DigestUpdate(measure->digest, bytes.data, bytes.size) != 1)
		return STATUS_INTERNAL;
	return measure->scan == NULL ? STATUS_OK : uu_scan_write(measure->scan, bytes);
}

static enum status
pass_over(void *context, struct slice bytes)
{
	(void)context;
	(void)bytes;
	return STATUS_OK;
}

/* The files in a text, until it is known how large it is. */
struct uu_files {
	struct unpacking *unpacking;
	struct part files[UU_FILES_MAX];
	size_t count;
};

static void
note_file(void *context, struct slice name, uint64_t from, uint64_t to)
{
	struct uu_files *files = context;
	struct arena *arena = files->unpacking->arena;

	files->files[files->count++] = (struct part){
	    .role = PART_FILE,
	    .encoding = PART_UUENCODE,
	    .type = "application/octet-stream",
	    .charset = "",
	    .name =
		file_name_clean(slice_from_text(words_text(name, FILE_NAME_MAX * 4, arena)), arena),
	    .content_id = "",
	    .offset = from,
	    .size = to - from,
	};
}

static enum status
measure_part(const struct source *source, struct part *part, EVP_MD_CTX *digest,
	     struct uu_scan *scan)
{
	bool file = part->role == PART_FILE || part->role == PART_INLINE;
	struct measure measure = {file ? digest : NULL, 0, scan};
	struct sink sink = {&measure, measure_bytes};
	enum status status;

	if (part->role == PART_CONTAINER) {
		part->decoded_size = part->size;
		return STATUS_OK;
	}
	if (file && EVP_DigestInit_ex(digest, EVP_sha256(), NULL) != 1)
		return STATUS_INTERNAL;
	status = decode_part(source, part, &sink);
	/* Not what it says: taken as it is. */
	if (part->encoding == PART_RTF &&
	    (status == STATUS_INVALID || status == STATUS_TOO_LARGE)) {
		part->encoding = PART_IDENTITY;
		return measure_part(source, part, digest, scan);
	}
	part->decoded_size = measure.size;
	if (status == STATUS_OK && scan != NULL)
		status = uu_scan_end(scan);
	if (status == STATUS_OK && file && EVP_DigestFinal_ex(digest, part->sha256, NULL) != 1)
		status = STATUS_INTERNAL;
	return status;
}

/* The layer inside of a part.  False when it would go too deep, or be too much work. */
static bool
enter(struct unpacking *unpacking, const struct layer *outer, const struct part *part,
      struct arena *arena, struct layer *inner_out)
{
	/* Where no place is reached at once, a part is read from the beginning of them all. */
	uint64_t work = part->decoded_size + (outer->seekable ? part->size : outer->source.size);

	if (outer->depth == MANIFEST_LAYERS_MAX || work > (WORK_MAX - unpacking->work) / 3) {
		unpacking->truncated = true;
		return false;
	}
	unpacking->work += work * 3;
	inner_out->depth = outer->depth + 1;
	inner_out->seekable = outer->seekable && part->encoding == PART_IDENTITY;
	return body_open_in(&outer->source, part, arena, &inner_out->source) == STATUS_OK;
}

static enum status
unpack_text(struct unpacking *unpacking, const struct layer *layer, uint32_t number)
{
	struct arena *arena = arena_new();
	struct uu_files *files = arena_alloc(arena, sizeof(*files));
	struct uu_scan *scan = arena_alloc(arena, sizeof(*scan));
	enum status status;
	struct layer inner;

	files->unpacking = unpacking;
	scan->text = (struct sink){NULL, pass_over};
	scan->found = note_file;
	scan->context = files;
	status = measure_part(&layer->source, &unpacking->parts[number], unpacking->digest, scan);
	if (status == STATUS_OK && files->count > 0 &&
	    enter(unpacking, layer, &unpacking->parts[number], arena, &inner)) {
		for (size_t i = 0; i < files->count && status == STATUS_OK; i++) {
			status =
			    measure_part(&inner.source, &files->files[i], unpacking->digest, NULL);
			if (status == STATUS_OK &&
			    !add_parts(unpacking, &files->files[i], 1, number))
				break;
		}
	}
	arena_free(arena);
	return status;
}

/* Measure [first, count) and look into each. */
static enum status
unpack_parts(struct unpacking *unpacking, const struct layer *layer, size_t first)
{
	size_t end = unpacking->count;
	enum status status = STATUS_OK;

	for (size_t i = first; i < end && status == STATUS_OK; i++)
		if (unpacking->parts[i].role != PART_TEXT)
			status = measure_part(&layer->source, &unpacking->parts[i],
					      unpacking->digest, NULL);
	for (size_t i = first; i < end && status == STATUS_OK; i++)
		status = unpack_part(unpacking, layer, (uint32_t)i);
	return status;
}

/* The parts of the letter that is the whole layer; below `parent`, or the message's own. */
static enum status
unpack_letter(struct unpacking *unpacking, const struct layer *layer,
	      const struct header_block *block, uint32_t parent)
{
	struct header_block from = *block;
	struct structure structure;
	size_t first = unpacking->count;
	enum status status;

	/* Lines that end in CR alone are one field without an end. */
	if (slice_find_byte(from.bytes, '\n', 0) == SLICE_NONE &&
	    slice_find_byte(from.bytes, '\r', 0) != SLICE_NONE)
		from.count = 0;
	/* No field at all: not a letter, but somebody's text all the same. */
	from.body = from.count == 0 ? 0 : structure_body(&from);
	status = structure_read(&layer->source, &from, unpacking->arena, &structure);
	if (status != STATUS_OK)
		return status;
	unpacking->truncated = unpacking->truncated || structure.truncated;
	if (!add_parts(unpacking, roles_assign(&structure, unpacking->arena), structure.count,
		       parent))
		return STATUS_OK;
	return unpack_parts(unpacking, layer, first);
}

static bool
looks_like_letter(const struct part *part, const struct header_block *block)
{
	static const char *const names[] = {"From",	    "Subject",	"Date",
					    "Content-Type", "Received", "To"};

	if (!is_type(part, "application/octet-stream"))
		return block->count > 0;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (header_find(block, names[i], 0) != NULL)
			return true;
	return false;
}

static enum status
unpack_attached(struct unpacking *unpacking, const struct layer *layer, uint32_t number)
{
	struct arena *arena = arena_new();
	struct header_block block;
	enum status status = STATUS_OK;
	struct layer inner;

	if (enter(unpacking, layer, &unpacking->parts[number], arena, &inner)) {
		size_t before = unpacking->count;

		status = header_read(&inner.source, arena, &block);
		if (status == STATUS_OK && looks_like_letter(&unpacking->parts[number], &block))
			status = unpack_letter(unpacking, &inner, &block, number);
		else if (status == STATUS_TOO_LARGE)
			status = STATUS_OK; /* it stays a file */
		unpacking->parts[number].letter = unpacking->count > before;
	}
	arena_free(arena);
	return status;
}

/* Whether the letter to which a part belongs has a body of that role with more than blanks. */
static bool
has_body(const struct unpacking *unpacking, uint32_t number, enum part_role role)
{
	uint32_t top = number;

	while (top != 0 && !unpacking->parts[unpacking->parts[top].parent].letter)
		top = unpacking->parts[top].parent;
	for (size_t i = top; i < unpacking->count; i++)
		if (unpacking->parts[i].role == role && unpacking->parts[i].decoded_size > 8)
			return true;
	return false;
}

static struct part
part_of_piece(const struct tnef_piece *piece)
{
	struct part part = {
	    .role = PART_FILE,
	    .encoding = PART_IDENTITY,
	    .type = "application/octet-stream",
	    .charset = piece->charset,
	    .name = piece->name,
	    .content_id = piece->content_id,
	    .offset = piece->offset,
	    .size = piece->size,
	};

	if (piece->kind == TNEF_LETTER)
		part.type = "application/ms-tnef";
	else if (piece->kind == TNEF_TEXT)
		part.type = "text/plain";
	else if (piece->kind == TNEF_HTML)
		part.type = "text/html";
	else if (piece->kind == TNEF_RTF)
		part.type = "application/rtf";
	else if (strchr(piece->type, '/') != NULL)
		part.type = piece->type;
	if (piece->kind == TNEF_RTF) {
		part.encoding = PART_RTF;
		part.name = "message.rtf";
	}
	if (*part.content_id != '\0' && strncmp(part.type, "image/", 6) == 0)
		part.role = PART_INLINE;
	return part;
}

/* What is in winmail.dat: its files, and its text where the letter has none of that kind. */
static enum status
unpack_tnef(struct unpacking *unpacking, const struct layer *layer, uint32_t number)
{
	struct arena *arena = arena_new();
	size_t first = unpacking->count;
	enum status status = STATUS_OK;
	struct layer inner;
	struct tnef tnef = {.count = 0};

	if (enter(unpacking, layer, &unpacking->parts[number], arena, &inner)) {
		status = tnef_read(&inner.source, unpacking->arena, &tnef);
		if (status == STATUS_INVALID)
			status = STATUS_OK; /* it stays a file */
	}
	for (size_t i = 0; i < tnef.count && status == STATUS_OK; i++) {
		struct part part = part_of_piece(&tnef.pieces[i]);

		if (tnef.pieces[i].kind == TNEF_TEXT || tnef.pieces[i].kind == TNEF_HTML) {
			part.role = tnef.pieces[i].kind == TNEF_TEXT ? PART_TEXT : PART_HTML;
			if (has_body(unpacking, number, part.role))
				continue;
		}
		if (!add_parts(unpacking, &part, 1, number))
			break;
		/* Known here, so that one text does not follow the other. */
		unpacking->parts[unpacking->count - 1].decoded_size = part.size;
	}
	if (status == STATUS_OK && unpacking->count > first)
		status = unpack_parts(unpacking, &inner, first);
	arena_free(arena);
	return status;
}

static enum status
unpack_part(struct unpacking *unpacking, const struct layer *layer, uint32_t number)
{
	const struct part *part = &unpacking->parts[number];

	if (part->role == PART_TEXT)
		return unpack_text(unpacking, layer, number);
	if (part->role == PART_FILE && may_be_letter(part))
		return unpack_attached(unpacking, layer, number);
	if (part->role == PART_FILE && may_be_tnef(part))
		return unpack_tnef(unpacking, layer, number);
	return STATUS_OK;
}

enum status
unpack_message(const struct source *message, const struct header_block *block, struct arena *arena,
	       struct manifest *manifest)
{
	struct unpacking unpacking = {.arena = arena, .digest = EVP_MD_CTX_new()};
	struct layer layer = {*message, 0, true};
	enum status status = STATUS_INTERNAL;

	if (unpacking.digest != NULL)
		status = unpack_letter(&unpacking, &layer, block, 0);
	EVP_MD_CTX_free(unpacking.digest);
	if (status != STATUS_OK)
		return status;
	for (size_t i = 1; i < unpacking.count; i++) {
		struct part *part = &unpacking.parts[i];
		const struct part *parent = &unpacking.parts[part->parent];

		part->inside = parent->role == PART_CONTAINER ? parent->inside : parent;
	}
	manifest->parts = unpacking.parts;
	manifest->part_count = unpacking.count;
	manifest->truncated = unpacking.truncated;
	return STATUS_OK;
}
