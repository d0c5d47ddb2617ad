/*
 * What each entity of a message is good for, chosen as a reader would: which
 * are the body, which belong to it, which are files.  Nothing is left out:
 * what is not shown is a file.
 */
#ifndef MAIL_ROLES_H
#define MAIL_ROLES_H

#include "mail/manifest.h"
#include "mail/structure.h"

/* structure->count parts in the arena, all but decoded_size and sha256 filled in. */
struct part *roles_assign(const struct structure *structure, struct arena *arena);

#endif
