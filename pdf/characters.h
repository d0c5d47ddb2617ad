/*
 * The characters of one line of text as they can be drawn: composed, tabs set,
 * and each one that no font has, or that is not read in the order in which it is written,
 * written as its code and name, so that nothing is left out or told wrong in silence.
 */
#ifndef PDF_CHARACTERS_H
#define PDF_CHARACTERS_H

#include "base/arena.h"
#include "pdf/document.h"

struct characters {
	uint32_t *codes; /* none beyond U+FFFF */
	uint32_t *runs;	 /* of each, the number of the run it comes from */
	size_t count;
	size_t unseen; /* that are written as code and name */
};

/* Whether it is drawn by nothing at all: marks for joining, for breaking, for variants. */
bool characters_is_invisible(uint32_t code);

/* Runs without line ends.  Everything lives in the arena. */
struct characters
characters_read(const struct document_run *runs, size_t count, struct arena *arena);

#endif
