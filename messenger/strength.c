#include "messenger/strength.h"

#include <math.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>
#include <zxcvbn.h>

#include "base/text.h"

/* zxcvbn looks at this many bytes in detail and takes what follows for a mere sequence. */
#define DETAIL_SIZE ((size_t)100)
/* From here on nobody cares how many more. */
#define ENOUGH_BITS 64.0
#define WORD_LEAST 3
#define WORD_MAX ((size_t)64)

static bool
is_ascii(struct slice text)
{
	for (size_t i = 0; i < text.size; i++)
		if (text.data[i] >= 0x80)
			return false;
	return true;
}

/*
 * zxcvbn takes each byte beyond ASCII for one of a hundred, so that a Cyrillic word of four letters
 * would be worth more than fifty bits.  One letter of a to z in place of each continuation byte
 * counts a letter of an alphabet as one letter, an ideograph as two, and keeps repetitions.
 */
static size_t
spell_in_ascii(struct slice text, unsigned char *out)
{
	size_t size = 0;

	for (size_t i = 0; i < text.size; i++) {
		unsigned char byte = text.data[i];

		if (byte < 0x80)
			out[size++] = byte;
		else if (byte < 0xc0)
			out[size++] = (unsigned char)('a' + (byte & 0x3f) % 26);
	}
	return size;
}

/*
 * zxcvbn keeps one copy of what it looks at, back to front, and overwrites it before it is freed;
 * what it leaves on the heap is where words were found and how likely these are.
 */
static double
look_at(const unsigned char *text, const char **words)
{
	return ZxcvbnMatch((const char *)text, words, NULL);
}

/*
 * Bits of a piece without NUL, which stands before one.  Whoever has to guess all of it has to
 * guess each part: so what lies behind the first DETAIL_SIZE bytes counts when it is stronger than
 * these.  Adding up the parts would count each repetition anew.
 */
static double
estimate_piece(unsigned char *piece, size_t size, const char **words)
{
	double most = look_at(piece, words);

	for (size_t from = DETAIL_SIZE; from < size && most < ENOUGH_BITS; from += DETAIL_SIZE) {
		size_t end = from + DETAIL_SIZE < size ? from + DETAIL_SIZE : size;
		unsigned char kept = piece[end];

		piece[end] = '\0';
		most = fmax(most, look_at(piece + from, words));
		piece[end] = kept;
	}
	return most;
}

/* zxcvbn's texts end at NUL; a passphrase may go on behind it. */
static double
estimate_form(struct slice form, const char **words)
{
	struct secret text;
	double bits = 0;
	size_t size;

	/* Normalising can lengthen a passphrase elevenfold; that makes it no stronger. */
	form = slice_part(form, 0, LOCK_PASSPHRASE_MAX);
	secret_init(&text, form.size + 1);
	size = spell_in_ascii(form, text.data);
	for (size_t from = 0; from < size && bits < ENOUGH_BITS;) {
		size_t piece = strlen((const char *)text.data + from);

		bits += estimate_piece(text.data + from, piece, words);
		from += piece + 1;
	}
	secret_clear(&text);
	return fmax(bits, 0);
}

/* A word of the context as the forgiving rule leaves it, without accents, in ASCII. */
static const char *
fold_word(struct slice word, struct arena *arena)
{
	struct secret folded;
	unsigned char *copy;

	if (lock_normalise(LOCK_FORGIVING, word, &folded) != STATUS_OK)
		return NULL;
	copy = arena_alloc(arena, folded.size + 1);
	spell_in_ascii(secret_slice(&folded), copy);
	secret_clear(&folded);
	return (const char *)copy;
}

/* The context as zxcvbn wants it: a list that ends with NULL.  Each word beyond ASCII comes in
 * both spellings that a form may have. */
static const char **
spell_context(const char *const *context, size_t count, struct arena *arena)
{
	size_t most = count < STRENGTH_WORDS_MAX ? count : STRENGTH_WORDS_MAX;
	const char **words = arena_alloc_many(arena, 2 * most + 1, sizeof(*words));
	size_t used = 0;

	for (size_t i = 0; i < most; i++) {
		struct slice word = slice_from_text(context[i]);
		unsigned char *spelled = arena_alloc(arena, word.size + 1);

		if (word.size > 0 && spell_in_ascii(word, spelled) > 0)
			words[used++] = (const char *)spelled;
		if (!is_ascii(word)) {
			const char *folded = fold_word(word, arena);

			if (folded != NULL)
				words[used++] = folded;
		}
	}
	return words;
}

enum status
strength_estimate(enum lock_rule rule, struct slice passphrase, const char *const *context,
		  size_t count, struct arena *arena, struct strength *out)
{
	const char **words;
	struct secret form, folded = {NULL, 0};
	enum status status = lock_normalise(rule, passphrase, &form);
	double bits;

	if (status != STATUS_OK)
		return status;
	words = spell_context(context, count, arena);
	bits = estimate_form(secret_slice(&form), words);
	/* zxcvbn knows words without accents only: whoever guesses tries both. */
	if (rule == LOCK_EXACT && !is_ascii(secret_slice(&form)))
		status = lock_normalise(LOCK_FORGIVING, passphrase, &folded);
	if (folded.size > 0)
		bits = fmin(bits, estimate_form(secret_slice(&folded), words));
	secret_clear(&folded);
	secret_clear(&form);
	if (status == STATUS_OK)
		*out = (struct strength){.bits = bits};
	return status;
}

static bool
is_of_a_word(UChar32 code)
{
	return code > 0 && (u_isalnum(code) || u_charType(code) == U_NON_SPACING_MARK);
}

static bool
is_listed(const char *word, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

/* The next word from *position on, in lower case; its characters, 0 at the end. */
static size_t
next_word(struct slice text, size_t *position, struct text *word)
{
	size_t characters = 0;

	text_reset(word);
	while (*position < text.size) {
		unsigned char bytes[U8_MAX_LENGTH];
		size_t size = 0;
		UChar32 code;

		U8_NEXT(text.data, *position, text.size, code);
		if (!is_of_a_word(code)) {
			if (characters > 0)
				break;
			continue;
		}
		U8_APPEND_UNSAFE(bytes, size, u_tolower(code));
		text_append(word, slice_of(bytes, size));
		characters++;
	}
	return characters;
}

void
strength_add_words(struct slice text, struct arena *arena, const char **words, size_t *count)
{
	struct text word;
	size_t position = 0, characters;

	text_init(&word, WORD_MAX);
	while (*count < STRENGTH_WORDS_MAX &&
	       (characters = next_word(text, &position, &word)) > 0) {
		if (characters >= WORD_LEAST && !is_listed(text_string(&word), words, *count))
			words[(*count)++] = arena_copy_text(arena, text_string(&word));
	}
	text_clear(&word);
}

/* One significant digit of 0.5 to 999. */
static unsigned
round_number(double number)
{
	double step = 1;
	double rounded;

	if (number >= 95)
		step = 100;
	else if (number >= 9.5)
		step = 10;
	rounded = round(number / step) * step;
	return (unsigned)fmin(rounded, 900);
}

void
strength_round(const struct strength *strength, unsigned *number_out, enum strength_unit *unit_out)
{
	double guesses = exp2(fmin(strength->bits, ENOUGH_BITS));
	int unit = STRENGTH_ONES;

	while (unit < STRENGTH_BEYOND && guesses >= (unit == STRENGTH_BILLIONS ? 1000 : 950)) {
		guesses /= 1000;
		unit++;
	}
	*unit_out = (enum strength_unit)unit;
	*number_out = unit == STRENGTH_BEYOND ? 1 : round_number(guesses);
	if (unit == STRENGTH_ONES && *number_out < 2)
		*number_out = 2;
}
