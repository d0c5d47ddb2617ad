/*
 * Pieces that all letters share.  Inside of mail/compose only.
 */
#ifndef MAIL_COMPOSE_PART_H
#define MAIL_COMPOSE_PART_H

#include "mail/compose.h"

#define COMPOSE_BOUNDARY_SIZE 48

/* The header fields of a letter up to and with MIME-Version. */
enum status compose_headers(const struct letter *letter, struct text *out) MUST_CHECK;

/* A new boundary: random, and of a form that no encoded line has ("=_"). */
void compose_boundary(char boundary[COMPOSE_BOUNDARY_SIZE]);

/* A line end that belongs to it, "--boundary", and with `last` the "--" behind it. */
void compose_delimiter(const char *boundary, bool last, struct text *out);

/* The header of a part that is a file, the blank line behind it included; what is encoded in that
 * way follows. */
void compose_file_part(const char *name, const char *type, const char *encoding, struct text *out);

/* Content-Type, encoding, blank line and the text, for a whole letter or one of its parts. */
void compose_text_part(struct slice body, bool flowed, struct text *out);

#endif
