/*
 * Which program a visitor uses, in a few words, by what it says of itself (User-Agent, RFC 9110
 * section 10.1.5).  It shows people which of their sessions is which, and decides nothing: anybody
 * can write anything there.
 */
#ifndef PORTAL_PROGRAM_H
#define PORTAL_PROGRAM_H

#include "base/slice.h"

/* Words of a table of ours, never what was sent; "" for what it does not know. */
struct program {
	const char *name;   /* "Firefox" */
	const char *system; /* "Linux" */
};
struct program program_guess(struct slice user_agent);

#endif
