/*
 * What an entity's header says about its content: type, encoding,
 * disposition, name.  GMime reads the values (RFC 2045, 2183, 2231); what it
 * gives is bounded and cleaned here.
 */
#ifndef MAIL_CONTENT_H
#define MAIL_CONTENT_H

#include "mail/structure.h"

#define BOUNDARY_MAX ((size_t)998)

/* Fill in the entity from its header block; `fallback` is the type where none is given.
 * *boundary_out is "" for all but multiparts. */
void content_read(const struct header_block *block, const char *fallback, struct arena *arena,
		  struct entity *entity, const char **boundary_out);

#endif
