/*
 * The fonts that a reader draws with: whole files in memory, read before it is
 * shut in, so that each of its processes has them without a copy and without
 * opening anything.  Knows which characters a font has; drawing is elsewhere.
 *
 * One table for the process, filled once, before the first thread or child.
 */
#ifndef PDF_FONTS_H
#define PDF_FONTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "base/status.h"
#include "mail/reader.h"

#define FONTS_MAX READER_FONTS_MAX
#define FONTS_NONE FONTS_MAX

struct font_style {
	bool bold;
	bool mono;
};

/* Load what can be loaded of these files, at most FONTS_MAX, and warn of what cannot; a second call
 * begins anew.  Gives how many there are. */
size_t fonts_load(const char *const *paths, size_t count);

size_t fonts_count(void);

/* Which of the paths they are from: a bit for each, the first the lowest. */
uint32_t fonts_paths(void);

/* The bytes of a font's file. */
struct slice fonts_bytes(size_t font);

/* Whether it has a glyph for this character; none beyond U+FFFF, which libharu cannot draw. */
bool fonts_covers(size_t font, uint32_t character);

/* The first font of that style which has the character, else one of another style; FONTS_NONE. */
size_t fonts_choose(struct font_style style, uint32_t character);

/* The glyphs that a glyph is put together from, itself not among them, at most `room`; how many. */
size_t fonts_components(size_t font, uint32_t glyph, uint16_t *glyphs, size_t room);

/* What a TrueType file says of itself.  STATUS_INVALID: it is none, or not one that can be used
 * here (outlines of TrueType, a map of Unicode's first plane).  `covered` has room for 8192 bytes,
 * a bit for each character.  Pure. */
enum status
fonts_inspect(struct slice file, unsigned char *covered, struct font_style *style_out) MUST_CHECK;

#endif
