#include "pdf/fonts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "pdf/canvas.h"

#define FILE_MAX ((size_t)33554432)
#define PLANE ((uint32_t)65536)

/* Of a component (OpenType, "glyf"). */
#define ARGUMENTS_ARE_WORDS 0x1U
#define HAS_SCALE 0x8U
#define MORE_COMPONENTS 0x20U
#define HAS_TWO_SCALES 0x40U
#define HAS_MATRIX 0x80U

struct font {
	unsigned char *data;
	size_t size;
	struct font_style style;
	unsigned char covered[PLANE / 8];
};

static struct font fonts[FONTS_MAX];
static size_t loaded;
static uint32_t loaded_paths; /* a bit for each */

/* Big-endian numbers; 0 beyond the end. */
static uint32_t
number_at(struct slice bytes, size_t at, size_t size)
{
	uint32_t number = 0;

	if (at > bytes.size || size > bytes.size - at)
		return 0;
	for (size_t i = 0; i < size; i++)
		number = number << 8 | bytes.data[at + i];
	return number;
}

/* A table of the font by its tag; empty when there is none. */
static struct slice
find_table(struct slice file, const char *tag)
{
	size_t count = number_at(file, 4, 2);

	for (size_t i = 0; i < count; i++) {
		size_t at = 12 + i * 16;
		size_t begin = number_at(file, at + 8, 4), size = number_at(file, at + 12, 4);

		if (at + 16 > file.size)
			break;
		if (memcmp(file.data + at, tag, 4) == 0 && begin <= file.size &&
		    size <= file.size - begin)
			return slice_part(file, begin, begin + size);
	}
	return slice_of(NULL, 0);
}

/* The map from Unicode's first plane to glyphs, in format 4. */
static struct slice
find_map(struct slice file)
{
	struct slice maps = find_table(file, "cmap");
	size_t count = number_at(maps, 2, 2);

	for (size_t i = 0; i < count; i++) {
		size_t at = 4 + i * 8;
		uint32_t platform = number_at(maps, at, 2), encoding = number_at(maps, at + 2, 2);
		struct slice map = slice_part(maps, number_at(maps, at + 4, 4), maps.size);

		if (platform == 3 && encoding == 1 && number_at(map, 0, 2) == 4)
			return map;
	}
	return slice_of(NULL, 0);
}

static void
cover(unsigned char *covered, uint32_t character)
{
	covered[character / 8] |= (unsigned char)(1U << (character % 8));
}

/* One segment: characters from `first` to `last`, by a distance or by a list of glyphs. */
static void
cover_segment(struct slice map, size_t segment, size_t segments, unsigned char *covered)
{
	size_t at = 14 + segment * 2;
	uint32_t last = number_at(map, at, 2);
	uint32_t first = number_at(map, at + 2 + segments * 2, 2);
	uint32_t delta = number_at(map, at + 2 + segments * 4, 2);
	size_t offset_at = at + 2 + segments * 6;
	uint32_t offset = number_at(map, offset_at, 2);

	for (uint32_t c = first; c <= last && c < PLANE - 1; c++) {
		uint32_t glyph =
		    offset == 0 ? c
				: number_at(map, offset_at + offset + (size_t)(c - first) * 2, 2);

		if (glyph != 0 && ((glyph + delta) & 0xffffU) != 0)
			cover(covered, c);
	}
}

enum status
fonts_inspect(struct slice file, unsigned char *covered, struct font_style *style_out)
{
	struct slice head = find_table(file, "head"), post = find_table(file, "post");
	struct slice map = find_map(file);
	size_t segments = number_at(map, 6, 2) / 2;

	if (number_at(file, 0, 4) != 0x00010000U || head.size < 54 || map.size < 16 ||
	    segments == 0 || find_table(file, "glyf").size == 0)
		return STATUS_INVALID;
	memset(covered, 0, PLANE / 8);
	for (size_t i = 0; i < segments; i++)
		cover_segment(map, i, segments, covered);
	*style_out = (struct font_style){.bold = (number_at(head, 44, 2) & 1U) != 0,
					 .mono = number_at(post, 12, 4) != 0};
	return STATUS_OK;
}

/* The outline of a glyph; empty when it has none. */
static struct slice
find_glyph(struct slice file, uint32_t glyph)
{
	struct slice places = find_table(file, "loca"), outlines = find_table(file, "glyf");
	bool wide = number_at(find_table(file, "head"), 50, 2) != 0;
	size_t begin, end;

	if (wide) {
		begin = number_at(places, (size_t)glyph * 4, 4);
		end = number_at(places, (size_t)glyph * 4 + 4, 4);
	} else {
		begin = (size_t)number_at(places, (size_t)glyph * 2, 2) * 2;
		end = (size_t)number_at(places, (size_t)glyph * 2 + 2, 2) * 2;
	}
	return slice_part(outlines, begin, end < begin ? begin : end);
}

static size_t
component_size(uint32_t flags)
{
	size_t size = 4 + ((flags & ARGUMENTS_ARE_WORDS) != 0 ? 4U : 2U);

	if ((flags & HAS_SCALE) != 0)
		return size + 2;
	if ((flags & HAS_TWO_SCALES) != 0)
		return size + 4;
	return (flags & HAS_MATRIX) != 0 ? size + 8 : size;
}

size_t
fonts_components(size_t font, uint32_t glyph, uint16_t *glyphs, size_t room)
{
	struct slice outline = find_glyph(fonts_bytes(font), glyph);
	uint32_t flags = MORE_COMPONENTS;
	size_t count = 0;

	/* A negative number of contours. */
	if ((number_at(outline, 0, 2) & 0x8000U) == 0)
		return 0;
	for (size_t at = 10; at + 4 <= outline.size && count < room; at += component_size(flags)) {
		flags = number_at(outline, at, 2);
		glyphs[count++] = (uint16_t)number_at(outline, at + 2, 2);
		if ((flags & MORE_COMPONENTS) == 0)
			break;
	}
	return count;
}

static bool
read_file(const char *path, struct font *font)
{
	FILE *file = fopen(path, "re");
	long size = -1;

	if (file == NULL)
		return false;
	errno = 0;
	if (fseek(file, 0, SEEK_END) == 0)
		size = ftell(file);
	rewind(file);
	if (size <= 0 || (size_t)size > FILE_MAX) {
		fclose(file);
		return false;
	}
	font->data = malloc((size_t)size);
	font->size = font->data == NULL ? 0 : fread(font->data, 1, (size_t)size, file);
	fclose(file);
	return font->size == (size_t)size;
}

static bool
load(const char *path)
{
	struct font *font = &fonts[loaded];
	const char *why = NULL;

	if (!read_file(path, font))
		why = errno == 0 ? "is no file that can be read" : strerror(errno);
	else if (fonts_inspect(slice_of(font->data, font->size), font->covered, &font->style) !=
		 STATUS_OK)
		why = "is no TrueType font";
	else
		why = canvas_font_fault(slice_of(font->data, font->size));
	if (why == NULL) {
		loaded++;
		return true;
	}
	log_warning("font-missing", LOG_TEXT("path", path), LOG_TEXT("why", why));
	free(font->data);
	*font = (struct font){.data = NULL};
	return false;
}

size_t
fonts_load(const char *const *paths, size_t count)
{
	for (size_t i = 0; i < loaded; i++) {
		free(fonts[i].data);
		fonts[i] = (struct font){.data = NULL};
	}
	loaded = 0;
	loaded_paths = 0;
	for (size_t i = 0; i < count && i < FONTS_MAX; i++)
		if (load(paths[i]))
			loaded_paths |= 1U << i;
	return loaded;
}

uint32_t
fonts_paths(void)
{
	return loaded_paths;
}

size_t
fonts_count(void)
{
	return loaded;
}

struct slice
fonts_bytes(size_t font)
{
	return slice_of(fonts[font].data, fonts[font].size);
}

bool
fonts_covers(size_t font, uint32_t character)
{
	return character < PLANE && font < loaded &&
	       (fonts[font].covered[character / 8] >> (character % 8) & 1U) != 0;
}

/* How far a style is from the wanted one: width matters more than weight. */
static unsigned
distance(struct font_style has, struct font_style wanted)
{
	return (has.mono != wanted.mono ? 2U : 0U) + (has.bold != wanted.bold ? 1U : 0U);
}

size_t
fonts_choose(struct font_style style, uint32_t character)
{
	size_t best = FONTS_NONE;

	for (size_t i = 0; i < loaded; i++)
		if (fonts_covers(i, character) &&
		    (best == FONTS_NONE ||
		     distance(fonts[i].style, style) < distance(fonts[best].style, style)))
			best = i;
	return best;
}
