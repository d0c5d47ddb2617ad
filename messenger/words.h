/*
 * Lists of words that are easy to say on the telephone, for passphrases to suggest: "words/en.txt"
 * and "words/de.txt" beside the templates, WORDS_COUNT in each, one on a line, in order, of
 * a to z alone.  So each word is worth eleven bits, and none changes when a passphrase
 * is normalised.  Knows nothing of whom a suggestion is for.
 *
 * A set is not changed after it is loaded: any number of threads may draw from it.
 */
#ifndef MESSENGER_WORDS_H
#define MESSENGER_WORDS_H

#include <stdio.h>

#include "base/arena.h"
#include "base/status.h"

#define WORDS_COUNT ((size_t)2048)

struct words;

/* Load the lists below `folder`, the one that template_set_load gets; words_free frees.
 * STATUS_INVALID after writing the first fault of each list to `faults` as "file:line: what". */
enum status words_load(const char *folder, FILE *faults, struct words **words_out) MUST_CHECK;

/* NULL is fine. */
void words_free(struct words *words);

/* `count` words drawn at random, each from the whole list, a blank between them; lives in the
 * arena.  `language` is "en" or "de"; anything else counts as "en". */
const char *
words_suggest(const struct words *words, const char *language, size_t count, struct arena *arena);

#endif
