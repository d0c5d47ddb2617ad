#include "pdf/paragraph.h"

#include <fribidi.h>
#include <string.h>
#include <unicode/ubrk.h>
#include <unicode/uchar.h>

#include "pdf/characters.h"

/* Below it nothing runs from right to left, and nothing joins. */
#define FIRST_RTL 0x590
/* What no font has is written in up to fifty times its bytes, and each character takes a hundred
 * while its line is set.  Who writes more without a line end gets one. */
#define LINE_SIZE_MAX ((size_t)16384)

struct typesetter {
	UBreakIterator *breaks;
	struct paragraph_measure measure;
};

/* One line of the writer's, on its way to lines of the page. */
struct setting {
	const struct typesetter *typesetter;
	const struct paragraph *paragraph;
	const struct document_run *runs; /* as cut to this line */
	struct arena *arena;
	struct characters characters; /* in the order of reading */
	uint32_t *drawn;	      /* the same, joined and mirrored */
	FriBidiCharType *types;	      /* NULL: all of it runs from left to right */
	FriBidiLevel *levels;
	FriBidiParType base;
	bool rtl;	      /* where this line does not tell */
	unsigned char *fonts; /* FONTS_NONE: drawn by nothing */
	float *widths;
	bool *may_end; /* a line may end before this character */
	line_sink *sink;
	void *context;
};

static void
close_breaks(void *breaks)
{
	ubrk_close(breaks);
}

struct typesetter *
typesetter_new(const char *language, const struct paragraph_measure *measure, struct arena *arena)
{
	struct typesetter *typesetter = arena_alloc(arena, sizeof(*typesetter));
	UErrorCode error = U_ZERO_ERROR;

	typesetter->measure = *measure;
	typesetter->breaks = ubrk_open(UBRK_LINE, language, NULL, 0, &error);
	if (U_FAILURE(error))
		typesetter->breaks = NULL;
	else
		arena_defer(arena, close_breaks, typesetter->breaks);
	return typesetter;
}

static bool
runs_right_to_left(const struct characters *characters)
{
	for (size_t i = 0; i < characters->count; i++)
		if (characters->codes[i] >= FIRST_RTL)
			return true;
	return false;
}

/* Levels of the paragraph, letters joined and mirrored (UAX 9). */
static void
shape(struct setting *setting)
{
	size_t count = setting->characters.count;
	const uint32_t *codes = setting->characters.codes;
	FriBidiStrIndex size = (FriBidiStrIndex)count;
	FriBidiBracketType *brackets;
	FriBidiArabicProp *joining;

	setting->base = setting->rtl ? FRIBIDI_PAR_WRTL : FRIBIDI_PAR_WLTR;
	setting->drawn = arena_alloc_many(setting->arena, count + 1, sizeof(uint32_t));
	if (count > 0)
		memcpy(setting->drawn, codes, count * sizeof(uint32_t));
	if (!setting->rtl && !runs_right_to_left(&setting->characters)) {
		setting->base = FRIBIDI_PAR_LTR;
		return;
	}
	setting->types = arena_alloc_many(setting->arena, count + 1, sizeof(*setting->types));
	setting->levels = arena_alloc_many(setting->arena, count + 1, sizeof(*setting->levels));
	brackets = arena_alloc_many(setting->arena, count + 1, sizeof(*brackets));
	joining = arena_alloc_many(setting->arena, count + 1, sizeof(*joining));
	fribidi_get_bidi_types(codes, size, setting->types);
	fribidi_get_bracket_types(codes, size, setting->types, brackets);
	if (fribidi_get_par_embedding_levels_ex(setting->types, brackets, size, &setting->base,
						setting->levels) == 0) {
		setting->types = NULL;
		setting->base = FRIBIDI_PAR_LTR;
		return;
	}
	fribidi_get_joining_types(codes, size, joining);
	fribidi_join_arabic(setting->types, size, setting->levels, joining);
	fribidi_shape(FRIBIDI_FLAGS_DEFAULT | FRIBIDI_FLAGS_ARABIC, setting->levels, size, joining,
		      setting->drawn);
}

static bool
is_mark(uint32_t code)
{
	return (U_GET_GC_MASK((UChar32)code) & U_GC_M_MASK) != 0;
}

/* A mark keeps the font of its letter, if that has it. */
static size_t
choose_font(const struct setting *setting, size_t at)
{
	uint32_t code = setting->drawn[at];
	struct font_style style;

	if (characters_is_invisible(code))
		return FONTS_NONE;
	if (at > 0 && is_mark(code) && fonts_covers(setting->fonts[at - 1], code))
		return setting->fonts[at - 1];
	style = setting->paragraph->style;
	style.bold = style.bold || setting->runs[setting->characters.runs[at]].bold;
	return fonts_choose(style, code);
}

static void
measure(struct setting *setting)
{
	const struct paragraph_measure *by = &setting->typesetter->measure;
	const struct characters *characters = &setting->characters;

	setting->fonts = arena_alloc_many(setting->arena, characters->count + 1, 1);
	setting->widths =
	    arena_alloc_many(setting->arena, characters->count + 1, sizeof(*setting->widths));
	for (size_t i = 0; i < characters->count; i++) {
		size_t font = choose_font(setting, i);

		/* A joined form that the fonts lack is drawn as the letter itself. */
		if (font == FONTS_NONE && setting->drawn[i] != FRIBIDI_CHAR_FILL) {
			setting->drawn[i] = characters->codes[i];
			font = choose_font(setting, i);
		}
		setting->fonts[i] = (unsigned char)font;
		if (font != FONTS_NONE)
			setting->widths[i] =
			    (float)by->width(by->context, font, setting->drawn[i]) *
			    setting->paragraph->size / 1000.0F;
	}
}

/* Where lines may end, as ICU knows it (UAX 14). */
static void
find_ends(struct setting *setting)
{
	const struct characters *characters = &setting->characters;
	UBreakIterator *breaks = setting->typesetter->breaks;
	UChar *text = arena_alloc_many(setting->arena, characters->count + 1, sizeof(*text));
	UErrorCode error = U_ZERO_ERROR;

	setting->may_end = arena_alloc_many(setting->arena, characters->count + 1, sizeof(bool));
	for (size_t i = 0; i < characters->count; i++)
		text[i] = (UChar)characters->codes[i];
	if (breaks == NULL)
		return;
	ubrk_setText(breaks, text, (int32_t)characters->count, &error);
	if (U_FAILURE(error))
		return;
	for (int32_t at = ubrk_first(breaks); at != UBRK_DONE; at = ubrk_next(breaks))
		setting->may_end[at] = true;
}

/* Characters [from, to) in the order from left to right: the number of each, counted from `from`.
 * A mark of Arabic or Hebrew comes before its letter there: fonts have it drawn over what is to its
 * right, and who copies text from the page gets it behind its letter again. */
static FriBidiStrIndex *
order(const struct setting *setting, size_t from, size_t to)
{
	FriBidiStrIndex *map = arena_alloc_many(setting->arena, to - from + 1, sizeof(*map));

	for (size_t i = 0; i < to - from; i++)
		map[i] = (FriBidiStrIndex)i;
	/* Without memory it fails, and the order is that of reading. */
	if (setting->types != NULL)
		(void)!fribidi_reorder_line(FRIBIDI_FLAGS_DEFAULT &
						~(FriBidiFlags)FRIBIDI_FLAG_REORDER_NSM,
					    setting->types + from, (FriBidiStrIndex)(to - from), 0,
					    setting->base, setting->levels + from, NULL, map);
	return map;
}

static struct slice
link_at(const struct setting *setting, size_t at)
{
	return setting->runs[setting->characters.runs[at]].link;
}

/* Characters in the order of the page, gathered where font and link go on. */
static void
give_line(struct setting *setting, size_t from, size_t to)
{
	const FriBidiStrIndex *map;
	struct line_piece *pieces =
	    arena_alloc_many(setting->arena, to - from + 1, sizeof(*pieces));
	uint32_t *codes = arena_alloc_many(setting->arena, to - from + 1, sizeof(*codes));
	struct text_line line = {.pieces = pieces, .rtl = FRIBIDI_IS_RTL(setting->base)};

	/* Blanks at the end take no room, at either side. */
	while (to > from && setting->drawn[to - 1] == ' ')
		to--;
	map = order(setting, from, to);
	for (size_t i = 0; i < to - from; i++) {
		size_t at = from + (size_t)map[i];
		struct line_piece *piece = line.count == 0 ? NULL : &pieces[line.count - 1];
		struct slice link = link_at(setting, at);

		if (setting->fonts[at] == FONTS_NONE)
			continue;
		codes[i] = setting->drawn[at];
		if (piece == NULL || piece->font != setting->fonts[at] ||
		    piece->codes + piece->count != codes + i || !slice_equal(piece->link, link)) {
			piece = &pieces[line.count++];
			*piece = (struct line_piece){.font = setting->fonts[at],
						     .codes = codes + i,
						     .link = link,
						     .x = line.width};
		}
		piece->count++;
		piece->width += setting->widths[at];
		line.width += setting->widths[at];
	}
	setting->sink(setting->context, &line);
}

/* A mark, or what was joined into the letter before it. */
static bool
clings(const struct setting *setting, size_t at)
{
	return is_mark(setting->characters.codes[at]) || setting->drawn[at] == FRIBIDI_CHAR_FILL;
}

/* The end of a line that begins at `from`: as many words as fit, or of a word that is too long as
 * many characters, at least one, and never a mark without its letter if that can be. */
static size_t
find_line_end(const struct setting *setting, size_t from)
{
	size_t count = setting->characters.count, end = from, at;
	float width = 0;

	for (at = from; at < count; at++) {
		if (setting->may_end[at])
			end = at;
		width += setting->widths[at];
		/* Blanks hang over the end. */
		if (width > setting->paragraph->width && setting->drawn[at] != ' ' && at > from)
			break;
	}
	if (at == count || end > from)
		return at == count ? count : end;
	end = at;
	while (end > from + 1 && clings(setting, end))
		end--;
	return clings(setting, end) ? at : end;
}

/* A line as it was written, without its end.  What it takes is gone when it is set. */
static size_t
set_line(struct setting *setting, const struct document_run *runs, size_t count)
{
	size_t from = 0;

	setting->arena = arena_new();
	setting->runs = runs;
	setting->types = NULL;
	setting->characters = characters_read(runs, count, setting->arena);
	shape(setting);
	setting->rtl = FRIBIDI_IS_RTL(setting->base);
	measure(setting);
	find_ends(setting);
	do {
		size_t end = find_line_end(setting, from);

		give_line(setting, from, end);
		from = end;
	} while (from < setting->characters.count);
	arena_free(setting->arena);
	return setting->characters.unseen;
}

/* How much of a text goes into so many bytes: up to its last blank there, or whole characters. */
static size_t
find_cut(struct slice text, size_t room)
{
	size_t cut = room;

	while (cut > 0 && text.data[cut - 1] != ' ')
		cut--;
	if (cut > 0)
		return cut;
	cut = room;
	while (cut > 0 && room - cut < 3 && (text.data[cut] & 0xc0U) == 0x80U)
		cut--;
	return cut;
}

size_t
typesetter_set(struct typesetter *typesetter, const struct paragraph *paragraph, line_sink *sink,
	       void *context)
{
	size_t unseen = 0, count = 0, size = 0;
	struct arena *arena = arena_new();
	struct document_run *runs =
	    arena_alloc_many(arena, paragraph->run_count + 1, sizeof(*runs));
	struct setting setting = {.typesetter = typesetter,
				  .paragraph = paragraph,
				  .rtl = paragraph->rtl,
				  .sink = sink,
				  .context = context};

	for (size_t i = 0; i < paragraph->run_count; i++) {
		struct slice rest = paragraph->runs[i].text;

		while (rest.size > 0) {
			size_t end = slice_find_byte(rest, '\n', 0), next = end + 1;

			if (end == SLICE_NONE)
				end = next = rest.size;
			if (end > LINE_SIZE_MAX - size)
				end = next = find_cut(rest, LINE_SIZE_MAX - size);
			runs[count] = paragraph->runs[i];
			runs[count++].text = slice_part(rest, 0, end);
			size += end;
			if (next == rest.size && next == end)
				break;
			unseen += set_line(&setting, runs, count);
			count = size = 0;
			rest = slice_part(rest, next, rest.size);
		}
	}
	if (count > 0)
		unseen += set_line(&setting, runs, count);
	arena_free(arena);
	return unseen;
}
