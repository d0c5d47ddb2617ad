#include "portal/filename.h"

#include <string.h>
#include <unicode/utf8.h>

#include "base/encode.h"
#include "mail/file_name.h"

/* Of a name as it was sent; the rest is not looked at. */
#define SENT_MAX ((size_t)65536)

const char *
filename_path_segment(const char *name, struct arena *arena)
{
	struct text *segment = arena_alloc(arena, sizeof(*segment));

	if (*name == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return "file";
	text_init_in(segment, arena, 2000);
	encode_percent(slice_from_text(name), segment);
	return text_ok(segment) ? text_string(segment) : "file";
}

const char *
filename_disposition(const char *name, struct arena *arena)
{
	struct text *value = arena_alloc(arena, sizeof(*value));

	name = file_name_or_default(name, "");
	text_init_in(value, arena, 4096);
	text_append_text(value, "attachment; filename=\"");
	for (const char *c = name; *c != '\0'; c++) {
		/* Percent too: some browsers decode it here. */
		bool plain = *c >= ' ' && *c < 0x7f && strchr("\"\\%/;", *c) == NULL;

		text_append_byte(value, plain ? (unsigned char)*c : '_');
	}
	text_append_text(value, "\"; filename*=UTF-8''");
	encode_percent(slice_from_text(name), value);
	return text_ok(value) ? text_string(value) : "attachment; filename=\"file\"";
}

/* Controls, and what turns the direction of writing around: "gpj.exe" must not look like a
 * picture. */
static bool
is_hidden(UChar32 c)
{
	return c < ' ' || (c >= 0x7f && c < 0xa0) || c == 0x61c || (c >= 0x200b && c <= 0x200f) ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff;
}

/* The last component; both slashes, because browsers once sent whole Windows paths. */
static struct slice
base_name(struct slice sent)
{
	size_t from = sent.size;

	while (from > 0 && sent.data[from - 1] != '/' && sent.data[from - 1] != '\\')
		from--;
	return slice_part(sent, from, sent.size);
}

/* At most FILENAME_MAX_BYTES at character ends; a short ending is kept. */
static struct slice
shorten(struct slice name, struct arena *arena)
{
	struct text *cut = arena_alloc(arena, sizeof(*cut));
	size_t dot = name.size;
	size_t ending;
	size_t keep;

	if (name.size <= FILENAME_MAX_BYTES)
		return name;
	while (dot > 0 && name.size - dot < 16 && name.data[dot - 1] != '.')
		dot--;
	ending = dot > 1 && name.data[dot - 1] == '.' ? name.size - dot + 1 : 0;
	keep = FILENAME_MAX_BYTES - ending;
	while (keep > 0 && (name.data[keep] & 0xc0) == 0x80)
		keep--;
	text_init_in(cut, arena, FILENAME_MAX_BYTES);
	text_append(cut, slice_part(name, 0, keep));
	text_append(cut, slice_part(name, name.size - ending, name.size));
	return text_slice(cut);
}

const char *
filename_clean(struct slice sent, struct arena *arena)
{
	struct slice name = base_name(slice_part(sent, 0, SENT_MAX));
	struct text *clean = arena_alloc(arena, sizeof(*clean));
	int32_t at = 0;

	text_init_in(clean, arena, 4 * SENT_MAX);
	while (at < (int32_t)name.size) {
		int32_t from = at;
		UChar32 c;

		U8_NEXT(name.data, at, (int32_t)name.size, c);
		if (c < 0)
			text_append_text(clean, "\xef\xbf\xbd");
		else if (!is_hidden(c))
			text_append(clean, slice_part(name, (size_t)from, (size_t)at));
	}
	name = slice_trim(text_slice(clean));
	name = shorten(name, arena);
	if (name.size == 0 || slice_equal(name, SLICE(".")) || slice_equal(name, SLICE("..")))
		return "file";
	return arena_text_from(arena, name);
}
