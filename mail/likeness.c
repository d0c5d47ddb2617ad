#include "mail/likeness.h"

#include <pthread.h>
#include <stdlib.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uspoof.h>
#include <unicode/utf16.h>

#include "base/text.h"
#include "mail/utf8.h"

#define UNITS 64
#define SLIP_LEAST ((size_t)4)

static pthread_once_t once = PTHREAD_ONCE_INIT;
static const UNormalizer2 *normaliser;
static USpoofChecker *checker;

static void
prepare(void)
{
	UErrorCode error = U_ZERO_ERROR;

	normaliser = unorm2_getNFKCInstance(&error);
	checker = uspoof_open(&error);
	if (U_FAILURE(error))
		abort();
}

static void
add(struct text *codes, uint32_t code)
{
	int8_t type = u_charType((UChar32)code);

	if (type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK ||
	    u_hasBinaryProperty((UChar32)code, UCHAR_DEFAULT_IGNORABLE_CODE_POINT))
		return;
	code = (uint32_t)u_foldCase((UChar32)code, U_FOLD_CASE_DEFAULT);
	text_append(codes, slice_of(&code, sizeof(code)));
}

/* One character of the decomposed text as the one it looks like. */
static void
add_prototype(struct text *codes, UChar32 code)
{
	UChar from[U16_MAX_LENGTH], to[UNITS];
	int32_t size = 0, got;
	UErrorCode error = U_ZERO_ERROR;

	code = u_foldCase(code, U_FOLD_CASE_DEFAULT);
	if (code < 0x80) {
		add(codes, (uint32_t)code);
		return;
	}
	U16_APPEND_UNSAFE(from, size, code);
	got = uspoof_getSkeleton(checker, 0, from, size, to, UNITS, &error);
	if (U_FAILURE(error)) {
		add(codes, (uint32_t)code);
		return;
	}
	for (int32_t i = 0; i < got;) {
		UChar32 prototype;

		U16_NEXT(to, i, got, prototype);
		add(codes, (uint32_t)prototype);
	}
}

static void
add_character(struct text *codes, uint32_t code)
{
	UChar units[UNITS];
	UErrorCode error = U_ZERO_ERROR;
	int32_t got = -1;

	if (code < 0x80) {
		add(codes, code);
		return;
	}
	got = unorm2_getDecomposition(normaliser, (UChar32)code, units, UNITS, &error);
	if (got < 0 || U_FAILURE(error)) {
		add_prototype(codes, (UChar32)code);
		return;
	}
	for (int32_t i = 0; i < got;) {
		UChar32 piece;

		U16_NEXT(units, i, got, piece);
		add_prototype(codes, piece);
	}
}

struct likeness
likeness_of(struct slice text, struct arena *arena)
{
	struct likeness likeness;
	struct text codes;

	pthread_once(&once, prepare);
	text_init(&codes, (text.size + 1) * UNITS * sizeof(uint32_t));
	for (size_t position = 0; position < text.size;)
		add_character(&codes, utf8_next(text, &position));
	likeness.count = codes.size / sizeof(uint32_t);
	likeness.codes = (uint32_t *)(void *)arena_copy(arena, text_slice(&codes)).data;
	text_clear(&codes);
	return likeness;
}

struct likeness
likeness_part(struct likeness whole, size_t from, size_t to)
{
	if (to > whole.count)
		to = whole.count;
	if (from > to)
		from = to;
	return (struct likeness){whole.codes + from, to - from};
}

struct likeness
likeness_word(struct likeness whole)
{
	size_t from = 0, to = whole.count;

	while (from < to && !likeness_is_letter(whole.codes[from]))
		from++;
	while (to > from && !likeness_is_letter(whole.codes[to - 1]))
		to--;
	return likeness_part(whole, from, to);
}

bool
likeness_near(struct likeness word, struct likeness other)
{
	const uint32_t *a = word.codes, *b = other.codes;
	size_t left = word.count, right = other.count;

	if (left > right + 1 || right > left + 1)
		return false;
	while (left > 0 && right > 0 && *a == *b) {
		a++;
		b++;
		left--;
		right--;
	}
	while (left > 0 && right > 0 && a[left - 1] == b[right - 1]) {
		left--;
		right--;
	}
	if (left == 0 && right == 0)
		return true;
	if (word.count < SLIP_LEAST)
		return false;
	if (left <= 1 && right <= 1)
		return true;
	return left == 2 && right == 2 && a[0] == b[1] && a[1] == b[0];
}

bool
likeness_is_letter(uint32_t code)
{
	return u_isalnum((UChar32)code);
}

bool
likeness_is_opening(uint32_t code)
{
	/* The low quotation marks are of the same class, but quote words. */
	return code == '<' || code == 0xab || code == 0x2039 ||
	       (u_charType((UChar32)code) == U_START_PUNCTUATION && code != 0x201a &&
		code != 0x201e);
}

bool
likeness_is_closing(uint32_t code)
{
	return code == '>' || code == 0xbb || code == 0x203a ||
	       u_charType((UChar32)code) == U_END_PUNCTUATION;
}
