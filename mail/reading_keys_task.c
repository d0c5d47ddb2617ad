/*
 * The task "keys": the signature around a message, the Autocrypt field and files of keys, decoded.
 */
#include <string.h>

#include "mail/decode.h"
#include "mail/pack.h"
#include "mail/parameters.h"
#include "mail/reading_keys.h"
#include "mail/reading_task.h"
#include "mail/sent_date.h"
#include "mail/structure.h"

#define DATE_MAX ((size_t)256)

struct keys_job {
	const struct reading_job *job;
	struct header_block block;
	struct structure structure;
};

static enum status
append(void *context, struct slice bytes)
{
	text_append(context, bytes);
	return STATUS_OK;
}

/* The decoded body; empty when it is longer than `most`. */
static enum status
decode(const struct keys_job *keys, const struct entity *entity, size_t most,
       struct slice *bytes_out)
{
	struct text *text = text_new_in(keys->job->arena, most);
	struct sink sink = {text, append};
	struct part part = {
	    .encoding = entity->encoding,
	    .offset = entity->body,
	    .size = entity->end - entity->body,
	};
	enum status status = STATUS_OK;

	*bytes_out = SLICE("");
	/* Beyond that, no encoding comes to so little. */
	if (part.size / 4 <= most)
		status = decode_part(keys->job->message, &part, &sink);
	/* What is of no use is not kept until all is read: there may be many. */
	if (status == STATUS_OK && text_ok(text))
		*bytes_out = text_slice(text);
	else
		text_clear(text);
	return status;
}

static bool
is_type(const struct entity *entity, const char *subtype)
{
	struct slice type = slice_from_text(entity->type);
	struct slice start = SLICE("application/");

	if (!slice_starts_nocase(type, start))
		return false;
	type = slice_part(type, start.size, type.size);
	if (slice_starts_nocase(type, SLICE("x-")))
		type = slice_part(type, 2, type.size);
	return slice_equal(type, slice_from_text(subtype));
}

/* Exactly two parts, the second of which is the signature (RFC 1847 section 2.1). */
static bool
find_parts(const struct structure *structure, const struct entity **content_out,
	   const struct entity **signature_out)
{
	const struct entity *root = &structure->entities[0];
	const struct entity *found[2] = {NULL, NULL};
	size_t count = 0;

	if (!root->container || strcmp(root->type, "multipart/signed") != 0 ||
	    root->children != 2 || structure->truncated)
		return false;
	for (size_t i = 1; i < structure->count && count < 2; i++)
		if (structure->entities[i].parent == 0)
			found[count++] = &structure->entities[i];
	if (count < 2 || found[1]->container || !is_type(found[1], "pkcs7-signature"))
		return false;
	*content_out = found[0];
	*signature_out = found[1];
	return true;
}

/* What is encrypted, or only a bag of certificates, has this type as well. */
static bool
is_signed_within(const struct keys_job *keys)
{
	const struct entity *root = &keys->structure.entities[0];
	const struct header_field *field = header_find(&keys->block, "Content-Type", 0);
	struct slice kind;

	if (root->container || field == NULL || !is_type(root, "pkcs7-mime"))
		return false;
	kind = slice_from_text(parameters_plain(field->value, "smime-type", keys->job->arena));
	return kind.size == 0 || slice_equal_nocase(kind, SLICE("signed-data"));
}

static enum status
say_signature(const struct keys_job *keys, struct text *out)
{
	const struct entity *content = NULL, *place = NULL;
	enum brought_signature form = SIGNATURE_NONE;
	struct slice signature = {NULL, 0};
	uint64_t offset = 0, size = 0;
	enum status status = STATUS_OK;

	if (find_parts(&keys->structure, &content, &place)) {
		status = decode(keys, place, BROUGHT_SIGNATURE_APART_MAX, &signature);
		form = SIGNATURE_APART;
	} else if (is_signed_within(keys)) {
		status =
		    decode(keys, &keys->structure.entities[0], BROUGHT_SIGNATURE_MAX, &signature);
		form = SIGNATURE_WITHIN;
	}
	if (signature.size == 0)
		form = SIGNATURE_NONE;
	if (form == SIGNATURE_APART) {
		offset = content->header;
		size = content->end - content->header;
	}
	pack_number(out, form, 1);
	pack_bytes(out, signature);
	pack_number(out, offset, 8);
	pack_number(out, size, 8);
	return status;
}

/* Files of type application/pgp-keys (RFC 3156 section 7). */
static enum status
say_attached(const struct keys_job *keys, struct text *out)
{
	struct slice found[ATTACHED_KEYS_MAX];
	size_t count = 0;

	for (size_t i = 0; i < keys->structure.count && count < ATTACHED_KEYS_MAX; i++) {
		const struct entity *entity = &keys->structure.entities[i];
		enum status status;

		if (entity->container || strcmp(entity->type, "application/pgp-keys") != 0)
			continue;
		status = decode(keys, entity, ATTACHED_KEY_SIZE_MAX, &found[count]);
		if (status != STATUS_OK)
			return status;
		count += found[count].size > 0;
	}
	pack_number(out, count, 1);
	for (size_t i = 0; i < count; i++)
		pack_bytes(out, found[i]);
	return STATUS_OK;
}

/* Fields that stand there twice are read one way here and another way there. */
static bool
is_plain(const struct header_block *block)
{
	const struct header_field *type = header_find(block, "Content-Type", 0);

	return type == NULL ||
	       header_find(block, "Content-Type", (size_t)(type - block->fields) + 1) == NULL;
}

static bool
starts(const struct keys_job *keys, const char *with)
{
	return strncmp(keys->structure.entities[0].type, with, strlen(with)) == 0;
}

/* NULL where nothing is its author's: also of a message that only carries another one, and of what
 * machines say about others (Autocrypt Level 1 section 2.3). */
static const char *
find_author(const struct keys_job *keys)
{
	if (!is_plain(&keys->block) || starts(keys, "message/") || starts(keys, "multipart/report"))
		return NULL;
	return header_author(&keys->block, keys->job->arena);
}

static void
say_header(const struct keys_job *keys, const char *author, struct text *out)
{
	const struct header_field *date = header_find(&keys->block, "Date", 0);
	struct autocrypt autocrypt;
	int64_t sent_at = 0;

	if (date != NULL)
		sent_at = sent_date(header_decode(date->value, DATE_MAX, keys->job->arena));
	if (autocrypt_read(&keys->block, keys->job->arena, &autocrypt) != STATUS_OK)
		autocrypt.key = SLICE("");
	pack_bytes(out, slice_from_text(author));
	pack_number(out, (uint64_t)sent_at, 8);
	pack_bytes(out, autocrypt.key);
}

enum status
reading_keys_run(struct reading_job *job)
{
	struct keys_job keys = {.job = job};
	const char *author;
	enum status status = header_read(job->message, job->arena, &keys.block);

	if (status == STATUS_OK)
		status = structure_read(job->message, &keys.block, job->arena, &keys.structure);
	if (status != STATUS_OK)
		return status;
	author = find_author(&keys);
	if (author == NULL)
		return STATUS_OK;
	say_header(&keys, author, &job->result);
	status = say_signature(&keys, &job->result);
	return status == STATUS_OK ? say_attached(&keys, &job->result) : status;
}
