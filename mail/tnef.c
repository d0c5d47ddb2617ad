#include "mail/tnef.h"

#include <string.h>

#include "base/text.h"
#include "mail/charset.h"
#include "mail/file_name.h"
#include "mail/utf8.h"

#define SIGNATURE 0x223e9f78U
#define STRING_MAX ((uint64_t)2048)
#define PROPERTIES_MAX 20000U
#define WINDOW ((size_t)2048)

/* Attributes (section 2.1.3.3). */
#define ATTRIBUTE_CODEPAGE 0x00069007U
#define ATTRIBUTE_PROPERTIES 0x00069003U
#define ATTRIBUTE_FILE_BEGIN 0x00069002U
#define ATTRIBUTE_FILE_TITLE 0x00018010U
#define ATTRIBUTE_FILE_NAME 0x00069001U
#define ATTRIBUTE_FILE_DATA 0x0006800fU
#define ATTRIBUTE_FILE_PROPERTIES 0x00069005U

/* Properties ([MS-OXPROPS]). */
#define PROPERTY_TEXT 0x1000U
#define PROPERTY_RTF 0x1009U
#define PROPERTY_HTML 0x1013U
#define PROPERTY_CODEPAGE 0x3fdeU
#define PROPERTY_DISPLAY_NAME 0x3001U
#define PROPERTY_FILE_DATA 0x3701U
#define PROPERTY_FILE_NAME 0x3704U
#define PROPERTY_LONG_NAME 0x3707U
#define PROPERTY_MEDIA_TYPE 0x370eU
#define PROPERTY_CONTENT_ID 0x3712U

/* Their types ([MS-OXCDATA] section 2.11.1). */
#define TYPE_STRING 0x001eU
#define TYPE_UNICODE 0x001fU
#define TYPE_OBJECT 0x000dU
#define TYPE_BINARY 0x0102U
#define TYPE_SEVERAL 0x1000U

/* The names of a file, best one first. */
enum { NAME_LONG, NAME_SHORT, NAME_TRANSPORT, NAME_TITLE, NAME_DISPLAY, NAMES };

struct reading {
	const struct source *source;
	struct arena *arena;
	uint64_t at;
	uint64_t end; /* of what is being read */
	bool good;
	enum status status; /* of the source */
	unsigned char window[WINDOW];
	uint64_t window_from;
	size_t window_size;

	struct tnef found;
	size_t room;
	unsigned codepage;
	unsigned internet_codepage;
	bool in_file;
	struct tnef_piece file;
	const char *names[NAMES];
};

static unsigned
byte_at(struct reading *reading, uint64_t at)
{
	if (at < reading->window_from || at - reading->window_from >= reading->window_size) {
		reading->window_size = 0;
		reading->window_from = at;
		reading->status = reading->source->read_at(
		    reading->source->context, at, reading->window, WINDOW, &reading->window_size);
		if (reading->status != STATUS_OK || reading->window_size == 0) {
			reading->window_size = 0;
			reading->good = false;
			return 0;
		}
	}
	return reading->window[at - reading->window_from];
}

/* Little endian. */
static uint32_t
take_number(struct reading *reading, unsigned bytes)
{
	uint32_t number = 0;

	if (!reading->good || reading->end - reading->at < bytes) {
		reading->good = false;
		return 0;
	}
	for (unsigned i = 0; i < bytes && reading->good; i++)
		number |= (uint32_t)byte_at(reading, reading->at++) << (8 * i);
	return number;
}

static void
skip(struct reading *reading, uint64_t size)
{
	if (!reading->good || size > reading->end - reading->at)
		reading->good = false;
	else
		reading->at += size;
}

/* The label of a code page of Windows. */
static const char *
codepage_label(unsigned codepage, struct arena *arena)
{
	if (codepage == 0)
		return "windows-1252";
	if (codepage == 65001)
		return "utf-8";
	if (codepage == 20127)
		return "us-ascii";
	if (codepage > 28590 && codepage < 28606)
		return arena_printf(arena, "iso-8859-%u", codepage - 28590);
	if (codepage >= 50220 && codepage <= 50222)
		return "iso-2022-jp";
	if (codepage == 51932)
		return "euc-jp";
	if (codepage == 20866)
		return "koi8-r";
	if (codepage == 21866)
		return "koi8-u";
	if (codepage >= 1250 && codepage <= 1258)
		return arena_printf(arena, "windows-%u", codepage);
	return arena_printf(arena, "cp%u", codepage);
}

/* A short string at [from, from + size), clean and on one line. */
static const char *
read_string(struct reading *reading, uint64_t from, uint64_t size, bool unicode)
{
	unsigned char bytes[STRING_MAX];
	size_t count = size > STRING_MAX ? (size_t)STRING_MAX : (size_t)size;
	struct arena *arena = arena_new();
	struct charset *charset =
	    charset_open(unicode ? "utf-16le" : codepage_label(reading->codepage, arena), arena);
	struct text text;
	const char *clean;

	for (size_t i = 0; i < count && reading->good; i++)
		bytes[i] = (unsigned char)byte_at(reading, from + i);
	if (!reading->good)
		count = 0;
	if (!unicode) {
		size_t end = slice_find_byte(slice_of(bytes, count), '\0', 0);

		count = end == SLICE_NONE ? count : end;
	}
	text_init_in(&text, arena, (size_t)STRING_MAX * 4);
	charset_convert(charset, slice_of(bytes, count), true, &text);
	clean = utf8_clean_line(text_slice(&text), STRING_MAX, reading->arena);
	arena_free(arena);
	return clean;
}

static void
add_piece(struct reading *reading, const struct tnef_piece *piece)
{
	if (reading->found.count == TNEF_PIECES_MAX) {
		reading->good = false;
		return;
	}
	if (reading->found.count == reading->room) {
		size_t room = reading->room == 0 ? 8 : reading->room * 2;
		struct tnef_piece *more = arena_alloc_many(reading->arena, room, sizeof(*more));

		if (reading->found.count > 0)
			memcpy(more, reading->found.pieces, reading->found.count * sizeof(*more));
		reading->found.pieces = more;
		reading->room = room;
	}
	reading->found.pieces[reading->found.count++] = *piece;
}

static void
end_file(struct reading *reading)
{
	struct tnef_piece *file = &reading->file;

	if (!reading->in_file || file->kind == 0)
		return;
	for (size_t i = 0; i < NAMES && *file->name == '\0'; i++)
		if (reading->names[i] != NULL)
			file->name =
			    file_name_clean(slice_from_text(reading->names[i]), reading->arena);
	add_piece(reading, file);
}

static void
begin_file(struct reading *reading)
{
	end_file(reading);
	reading->in_file = true;
	reading->file =
	    (struct tnef_piece){.name = "", .type = "", .charset = "", .content_id = ""};
	memset(reading->names, 0, sizeof(reading->names));
}

static void
set_data(struct reading *reading, enum tnef_kind kind, uint64_t from, uint64_t size)
{
	if (reading->file.kind != 0 && reading->file.size > 0)
		return;
	reading->file.kind = kind;
	reading->file.offset = from;
	reading->file.size = size;
}

/* The object of an attachment: behind the 16 bytes of its interface an attached letter, or
 * something that only its maker can read. */
static void
take_object(struct reading *reading, uint64_t from, uint64_t size)
{
	uint32_t signature = 0;

	if (size > 22)
		for (unsigned i = 0; i < 4; i++)
			signature |= (uint32_t)byte_at(reading, from + 16 + i) << (8 * i);
	if (signature == SIGNATURE)
		set_data(reading, TNEF_LETTER, from + 16, size - 16);
	else
		set_data(reading, TNEF_FILE, from, size);
}

static void
add_text(struct reading *reading, enum tnef_kind kind, uint64_t from, uint64_t size, bool unicode)
{
	struct tnef_piece piece = {kind, from, size, "", "", "", ""};

	if (unicode)
		piece.charset = "utf-16le";
	if (size > 0)
		add_piece(reading, &piece);
}

static void
set_name(struct reading *reading, unsigned which, uint64_t from, uint64_t size, bool unicode)
{
	if (size > 0)
		reading->names[which] = read_string(reading, from, size, unicode);
}

/* A value of changing length: [from, from + size). */
static void
take_value(struct reading *reading, unsigned id, unsigned type, uint64_t from, uint64_t size)
{
	bool unicode = type == TYPE_UNICODE;

	if (!reading->in_file) {
		/* The end of a text is no part of it. */
		if (unicode && size >= 2 && byte_at(reading, from + size - 1) == 0 &&
		    byte_at(reading, from + size - 2) == 0)
			size -= 2;
		else if (type == TYPE_STRING && size >= 1 && byte_at(reading, from + size - 1) == 0)
			size -= 1;
		if (id == PROPERTY_TEXT)
			add_text(reading, TNEF_TEXT, from, size, unicode);
		else if (id == PROPERTY_HTML)
			add_text(reading, TNEF_HTML, from, size, unicode);
		else if (id == PROPERTY_RTF)
			add_text(reading, TNEF_RTF, from, size, false);
		return;
	}
	if (id == PROPERTY_FILE_DATA && type == TYPE_OBJECT)
		take_object(reading, from, size);
	else if (id == PROPERTY_FILE_DATA && type == TYPE_BINARY)
		set_data(reading, TNEF_FILE, from, size);
	else if (id == PROPERTY_LONG_NAME)
		set_name(reading, NAME_LONG, from, size, unicode);
	else if (id == PROPERTY_FILE_NAME)
		set_name(reading, NAME_SHORT, from, size, unicode);
	else if (id == PROPERTY_DISPLAY_NAME)
		set_name(reading, NAME_DISPLAY, from, size, unicode);
	else if (id == PROPERTY_MEDIA_TYPE)
		reading->file.type = read_string(reading, from, size, unicode);
	else if (id == PROPERTY_CONTENT_ID)
		reading->file.content_id = read_string(reading, from, size, unicode);
}

/* Bytes of a value of fixed length, with what fills it up to four; 0 for the others. */
static unsigned
fixed_size(unsigned type)
{
	switch (type) {
	case 0x0002: /* 16 bits */
	case 0x0003: /* 32 bits */
	case 0x0004: /* float */
	case 0x000a: /* error */
	case 0x000b: /* boolean */
		return 4;
	case 0x0005: /* double */
	case 0x0006: /* currency */
	case 0x0007: /* application time */
	case 0x0014: /* 64 bits */
	case 0x0040: /* time */
		return 8;
	case 0x0048: /* GUID */
		return 16;
	default:
		return 0;
	}
}

static void
take_values(struct reading *reading, unsigned id, unsigned type)
{
	bool variable = type == TYPE_STRING || type == TYPE_UNICODE || type == TYPE_OBJECT ||
			type == TYPE_BINARY;
	uint32_t count = take_number(reading, 4);

	for (uint32_t i = 0; i < count && reading->good; i++) {
		uint32_t size = variable ? take_number(reading, 4) : fixed_size(type);
		uint64_t from = reading->at;

		/* A value of no bytes could be said to be there four thousand million times. */
		if (size == 0 && !variable)
			reading->good = false;
		skip(reading, size);
		if (reading->good && variable && i == 0)
			take_value(reading, id, type, from, size);
		if (variable && size % 4 != 0)
			skip(reading, 4 - size % 4);
	}
}

/* A property with a name of its own. */
static void
skip_name(struct reading *reading)
{
	skip(reading, 16);
	if (take_number(reading, 4) == 0) {
		skip(reading, 4);
	} else {
		uint32_t size = take_number(reading, 4);

		skip(reading, size);
		if (size % 4 != 0)
			skip(reading, 4 - size % 4);
	}
}

static void
take_properties(struct reading *reading)
{
	uint32_t count = take_number(reading, 4);

	for (uint32_t i = 0; i < count && i < PROPERTIES_MAX && reading->good; i++) {
		unsigned type = take_number(reading, 2);
		unsigned id = take_number(reading, 2);

		if (id >= 0x8000)
			skip_name(reading);
		if (!reading->good)
			return;
		if (fixed_size(type) == 0 || (type & TYPE_SEVERAL) != 0) {
			take_values(reading, id, type & ~TYPE_SEVERAL);
			continue;
		}
		if (id == PROPERTY_CODEPAGE && type == 0x0003) {
			reading->internet_codepage = take_number(reading, 4);
			continue;
		}
		skip(reading, fixed_size(type));
	}
}

/* One attribute, whose content is [at, end). */
static void
take_attribute(struct reading *reading, uint32_t attribute)
{
	uint64_t size = reading->end - reading->at;

	switch (attribute) {
	case ATTRIBUTE_CODEPAGE:
		reading->codepage = take_number(reading, 4);
		break;
	case ATTRIBUTE_PROPERTIES:
		take_properties(reading);
		break;
	case ATTRIBUTE_FILE_BEGIN:
		begin_file(reading);
		break;
	case ATTRIBUTE_FILE_TITLE:
		set_name(reading, NAME_TITLE, reading->at, size, false);
		break;
	case ATTRIBUTE_FILE_NAME:
		set_name(reading, NAME_TRANSPORT, reading->at, size, false);
		break;
	case ATTRIBUTE_FILE_DATA:
		set_data(reading, TNEF_FILE, reading->at, size);
		break;
	case ATTRIBUTE_FILE_PROPERTIES:
		take_properties(reading);
		break;
	default:
		break;
	}
}

static void
take_attributes(struct reading *reading)
{
	while (reading->good && reading->at < reading->source->size) {
		unsigned level;
		uint32_t attribute, size;
		uint64_t next;

		reading->end = reading->source->size;
		level = take_number(reading, 1);
		attribute = take_number(reading, 4);
		size = take_number(reading, 4);
		if (!reading->good || (level != 1 && level != 2) ||
		    size > reading->source->size - reading->at) {
			reading->good = false;
			return;
		}
		next = reading->at + size;
		reading->end = next;
		/* A file's attributes stand behind its beginning. */
		if (level == 1 || reading->in_file || attribute == ATTRIBUTE_FILE_BEGIN)
			take_attribute(reading, attribute);
		/* A fault within one attribute is none of the next. */
		if (reading->status == STATUS_OK && reading->found.count < TNEF_PIECES_MAX &&
		    !reading->good) {
			reading->good = true;
			reading->found.damaged = true;
		}
		/* The checksum proves nothing that the seal has not. */
		reading->at = next;
		reading->end = reading->source->size;
		skip(reading, 2);
	}
}

/* Which code pages the texts are in is said behind them. */
static void
label_texts(struct reading *reading)
{
	for (size_t i = 0; i < reading->found.count; i++) {
		struct tnef_piece *piece = &reading->found.pieces[i];
		bool html = piece->kind == TNEF_HTML;

		if ((html || piece->kind == TNEF_TEXT) && *piece->charset == '\0')
			piece->charset = codepage_label(html && reading->internet_codepage != 0
							    ? reading->internet_codepage
							    : reading->codepage,
							reading->arena);
	}
}

enum status
tnef_read(const struct source *source, struct arena *arena, struct tnef *tnef_out)
{
	struct reading *reading = arena_alloc(arena, sizeof(*reading));

	reading->source = source;
	reading->arena = arena;
	reading->good = true;
	reading->end = source->size;
	if (take_number(reading, 4) != SIGNATURE || !reading->good)
		return reading->status == STATUS_OK ? STATUS_INVALID : reading->status;
	take_number(reading, 2);
	take_attributes(reading);
	if (!reading->good && reading->status != STATUS_OK)
		return reading->status;
	reading->found.damaged = reading->found.damaged || !reading->good;
	end_file(reading);
	label_texts(reading);
	*tnef_out = reading->found;
	return STATUS_OK;
}
