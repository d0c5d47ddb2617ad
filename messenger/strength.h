/*
 * How guessable a passphrase is, for people who choose one: an estimate of how many an attacker
 * tries who knows what people like to take, and who knows the clue, the addresses and the names.
 * Made with zxcvbn, which knows English words, names, dates and keyboards, and rather guesses too
 * low than too high.  Advice only: what makes guessing slow is the lock and the throttle.
 */
#ifndef MESSENGER_STRENGTH_H
#define MESSENGER_STRENGTH_H

#include "crypto/lock.h"

struct strength {
	double bits; /* log2 of the guesses, from 0 */
};

/* Estimate what `passphrase` becomes under `rule`.  `context` are the `count` words that an
 * attacker tries first, the likeliest in front, in the form of strength_add_words; of more than
 * STRENGTH_WORDS_MAX the rest is left out.  The arena keeps copies of these words, none of the
 * passphrase.  May take a tenth of a second.  STATUS_INVALID and STATUS_TOO_LARGE as
 * lock_normalise. */
enum status
strength_estimate(enum lock_rule rule, struct slice passphrase, const char *const *context,
		  size_t count, struct arena *arena, struct strength *out) MUST_CHECK;

#define STRENGTH_WORDS_MAX ((size_t)128)

/* Append the words of `text` (a clue, a name, an address) of three or more letters or digits to
 * `words`, which has room for STRENGTH_WORDS_MAX and holds *count: in lower case, in their order,
 * cut at 64 bytes, none that is there already, none beyond the room.  They live in the arena. */
void strength_add_words(struct slice text, struct arena *arena, const char **words, size_t *count);

enum strength_unit {
	STRENGTH_ONES,
	STRENGTH_THOUSANDS,
	STRENGTH_MILLIONS,
	STRENGTH_BILLIONS,
	STRENGTH_BEYOND, /* over 10^12; the number says nothing */
};

/* The guesses as people read them, with one significant digit: 1 to 9, 10 to 90, 100 to 900 of the
 * unit; of STRENGTH_ONES at least 2, since nobody is right with the first try for sure. */
void
strength_round(const struct strength *strength, unsigned *number_out, enum strength_unit *unit_out);

#endif
