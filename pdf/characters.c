#include "pdf/characters.h"

#include <stdio.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>

#include "pdf/fonts.h"

#define TAB_WIDTH 8
#define FIRST_REARRANGED 0x900U /* Devanagari */
#define NAME_MAX_SIZE 128
/* What stands for one character: the mark in front, "U+10FFFF", a blank, a name, the mark behind.
 */
#define WRITTEN_MAX (NAME_MAX_SIZE + 16)

struct reading {
	struct arena *arena;
	struct characters found;
	size_t room;
	uint32_t run;
	uint32_t open; /* the marks around a name */
	uint32_t close;
};

static void
append(struct reading *reading, uint32_t code)
{
	struct characters *found = &reading->found;

	if (found->count == reading->room) {
		size_t room = reading->room == 0 ? 256 : reading->room * 2;
		uint32_t *codes = arena_alloc_many(reading->arena, room, sizeof(*codes));
		uint32_t *runs = arena_alloc_many(reading->arena, room, sizeof(*runs));

		if (found->count > 0) {
			memcpy(codes, found->codes, found->count * sizeof(*codes));
			memcpy(runs, found->runs, found->count * sizeof(*runs));
		}
		found->codes = codes;
		found->runs = runs;
		reading->room = room;
	}
	found->codes[found->count] = code;
	found->runs[found->count++] = reading->run;
}

/* What only turns the direction of writing around may make a name look like another: it is shown.
 */
static bool
is_turning(uint32_t code)
{
	return (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

bool
characters_is_invisible(uint32_t code)
{
	return code < 0x10000 && !is_turning(code) &&
	       u_hasBinaryProperty((UChar32)code, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) != 0;
}

/* Letters that a font's own rules put before or below those that they follow, or melt together
 * (UAX 44, Indic_Positional_Category, viramas), or that run from top to bottom.  Nobody applies
 * these rules here: one after the other they would be other words.  Those beyond the first plane
 * are not drawn anyway. */
static bool
is_rearranged(uint32_t code)
{
	static const UScriptCode scripts[] = {
	    USCRIPT_BALINESE,	USCRIPT_BATAK,	    USCRIPT_BENGALI,   USCRIPT_BUGINESE,
	    USCRIPT_CHAM,	USCRIPT_DEVANAGARI, USCRIPT_GUJARATI,  USCRIPT_GURMUKHI,
	    USCRIPT_JAVANESE,	USCRIPT_KANNADA,    USCRIPT_KHMER,     USCRIPT_LANNA,
	    USCRIPT_LEPCHA,	USCRIPT_LIMBU,	    USCRIPT_MALAYALAM, USCRIPT_MEITEI_MAYEK,
	    USCRIPT_MONGOLIAN,	USCRIPT_MYANMAR,    USCRIPT_ORIYA,     USCRIPT_PHAGS_PA,
	    USCRIPT_SAURASHTRA, USCRIPT_SINHALA,    USCRIPT_SUNDANESE, USCRIPT_SYLOTI_NAGRI,
	    USCRIPT_TAMIL,	USCRIPT_TELUGU,	    USCRIPT_TIBETAN,
	};
	UErrorCode error = U_ZERO_ERROR;
	UScriptCode script;

	if (code < FIRST_REARRANGED)
		return false;
	script = uscript_getScript((UChar32)code, &error);
	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++)
		if (script == scripts[i])
			return true;
	return false;
}

static bool
has_any_font(uint32_t code)
{
	return fonts_choose((struct font_style){.bold = false}, code) != FONTS_NONE &&
	       !is_rearranged(code);
}

static bool
can_be_drawn(uint32_t code)
{
	return !is_turning(code) && (has_any_font(code) || characters_is_invisible(code));
}

/* ‹U+1F600 grinning face› */
static void
write_name(struct reading *reading, uint32_t code)
{
	UErrorCode error = U_ZERO_ERROR;
	char name[NAME_MAX_SIZE] = "", written[WRITTEN_MAX];

	u_charName((UChar32)code, U_UNICODE_CHAR_NAME, name, sizeof(name), &error);
	if (U_FAILURE(error) || error == U_STRING_NOT_TERMINATED_WARNING)
		name[0] = '\0';
	snprintf(written, sizeof(written), "U+%04X%s%s", code, name[0] == '\0' ? "" : " ", name);
	reading->found.unseen++;
	append(reading, reading->open);
	for (size_t i = 0; written[i] != '\0'; i++)
		append(reading, name[0] != '\0' && i > strcspn(written, " ")
				    ? slice_lower((unsigned char)written[i])
				    : (unsigned char)written[i]);
	append(reading, reading->close);
}

/* A letter with its marks, where no font has it as one: in its pieces. */
static bool
write_pieces(struct reading *reading, uint32_t code)
{
	UErrorCode error = U_ZERO_ERROR;
	const UNormalizer2 *normalizer = unorm2_getNFDInstance(&error);
	UChar pieces[32];
	int32_t size = U_FAILURE(error)
			   ? -1
			   : unorm2_getDecomposition(normalizer, (UChar32)code, pieces, 32, &error);

	if (size <= 0 || U_FAILURE(error))
		return false;
	for (int32_t i = 0; i < size; i++)
		if (!has_any_font(pieces[i]))
			return false;
	for (int32_t i = 0; i < size; i++)
		append(reading, pieces[i]);
	return true;
}

static void
take(struct reading *reading, uint32_t code)
{
	if (code == '\t') {
		do
			append(reading, ' ');
		while (reading->found.count % TAB_WIDTH != 0);
		return;
	}
	if (can_be_drawn(code))
		append(reading, code);
	else if (!write_pieces(reading, code))
		write_name(reading, code);
}

/* As UTF-16, composed (NFC); NULL for what is no text. */
static const UChar *
compose(struct reading *reading, struct slice text, int32_t *size_out)
{
	UErrorCode error = U_ZERO_ERROR;
	const UNormalizer2 *normalizer = unorm2_getNFCInstance(&error);
	int32_t size = 0, room = (int32_t)text.size + 1;
	UChar *given = arena_alloc_many(reading->arena, (size_t)room, sizeof(*given));
	UChar *composed;

	u_strFromUTF8(given, room, &size, (const char *)text.data, (int32_t)text.size, &error);
	if (U_FAILURE(error))
		return NULL;
	*size_out = size;
	if (unorm2_isNormalized(normalizer, given, size, &error) != 0 && U_SUCCESS(error))
		return given;
	/* Some grow, threefold at most (UAX 15). */
	room = size * 3 + 1;
	composed = arena_alloc_many(reading->arena, (size_t)room, sizeof(*composed));
	*size_out = unorm2_normalize(normalizer, given, size, composed, room, &error);
	return U_FAILURE(error) ? NULL : composed;
}

struct characters
characters_read(const struct document_run *runs, size_t count, struct arena *arena)
{
	bool angles = has_any_font(0x2039) && has_any_font(0x203a);
	struct reading reading = {
	    .arena = arena, .open = angles ? 0x2039 : '[', .close = angles ? 0x203a : ']'};

	for (size_t i = 0; i < count; i++) {
		int32_t size = 0;
		const UChar *text = compose(&reading, runs[i].text, &size);

		reading.run = (uint32_t)i;
		for (int32_t at = 0; text != NULL && at < size;) {
			UChar32 code;

			U16_NEXT(text, at, size, code);
			take(&reading, (uint32_t)code);
		}
	}
	return reading.found;
}
