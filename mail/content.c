#include "mail/content.h"

#include <gmime/gmime.h>
#include <string.h>

#include "base/text.h"
#include "mail/charset.h"
#include "mail/file_name.h"
#include "mail/parameters.h"
#include "mail/utf8.h"
#include "mail/words.h"

#define VALUE_MAX ((size_t)32768)
#define TYPE_MAX ((size_t)127)
#define CHARSET_MAX ((size_t)63)
#define ID_MAX ((size_t)255)

/* The value as GMime wants it: unfolded, without NUL, bounded.  8-bit bytes that are no UTF-8
 * are read as windows-1252. */
static const char *
value_text(struct slice value, struct arena *arena)
{
	struct text text;
	const char *copy;
	bool valid;

	value = slice_trim(slice_part(value, 0, VALUE_MAX));
	valid = utf8_is_valid(value);
	text_init(&text, value.size * 3 + 1);
	for (size_t i = 0; i < value.size; i++) {
		unsigned char byte = value.data[i];

		if (byte == '\r' || byte == '\n')
			continue;
		if (byte < 0x20 || byte == 0x7f)
			byte = ' ';
		if (byte < 0x80 || valid)
			text_append_byte(&text, byte);
		else
			utf8_append(&text, charset_guess_byte(byte));
	}
	copy = arena_text_from(arena, text_slice(&text));
	text_clear(&text);
	return copy;
}

static const char *
lower_text(const char *string, size_t limit, struct arena *arena)
{
	struct slice bytes = slice_from_text(string);
	char *lower;

	bytes.size = bytes.size > limit ? limit : bytes.size;
	lower = arena_text_from(arena, bytes);
	for (size_t i = 0; i < bytes.size; i++)
		if (lower[i] > 0x20 && lower[i] < 0x7f)
			lower[i] = (char)slice_lower((unsigned char)lower[i]);
		else
			lower[i] = '_';
	return lower;
}

/* GMime stops at a parameter without a value, and gives none of a type that is none. */
static const char *
parameter(GMimeContentType *type, const char *field, const char *name, struct arena *arena)
{
	const char *value = type == NULL ? NULL : g_mime_content_type_get_parameter(type, name);

	if (value != NULL && *value != '\0')
		return value;
	value = parameters_extended(slice_from_text(field), name, arena);
	return value != NULL ? value : parameters_plain(slice_from_text(field), name, arena);
}

static const char *
clean_name(const char *value, struct arena *arena)
{
	/* Some writers put encoded words where RFC 2231 has a form of its own. */
	return file_name_clean(slice_from_text(words_text(slice_from_text(value), 4096, arena)),
			       arena);
}

/* A file's name; the form of RFC 2231 says more than the plain one (RFC 6266 section 4.3). */
static const char *
read_name(const char *value, const char *name, const char *plain, struct arena *arena)
{
	const char *extended = parameters_extended(slice_from_text(value), name, arena);

	if (extended == NULL && *plain == '\0')
		extended = parameters_plain(slice_from_text(value), name, arena);
	return clean_name(extended != NULL ? extended : plain, arena);
}

static void
read_type(const char *value, struct arena *arena, struct entity *entity, const char **boundary_out)
{
	GMimeContentType *type = g_mime_content_type_parse(NULL, value);
	const char *media, *subtype;
	struct slice boundary;

	if (type == NULL) {
		entity->name = read_name(value, "name", "", arena);
		return;
	}
	media = g_mime_content_type_get_media_type(type);
	subtype = g_mime_content_type_get_media_subtype(type);
	if (strchr(value, '/') == NULL)
		entity->type = slice_starts_nocase(slice_from_text(value), SLICE("text"))
				   ? "text/plain"
				   : "application/octet-stream";
	else if (media != NULL && subtype != NULL)
		entity->type =
		    lower_text(arena_printf(arena, "%s/%s", media, subtype), TYPE_MAX, arena);
	entity->charset = lower_text(parameter(type, value, "charset", arena), CHARSET_MAX, arena);
	entity->name = read_name(value, "name", parameter(type, value, "name", arena), arena);
	entity->flowed = strcasecmp(parameter(type, value, "format", arena), "flowed") == 0;
	entity->delete_space = strcasecmp(parameter(type, value, "delsp", arena), "yes") == 0;
	entity->start = arena_copy_text(arena, parameter(type, value, "start", arena));
	/* RFC 2046 section 5.1.1: a boundary does not end in a blank. */
	boundary = slice_from_text(parameter(type, value, "boundary", arena));
	while (boundary.size > 0 && boundary.data[boundary.size - 1] == ' ')
		boundary.size--;
	if (strncmp(entity->type, "multipart/", 10) == 0 && boundary.size <= BOUNDARY_MAX)
		*boundary_out = arena_text_from(arena, boundary);
	g_object_unref(type);
}

static void
read_disposition(const char *value, struct arena *arena, struct entity *entity)
{
	GMimeContentDisposition *disposition = g_mime_content_disposition_parse(NULL, value);
	const char *word, *name;

	if (disposition == NULL)
		return;
	word = g_mime_content_disposition_get_disposition(disposition);
	/* RFC 2183 section 2.8: what is unknown is an attachment. */
	if (word != NULL && word[0] != '\0')
		entity->disposition =
		    strcasecmp(word, "inline") == 0 ? DISPOSITION_INLINE : DISPOSITION_ATTACHMENT;
	name = g_mime_content_disposition_get_parameter(disposition, "filename");
	name = read_name(value, "filename", name == NULL ? "" : name, arena);
	if (name[0] != '\0')
		entity->name = name;
	g_object_unref(disposition);
}

static enum part_encoding
read_encoding(struct slice value)
{
	static const struct {
		const char *word;
		enum part_encoding encoding;
	} rows[] = {
	    {"base64", PART_BASE64},	   {"quoted-printable", PART_QUOTED_PRINTABLE},
	    {"x-uuencode", PART_UUENCODE}, {"uuencode", PART_UUENCODE},
	    {"x-uue", PART_UUENCODE},
	};

	value = slice_trim(value);
	while (value.size > 0 && (value.data[0] == '"' || value.data[0] == '\''))
		value = slice_part(value, 1, value.size);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t size = strlen(rows[i].word);

		/* What follows the word (comments, quotes, full stops) is not part of it. */
		if (slice_starts_nocase(value, slice_from_text(rows[i].word)) &&
		    (value.size == size ||
		     (slice_lower(value.data[size]) < 'a' && value.data[size] != '-')))
			return rows[i].encoding;
	}
	return PART_IDENTITY;
}

static const char *
read_id(struct slice value, struct arena *arena)
{
	const char *id = words_text(value, ID_MAX + 2, arena);
	struct slice inner = slice_from_text(id);
	size_t from = slice_find_byte(inner, '<', 0);
	size_t to = slice_find_byte(inner, '>', 0);

	if (from != SLICE_NONE && to != SLICE_NONE && from < to)
		inner = slice_part(inner, from + 1, to);
	return utf8_clean_line(inner, ID_MAX, arena);
}

void
content_read(const struct header_block *block, const char *fallback, struct arena *arena,
	     struct entity *entity, const char **boundary_out)
{
	const struct header_field *field;

	entity->type = fallback;
	entity->charset = entity->name = entity->content_id = entity->start = "";
	entity->encoding = PART_IDENTITY;
	*boundary_out = "";
	field = header_find(block, "Content-Type", 0);
	if (field != NULL && slice_trim(field->value).size > 0)
		read_type(value_text(field->value, arena), arena, entity, boundary_out);
	field = header_find(block, "Content-Disposition", 0);
	if (field != NULL)
		read_disposition(value_text(field->value, arena), arena, entity);
	field = header_find(block, "Content-Transfer-Encoding", 0);
	if (field != NULL)
		entity->encoding = read_encoding(field->value);
	field = header_find(block, "Content-ID", 0);
	if (field != NULL)
		entity->content_id = read_id(field->value, arena);
}
