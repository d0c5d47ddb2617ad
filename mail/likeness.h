/*
 * What a reader would take for the same word: full-width and look-alike
 * letters, accents, invisible characters and one slip of the finger.
 */
#ifndef MAIL_LIKENESS_H
#define MAIL_LIKENESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"

/* A text folded to what it looks like: small letters, look-alikes as ASCII (Unicode TS 39),
 * without accents and invisible characters. */
struct likeness {
	uint32_t *codes;
	size_t count;
};

struct likeness likeness_of(struct slice text, struct arena *arena);

/* [from, to), both clamped. */
struct likeness likeness_part(struct likeness whole, size_t from, size_t to);

/* Without what is neither letter nor digit at both ends. */
struct likeness likeness_word(struct likeness whole);

/* Whether the two are equal or one slip apart: a letter missing, added, exchanged, or two
 * neighbours transposed.  Words under four letters must be equal. */
bool likeness_near(struct likeness word, struct likeness other);

bool likeness_is_letter(uint32_t code);
bool likeness_is_opening(uint32_t code);
bool likeness_is_closing(uint32_t code);

#endif
