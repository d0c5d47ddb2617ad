#include "mail/file_name.h"

#include <search.h>
#include <string.h>
#include <strings.h>
#include <unicode/uchar.h>

#include "base/text.h"
#include "mail/utf8.h"

#define ENDING_MAX ((size_t)16)

/* Types that a browser may be told: it saves them and hands them to the right program.
 * Whatever it would run or lay out itself (HTML, SVG, XML, scripts) is not among them. */
static const char *const known_types[] = {
    "application/gzip",
    "application/json",
    "application/msword",
    "application/pdf",
    "application/pgp-encrypted",
    "application/pgp-keys",
    "application/pgp-signature",
    "application/pkcs7-mime",
    "application/pkcs7-signature",
    "application/rtf",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
    "application/vnd.oasis.opendocument.presentation",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/x-7z-compressed",
    "application/x-tar",
    "application/zip",
    "audio/flac",
    "audio/mpeg",
    "audio/mp4",
    "audio/ogg",
    "audio/wav",
    "image/avif",
    "image/bmp",
    "image/gif",
    "image/heic",
    "image/jpeg",
    "image/png",
    "image/tiff",
    "image/webp",
    "message/rfc822",
    "text/calendar",
    "text/csv",
    "text/vcard",
    "video/mp4",
    "video/mpeg",
    "video/ogg",
    "video/quicktime",
    "video/webm",
};

/* Names that Windows takes for devices, whatever follows the first dot. */
static bool
is_reserved(struct slice name)
{
	static const char *const devices[] = {"con", "prn", "aux", "nul", "conin$", "conout$"};
	size_t dot = slice_find_byte(name, '.', 0);
	struct slice stem = slice_trim(slice_part(name, 0, dot));

	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++)
		if (slice_equal_nocase(stem, slice_from_text(devices[i])))
			return true;
	return stem.size == 4 &&
	       (slice_starts_nocase(stem, SLICE("com")) ||
		slice_starts_nocase(stem, SLICE("lpt"))) &&
	       stem.data[3] >= '0' && stem.data[3] <= '9';
}

static struct slice
trim_dots(struct slice name)
{
	size_t from = 0, to = name.size;

	while (from < to && (name.data[from] == '.' || name.data[from] == ' '))
		from++;
	while (to > from && (name.data[to - 1] == '.' || name.data[to - 1] == ' '))
		to--;
	return slice_part(name, from, to);
}

/* Cut in the middle, so that ".pdf" stays ".pdf". */
static void
append_cut(struct text *text, struct slice name)
{
	size_t dot = name.size;

	while (dot > 0 && name.size - dot < ENDING_MAX && name.data[dot - 1] != '.')
		dot--;
	if (dot == 0 || name.data[dot - 1] != '.')
		dot = name.size + 1;
	dot--;
	text_append(text, slice_part(name, 0, utf8_cut(name, FILE_NAME_MAX - (name.size - dot))));
	text_append(text, slice_part(name, dot, name.size));
}

static void
append_clean(struct text *text, struct slice name)
{
	bool blank = false;

	for (size_t position = 0; position < name.size;) {
		uint32_t code = utf8_on_one_line(utf8_next(name, &position));

		if (code == 0 || u_charType((UChar32)code) == U_FORMAT_CHAR)
			continue;
		if (u_isUWhiteSpace((UChar32)code)) {
			blank = true;
			continue;
		}
		if (code < 0x80 && strchr("<>:\"|?*", (int)code) != NULL)
			code = '_';
		if (blank && text->size > 0)
			text_append_byte(text, ' ');
		blank = false;
		utf8_append(text, code);
	}
}

const char *
file_name_clean(struct slice name, struct arena *arena)
{
	struct text clean, short_name;
	const char *result;
	struct slice rest;

	for (size_t i = name.size; i > 0; i--)
		if (name.data[i - 1] == '/' || name.data[i - 1] == '\\') {
			name = slice_part(name, i, name.size);
			break;
		}
	text_init(&clean, name.size * 4 + 1);
	text_init(&short_name, FILE_NAME_MAX * 2);
	append_clean(&clean, name);
	rest = trim_dots(text_slice(&clean));
	if (is_reserved(rest))
		text_append_byte(&short_name, '_');
	if (rest.size > FILE_NAME_MAX)
		append_cut(&short_name, rest);
	else
		text_append(&short_name, rest);
	result = arena_text_from(arena, trim_dots(text_slice(&short_name)));
	text_clear(&clean);
	text_clear(&short_name);
	return result;
}

/* A name that is given away, and with which number its next namesake begins. */
struct name {
	const char *text;
	unsigned next;
};

static int
compare(const void *a, const void *b)
{
	const struct name *first = a;
	const struct name *second = b;

	return strcasecmp(first->text, second->text);
}

static void
keep(void *name)
{
	(void)name; /* it lies in the arena */
}

/* "a (2).tar": the number stands before the ending. */
static const char *
numbered(const char *text, unsigned number, struct arena *arena)
{
	const char *dot = strrchr(text, '.');

	if (dot == NULL || dot == text)
		return arena_printf(arena, "%s (%u)", text, number);
	return arena_printf(arena, "%.*s (%u)%s", (int)(dot - text), text, number, dot);
}

static const char *
give(void **given, const char *text, struct arena *arena)
{
	struct name *name = arena_alloc(arena, sizeof(*name));
	struct name **found;

	*name = (struct name){text, 2};
	found = tsearch(name, given, compare);
	if (found == NULL || *found == name)
		return text; /* without memory two may be the same; nothing worse */
	/* Each number is tried once for all namesakes, so many of them cost no more than few. */
	for (;;) {
		struct name *other = arena_alloc(arena, sizeof(*other));
		struct name **taken;

		*other = (struct name){numbered(text, (*found)->next++, arena), 2};
		taken = tsearch(other, given, compare);
		if (taken == NULL || *taken == other)
			return other->text;
	}
}

const char *const *
file_names_distinct(const char *const *names, size_t count, struct arena *arena)
{
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers is meant. */
	const char **distinct = arena_alloc_many(arena, count + 1, sizeof(*distinct));
	void *given = NULL;

	for (size_t i = 0; i < count; i++)
		distinct[i] = give(&given, names[i], arena);
	tdestroy(given, keep);
	return distinct;
}

const char *const *
file_names_of_parts(const struct part *const *parts, size_t count, struct arena *arena)
{
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers is meant. */
	const char **names = arena_alloc_many(arena, count + 1, sizeof(*names));

	for (size_t i = 0; i < count; i++)
		names[i] = file_name_or_default(
		    file_name_clean(slice_from_text(parts[i]->name), arena), parts[i]->type);
	return file_names_distinct(names, count, arena);
}

const char *
file_name_or_default(const char *name, const char *type)
{
	static const struct {
		const char *type;
		const char *name;
	} unnamed[] = {
	    {"application/pdf", "document.pdf"}, {"image/gif", "picture.gif"},
	    {"image/jpeg", "picture.jpg"},	 {"image/png", "picture.png"},
	    {"image/webp", "picture.webp"},	 {"message/rfc822", "message.eml"},
	    {"text/calendar", "invitation.ics"}, {"text/html", "page.html"},
	    {"text/plain", "text.txt"},		 {"text/vcard", "contact.vcf"},
	};

	if (*name != '\0')
		return name;
	for (size_t i = 0; i < sizeof(unnamed) / sizeof(unnamed[0]); i++)
		if (strcmp(unnamed[i].type, type) == 0)
			return unnamed[i].name;
	return "file";
}

const char *
file_name_content_type(const char *type)
{
	for (size_t i = 0; i < sizeof(known_types) / sizeof(known_types[0]); i++)
		if (slice_equal_nocase(slice_from_text(type), slice_from_text(known_types[i])))
			return known_types[i];
	return "application/octet-stream";
}
