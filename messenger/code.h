/* Codes that are mailed, as people type them. */
#ifndef MESSENGER_CODE_H
#define MESSENGER_CODE_H

#include "base/arena.h"

/* Without blanks, line ends and hyphens, which stand in it only to be read more easily. */
struct slice code_without_gaps(struct slice typed, struct arena *arena);

#endif
